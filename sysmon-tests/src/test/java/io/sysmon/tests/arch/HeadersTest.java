package io.sysmon.tests.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Abi;
import io.sysmon.Errno;
import io.sysmon.Signal;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.decode.SyscallTable;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares what the library knows of the kernel's interface with the kernel's headers: static
 * assertions made of the library's own numbers, of which a compiler says whether they hold. Nothing
 * of it runs, so that any machine checks every CPU whose headers it has.
 */
class HeadersTest {
  /** {@code NAME value}, with a mask, and with what an ABI has instead. */
  private static final Pattern CONSTANT =
      Pattern.compile(
          "([A-Z]\\w+) (0x[0-9a-f]+|\\d+|-)(?:/\\w+)?(?: aarch64=(0x[0-9a-f]+|\\d+|-))?");

  private final StringBuilder source = new StringBuilder();

  private void include(String... headers) {
    for (String header : headers) {
      source.append("#include <").append(header).append(">\n");
    }
    source.append("#define offsetof(type, member) __builtin_offsetof(type, member)\n");
  }

  private void same(String expression, long value) {
    source.append("_Static_assert((unsigned long long) (").append(expression).append(") == 0x");
    source.append(Long.toHexString(value)).append("ULL, \"").append(expression.replace("\"", ""));
    source.append(" is not ").append(value).append("\");\n");
  }

  private void sameIfDefined(String macro, long value) {
    source.append("#ifdef ").append(macro).append('\n');
    // 1 << 31 is negative.
    same(value >>> 31 == 1 ? "(unsigned) " + macro : macro, value);
    source.append("#endif\n");
  }

  private void assertAgreement(Headers headers) {
    headers.assume();
    assertEquals("", headers.objections(source.toString()));
    // Else it could be that the compiler looks at none of it.
    same("1", 2);
    assertNotEquals("", headers.objections(source.toString()));
  }

