package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.listener;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.SeccompMode;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TracePermissionException;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The verbs in tracees with seccomp filters of their own: where the filter can be suspended they
 * work and it is in force again afterwards; where not, they are refused and nobody is harmed.
 */
class FilteredTest {
  private static final int FIRST = 200;
  private static final int ASKS = 4;

  /** What the guest's filters do to the call that they do not allow, which is its last. */
  private static final Map<String, String> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("kill_process", "child killed by 31\n");
    KINDS.put("kill_thread", "child killed by 31\n");
    KINDS.put("errno", "getpid -1\nchild exited 5\n");
    KINDS.put("trap", "getpid 1\nchild exited 5\n");
    KINDS.put("log", "getpid 1\nchild exited 5\n");
    KINDS.put("trace", "getpid -38\nchild exited 5\n");
    KINDS.put("notify", "getpid -38\nchild exited 5\n");
    KINDS.put("stacked", "child killed by 31\n");
    KINDS.put("tsync", "child killed by 31\n");
    KINDS.put("vfork", "child killed by 31\n");
    KINDS.put("strict", "child killed by 9\n");
  }

  /** The kernel refuses strict mode to who has a filter already. */
  private static SeccompMode mode(String kind) {
    return kind.equals("strict") ? SeccompMode.OFF : SeccompMode.AUTO;
  }

  static Stream<String> kinds() {
    return KINDS.keySet().stream();
  }

  /** Does what each of the guest's writes asks for, and counts what was refused. */
  private static final class Verbs {
    final SyscallListener listener = listener(Interest.of("write"), this::enter, this::exit);
    private final List<Boolean> refused = new ArrayList<>();

    private static int asked(SyscallStop call) {
      int index = (int) call.arg(0) - FIRST;
      return index >= 0 && index < ASKS ? index : -1;
    }

    private void enter(SyscallEnter call) {
      switch (asked(call)) {
        case 0 -> attempt(() -> inject(call));
        case 1 ->
            attempt(
                () -> {
                  byte[] text = "new text\n".getBytes(StandardCharsets.UTF_8);
                  call.relocateBuffer(1, 2, text, true);
                  call.setArg(0, 1);
                });
        case 2 -> attempt(() -> call.skip(4711));
        case 3 -> attempt(() -> call.fail(Errno.EACCES));
        default -> {}
      }
    }

    private void exit(SyscallExit call) {
      if (asked(call) == 0) {
        attempt(() -> inject(call));
      }
    }

    private static void inject(SyscallStop call) {
      assertEquals(call.tid(), call.syscall("gettid"));
      assertEquals(call.pid(), call.syscall("getpid"));
    }

    private void attempt(Runnable verb) {
      try {
        verb.run();
        refused.add(false);
      } catch (TracePermissionException e) {
        refused.add(e.getMessage().contains("CAP_SYS_ADMIN"));
      }
    }
  }

  private static final String DONE = "asked -9\nnew text\nasked 9\nasked 4711\nasked -13\n";
  private static final String UNTOUCHED = "asked -9\n".repeat(ASKS);

  @ParameterizedTest
  @MethodSource("kinds")
  void theFilterIsSuspendedForTheVerbsAndThenInForceAgain(String kind) {
    Verbs verbs = new Verbs();
    Outcome outcome =
        Outcome.traced(mode(kind), guest("filtered", "filtered", kind), verbs.listener);
    assertEquals(DONE + KINDS.get(kind) + "unfiltered:\n" + DONE, outcome.stdout());
    assertEquals(List.of(false, false, false, false, false), verbs.refused.subList(0, 5));
    assertEquals(10, verbs.refused.size());
  }

  /** Runs in a JVM of its own. */
  static final class Unprivileged {
    private Unprivileged() {}

    /** Traces the guest with each kind of filter, and tells what was refused. */
    public static void main(String[] arguments) {
      for (String kind : KINDS.keySet()) {
        Verbs verbs = new Verbs();
        Outcome outcome =
            Outcome.traced(
                mode(kind), new ProcessBuilder(arguments[0], "filtered", kind), verbs.listener);
        System.out.print(kind + " " + verbs.refused + "\n" + outcome.stdout());
      }
    }
  }

  @Test
  void withoutThePrivilegeTheVerbsAreRefusedAndTheTraceeGoesOn() {
    List<String> command = new ArrayList<>(guest("remote", "unprivileged").command());
    command.addAll(ChildJvm.of(Unprivileged.class, guest("filtered").command().get(0)).command());
    Outcome outcome = Outcome.bare(new ProcessBuilder(command));
    StringBuilder expected = new StringBuilder();
    KINDS.forEach(
        (kind, end) ->
            expected
                .append(kind)
                .append(" [true, true, true, true, true, false, false, false, false, false]\n")
                .append(UNTOUCHED)
                .append(end)
                .append("unfiltered:\n")
                .append(DONE));
    assertEquals(new Outcome(expected.toString(), "", 0), outcome);
  }

  @Test
  void theFilterJudgesTheCallThatListenersLeave() {
    SyscallListener toAnAllowedOne = onEnter("getpid", call -> call.setNumber("getppid"));
    Outcome outcome = Outcome.traced(Alike.guest("seccomp", "errno"), toAnAllowedOne);
    assertEquals(
        "no EPERM\n".repeat(50), outcome.stdout().substring(0, 50 * "no EPERM\n".length()));
    SyscallListener toAForbiddenOne = onEnter("getppid", call -> call.setNumber("getpid"));
    assertEquals(
        "child killed by 31\n",
        Outcome.traced(Alike.guest("seccomp", "kill-process"), toAForbiddenOne).stdout());
  }

  @Test
  void theHandlerOfATrappedCallSeesWhatTheProgramPassed() {
    SyscallListener changing =
        onEnter(
            "getpgid",
            call -> {
              for (int i = 0; i < 6; i++) {
                call.setArg(i, 4711);
              }
            });
    assertEquals(
        Outcome.bare(Alike.guest("seccomp", "trap")),
        Outcome.traced(Alike.guest("seccomp", "trap"), changing));
  }

  /** Each time, another thread's filter comes while calls are being injected, which it forbids. */
  @Test
  void aFilterThatComesOverAThreadDuringAVerbDoesNotKillIt() {
    SyscallListener injecting =
        onEnter(
            "write",
            call -> {
              if (call.arg(0) == FIRST) {
                call.syscall("getpid");
              }
            });
    Outcome outcome = Outcome.traced(guest("filtered", "tsync_races", 100), injecting);
    assertEquals("bad=0\n", outcome.stdout());
  }
}
