package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.Errno;
import io.sysmon.SeccompMode;
import io.sysmon.SeccompUnavailableException;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.internal.launch.Gate;
import io.sysmon.internal.seccomp.CallRule;
import io.sysmon.internal.seccomp.CallRule.ArgumentTest;
import io.sysmon.internal.seccomp.CallRules;
import io.sysmon.internal.seccomp.FilterProgram;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The filter that launched programs get, by which only wanted calls stop. Immutable. */
final class LaunchFilter {
  /** The data of its stops. Among the tracee's own filters that say {@code TRACE}, unlikely. */
  static final int DATA = 0x5e59;

  private static final CallRule TRACE = CallRule.trace(DATA);
  private static final CallRule SETS_SECCOMP =
      TRACE.when(new ArgumentTest(0, -1, Escapes.PR_SET_SECCOMP));
  private static final CallRule CLONES_UNTRACED =
      TRACE.when(new ArgumentTest(0, Escapes.CLONE_UNTRACED, Escapes.CLONE_UNTRACED));
  private static final CallRule OPENS_USERFAULTFD =
      TRACE.when(new ArgumentTest(1, -1, UserFaults.USERFAULTFD_IOC_NEW));

  private final SeccompMode mode;
  private final @Nullable FilterProgram program;

  private LaunchFilter(SeccompMode mode, @Nullable FilterProgram program) {
    this.mode = mode;
    this.program = program;
  }

  static LaunchFilter of(
      SeccompMode mode, List<Abi> abis, List<SyscallNumbers> numbers, Listeners listeners) {
    boolean helps =
        mode != SeccompMode.OFF && listeners.wantsSyscalls() && !listeners.wantsEverySyscall();
    return new LaunchFilter(mode, helps ? program(abis, numbers, listeners) : null);
  }

  private static FilterProgram program(
      List<Abi> abis, List<SyscallNumbers> numbers, Listeners listeners) {
    // What has no name: a number that no call has, or an architecture that is not supported.
    CallRule others = listeners.wantsUnnamed() ? TRACE : CallRule.ALLOW;
    // Of x86_64 and x32, which share one architecture, the numbers differ.
    Map<Integer, Map<Integer, CallRule>> byArch = new LinkedHashMap<>();
    for (int abi = 0; abi < abis.size(); abi++) {
      Map<Integer, CallRule> rules =
          byArch.computeIfAbsent(abis.get(abi).auditArch(), arch -> new HashMap<>());
      SyscallNumbers calls = numbers.get(abi);
      for (int index = 0; index < calls.indexes() - 1; index++) {
        SyscallSignature call = calls.at(index);
        String name = call.name();
        int errno = listeners.failure(abi, index);
        CallRule rule;
        if (listeners.wants(abi, index) || (errno != 0 && isInjected(name))) {
          rule = TRACE;
        } else {
          rule = errno != 0 ? CallRule.fail(errno) : houseRule(name);
        }
        if (!rule.equals(others) && call.isKnown()) {
          rules.put((int) call.number(), rule);
        }
      }
    }
    List<CallRules> architectures = new ArrayList<>();
    byArch.forEach((arch, rules) -> architectures.add(new CallRules(arch, rules, others)));
    return FilterProgram.of(architectures, others);
  }

  /** Calls that are made for the verbs, also where the filter cannot be suspended for them. */
  private static boolean isInjected(String name) {
    return switch (name) {
      case "mmap", "mmap2", "munmap", "madvise" -> true;
      default -> false;
    };
  }

  /**
   * Calls that must be seen, whoever wants them: {@link Escapes}, {@link UserFaults}, {@link
   * Placer}.
   */
  private static CallRule houseRule(String name) {
    return switch (name) {
      case "seccomp", "clone3", "userfaultfd", "sched_getaffinity", "sched_setaffinity" -> TRACE;
      case "prctl" -> SETS_SECCOMP;
      case "clone" -> CLONES_UNTRACED;
      case "ioctl" -> OPENS_USERFAULTFD;
      default -> CallRule.ALLOW;
    };
  }

  /** Whether launched programs may have it. */
  boolean isUsed() {
    return program != null;
  }

  /**
   * Gives it to a program that is about to be started.
   *
   * @return whether it has it now
   * @throws SeccompUnavailableException when it must have it and cannot
   */
  boolean install(Gate gate) {
    if (program == null) {
      return false;
    }
    int errno = gate.filter(program);
    if (errno != 0 && mode == SeccompMode.REQUIRED) {
      throw new SeccompUnavailableException(
          "The kernel refused the seccomp filter with "
              + Errno.find(errno).map(Errno::name).orElse("errno " + errno)
              + ": it has no CONFIG_SECCOMP_FILTER, or this process runs in a sandbox that forbids"
              + " seccomp(2). SeccompMode.AUTO traces without it");
    }
    return errno == 0;
  }
}