  private static Architecture architecture(String name) {
    return ServiceLoader.load(Architecture.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(architecture -> architecture.name().equals(name))
        .findAny()
        .orElseThrow();
  }

  private void sameConstants(String type, String prefix, String... names) {
    for (String name : names) {
      same(prefix + name, LibraryConstant.of(type, name));
    }
  }

  @Test
  void theRegistersOfAarch64LieWhereUserPtRegsHasThem() {
    include("asm/ptrace.h", "linux/elf.h");
    Architecture aarch64 = architecture("aarch64");
    RegisterLayout layout = aarch64.registers();
    same("sizeof(struct user_pt_regs)", layout.size());
    for (String name : layout.names()) {
      String member = name.startsWith("x") ? "regs[" + name.substring(1) + "]" : name;
      same("offsetof(struct user_pt_regs, " + member + ")", layout.offset(name));
    }
    same("NT_ARM_SYSTEM_CALL", aarch64.numberRegset());
    assertAgreement(Headers.AARCH64);
  }

  @Test
  void theRegistersThatASignalSavesOnAarch64LieWhereItsFrameHasThem() {
    include("asm/siginfo.h", "asm/signal.h", "asm/sigcontext.h", "asm/ucontext.h");
    Architecture aarch64 = architecture("aarch64");
    int saved = aarch64.signalFrame().orElseThrow().registers();
    int count = aarch64.dwarfRegisters().names().size();
    String uc = "sizeof(siginfo_t) + offsetof(struct ucontext, uc_mcontext.";
    same(uc + "regs)", saved);
    same(uc + "sp)", saved + aarch64.dwarfRegisters().stackPointer() * Long.BYTES);
    same(uc + "pc)", saved + count * Long.BYTES);
    assertAgreement(Headers.AARCH64);
  }

  /**
   * {@code struct pt_regs}, with other names for some, is the beginning of {@code
   * user_regs_struct}, which is the C library's.
   */
  @Test
  void theRegistersOfX86LieWherePtRegsHasThem() {
    include("asm/ptrace.h");
    RegisterLayout layout = architecture("x86_64").registers();
    int last = layout.offset("ss");
    for (String name : layout.names()) {
      if (layout.offset(name) <= last) {
        same("offsetof(struct pt_regs, " + name + ")", layout.offset(name));
      }
    }
    same("sizeof(struct pt_regs)", last + Long.BYTES);
    assertAgreement(Headers.X86_64);
  }

  @ParameterizedTest
  @EnumSource
  void theArchitecturesAreTheAuditSystems(Headers headers) {
    include("linux/audit.h");
    for (Architecture architecture : List.of(architecture("x86_64"), architecture("aarch64"))) {
      for (Abi abi : architecture.abis()) {
        String name = abi.name().equals("x32") ? "x86_64" : abi.name();
        same(
            "AUDIT_ARCH_" + name.toUpperCase(Locale.ROOT), Integer.toUnsignedLong(abi.auditArch()));
      }
    }
    assertAgreement(headers);
  }

  @ParameterizedTest
  @EnumSource
  void eachCallThatTheHeadersHaveHasTheirNumber(Headers headers) {
    include("asm/unistd.h");
    int compared = 0;
    for (SyscallSignature call :
        SyscallTable.get().abi(headers.name().toLowerCase(Locale.ROOT)).all()) {
      sameIfDefined("__NR_" + call.name(), call.number());
      compared++;
    }
    assertTrue(compared > 300);
    assertAgreement(headers);
  }

  @ParameterizedTest
  @EnumSource
  void errorNumbersAndSignalsAreTheHeaders(Headers headers) {
    include("linux/errno.h", "linux/signal.h");
    for (Errno errno : Errno.values()) {
      sameIfDefined(errno.name(), errno.number());
    }
    for (int number = 1; number < 32; number++) {
      same(Signal.of(number).name(), number);
    }
    assertAgreement(headers);
  }

  @ParameterizedTest
  @EnumSource
  void requestsAndOptionsOfPtraceAreTheHeaders(Headers headers) {
    include("linux/ptrace.h", "linux/elf.h");
    String ptrace = "internal.sys.Ptrace";
    sameConstants(
        ptrace,
        "PTRACE_",
        "PEEKDATA",
        "POKEDATA",
        "CONT",
        "SINGLESTEP",
        "DETACH",
        "SYSCALL",
        "GETEVENTMSG",
        "GETSIGINFO",
        "SETSIGINFO",
        "GETREGSET",
        "SETREGSET",
        "SEIZE",
        "INTERRUPT",
        "LISTEN",
        "SETOPTIONS",
        "SYSCALL_INFO_ENTRY",
        "SYSCALL_INFO_EXIT",
        "SYSCALL_INFO_SECCOMP");
    same("PTRACE_PEEKUSR", LibraryConstant.of(ptrace, "PEEKUSER"));
    same("PTRACE_POKEUSR", LibraryConstant.of(ptrace, "POKEUSER"));
    sameConstants(ptrace, "PTRACE_O_", "EXITKILL", "TRACESECCOMP", "SUSPEND_SECCOMP");
    same("NT_PRSTATUS", LibraryConstant.of(ptrace, "NT_PRSTATUS"));
    sameConstants(
        "internal.event.WaitStatus",
        "PTRACE_",
        "EVENT_FORK",
        "EVENT_VFORK",
        "EVENT_CLONE",
        "EVENT_EXEC",
        "EVENT_SECCOMP",
        "EVENT_STOP");
    for (String[] field :
        new String[][] {
          {"ARCH", "arch"},
          {"IP", "instruction_pointer"},
          {"SP", "stack_pointer"},
          {"NR", "entry.nr"},
          {"ARGS", "entry.args"},
          {"RVAL", "exit.rval"},
          {"IS_ERROR", "exit.is_error"},
          {"RET_DATA", "seccomp.ret_data"}
        }) {
      same(
          "offsetof(struct ptrace_syscall_info, " + field[1] + ")",
          LibraryConstant.of(ptrace, "INFO_" + field[0] + "_OFFSET"));
    }
    if (headers != Headers.I386) {
      // With what pads it to 8 bytes.
      same("sizeof(struct ptrace_syscall_info)", LibraryConstant.of(ptrace, "INFO_SIZE"));
    }
    assertAgreement(headers);
  }

  /** Of 64-bit programs: a tracer reads them as its own CPU has them. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "I386")
  void theFieldsOfSiginfoLieWhereTheHeadersHaveThem(Headers headers) {
    include("linux/signal.h");
    same("sizeof(siginfo_t)", LibraryConstant.of("SigInfo", "SIZE"));
    for (String[] field :
        new String[][] {
          {"SIGNO", "si_signo"},
          {"ERRNO", "si_errno"},
          {"CODE", "si_code"},
          {"PID", "si_pid"},
          {"UID", "si_uid"},
          {"ADDRESS", "si_addr"},
          {"STATUS", "si_status"},
          {"VALUE", "si_value"},
          {"TIMER_ID", "si_tid"},
          {"OVERRUN", "si_overrun"},
          {"BAND", "si_band"},
          {"FD", "si_fd"},
          {"SYSCALL", "si_syscall"},
          {"ARCH", "si_arch"},
          {"UTIME", "si_utime"},
          {"STIME", "si_stime"}
        }) {
      same(
          "offsetof(siginfo_t, " + field[1] + ")",
          LibraryConstant.of("SigInfo", field[0] + "_OFFSET"));
    }
    assertAgreement(headers);
  }

  @ParameterizedTest
  @EnumSource
  void theFiltersInstructionsAndVerdictsAreTheHeaders(Headers headers) {
    include("linux/seccomp.h", "linux/filter.h");
    String instruction = "internal.seccomp.Instruction";
    same("sizeof(struct sock_filter)", LibraryConstant.of(instruction, "SIZE"));
    same("BPF_LD | BPF_W | BPF_ABS", LibraryConstant.of(instruction, "LOAD"));
    same("BPF_ALU | BPF_AND | BPF_K", LibraryConstant.of(instruction, "AND"));
    same("BPF_JMP | BPF_JA", LibraryConstant.of(instruction, "JUMP"));
    same("BPF_JMP | BPF_JEQ | BPF_K", LibraryConstant.of(instruction, "IF_EQUAL"));
    same("BPF_JMP | BPF_JGE | BPF_K", LibraryConstant.of(instruction, "IF_NOT_BELOW"));
    same("BPF_RET | BPF_K", LibraryConstant.of(instruction, "RETURN"));
    sameConstants("internal.seccomp.CallRule", "SECCOMP_", "RET_ALLOW", "RET_TRACE", "RET_ERRNO");
    String filter = "internal.seccomp.FilterProgram";
    same("BPF_MAXINSNS", LibraryConstant.of(filter, "MAX_LENGTH"));
    same("offsetof(struct seccomp_data, nr)", LibraryConstant.of(filter, "NUMBER_OFFSET"));
    same("offsetof(struct seccomp_data, arch)", LibraryConstant.of(filter, "ARCH_OFFSET"));
    same("offsetof(struct seccomp_data, args)", LibraryConstant.of(filter, "ARGUMENTS_OFFSET"));
    assertAgreement(headers);
  }

  /** All of the table of constants that is a macro there: those that differ between CPUs are. */
  @ParameterizedTest
  @EnumSource
  void constantsHaveTheValuesOfTheHeaders(Headers headers) throws IOException {
    include(
        "linux/fcntl.h",
        "linux/mman.h",
        "linux/prctl.h",
        "linux/futex.h",
        "linux/sched.h",
        "linux/wait.h",
        "linux/resource.h",
        "linux/stat.h",
        "linux/mount.h",
        "linux/seccomp.h",
        "linux/ptrace.h",
        "linux/eventpoll.h",
        "linux/membarrier.h",
        "linux/memfd.h",
        "linux/random.h",
        "linux/reboot.h",
        "linux/keyctl.h",
        "linux/in.h",
        "linux/tcp.h",
        "asm/socket.h",
        "asm/poll.h",
        "asm/ioctls.h",
        "asm/termbits.h",
        "asm/ipcbuf.h",
        "linux/sem.h",
        "linux/msg.h");
    int compared = 0;
    try (BufferedReader table =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(SyscallTable.class.getResourceAsStream("constants.txt")),
                StandardCharsets.UTF_8))) {
      for (String line = table.readLine(); line != null; line = table.readLine()) {
        Matcher constant = CONSTANT.matcher(line);
        if (constant.matches()) {
          String own = headers == Headers.AARCH64 ? constant.group(3) : null;
          String value = own == null ? constant.group(2) : own;
          if (!value.equals("-")) {
            sameIfDefined(constant.group(1), Long.decode(value));
            compared++;
          }
        }
      }
    }
    assertTrue(compared > 2000, "of " + compared);
    assertAgreement(headers);
  }
}
