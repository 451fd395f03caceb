package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.SeccompMode;
import io.sysmon.SeccompUnavailableException;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallRecord;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Launched programs stop only at calls that a listener wants, and nothing else changes for them.
 */
class FilterTest {
  private static ProcessBuilder guest(String mode) {
    return new ProcessBuilder(Guest.compile("filtered", "-pthread").toString(), mode);
  }

  private static Outcome filtered(ProcessBuilder command, Listener... listeners) {
    return Outcome.traced(SeccompMode.REQUIRED, command, listeners);
  }

  /** What the program itself can tell: the number of its filters. */
  private static String status(SeccompMode mode, Interest interest) {
    return Outcome.traced(mode, guest("status"), new Recorder(interest)).stdout();
  }

  @Test
  void aProgramHasAFilterWhenSomeCallsAreWanted() {
    String filtered = "seccomp 2, no_new_privs 0\n";
    assertEquals(filtered, status(SeccompMode.AUTO, Interest.enter("getppid")));
    assertEquals(filtered, status(SeccompMode.REQUIRED, Interest.exit("getppid")));
  }

  @Test
  void aProgramHasNoFilterWhenAllOrNoneAreWantedOrItIsOff() {
    String unfiltered = "seccomp 0, no_new_privs 0\n";
    assertEquals(unfiltered, status(SeccompMode.AUTO, Interest.all()));
    assertEquals(unfiltered, status(SeccompMode.REQUIRED, Interest.none()));
    assertEquals(unfiltered, status(SeccompMode.OFF, Interest.enter("getppid")));
  }

  @Test
  void wantedCallsAreSeenInEveryTaskAndNoOthers() {
    Recorder recorder = new Recorder(Interest.of("getppid").and(Interest.enter("getuid")));
    Outcome outcome = filtered(guest("calls"), recorder);
    assertEquals(new Outcome("child exited 3\n", "", 0), outcome);
    assertEquals(30, recorder.enters("getppid").size());
    assertEquals(30, recorder.exits("getppid").size());
    assertEquals(30, recorder.enters("getuid").size());
    assertEquals(60, recorder.all(Recorder.Enter.class).size());
    assertEquals(30, recorder.all(Recorder.Exit.class).size());
    assertEquals(3, recorder.all(Recorder.Start.class).size());
  }

  @Test
  void callsThatAreLeftOutDoNotStopAndAllOthersDo() {
    Recorder recorder = new Recorder(Interest.allBut("getppid"));
    Outcome outcome = filtered(guest("calls"), recorder);
    assertEquals(new Outcome("child exited 3\n", "", 0), outcome);
    assertEquals(0, recorder.enters("getppid").size());
    assertEquals(30, recorder.exits("getuid").size());
    assertEquals(1, recorder.enters("execve").size());
    assertTrue(recorder.enters("exit_group").size() > 1);
    String filtered = "seccomp 2, no_new_privs 0\n";
    assertEquals(filtered, status(SeccompMode.REQUIRED, Interest.allBut("getppid")));
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void callsWithoutANameAreSeenWhenSomeAreLeftOut(SeccompMode mode) {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")));
    Recorder recorder = new Recorder(Interest.allBut("%file"));
    String script = "import ctypes; print(ctypes.CDLL(None).syscall(4000))";
    Outcome outcome =
        Outcome.traced(mode, new ProcessBuilder("/usr/bin/python3", "-Sc", script), recorder);
    assertEquals("-1\n", outcome.stdout());
    assertEquals(1, recorder.exits("syscall_0xfa0").size());
  }

  @Test
  void anExitCanBeWantedWithoutItsEntry() {
    Recorder recorder = new Recorder(Interest.exit("getuid"));
    filtered(guest("calls"), recorder);
    List<SyscallRecord> exits = recorder.exits("getuid");
    assertEquals(30, exits.size());
    assertTrue(exits.stream().allMatch(call -> call.exit() != null && call.exit().result() == 0));
    assertEquals(0, recorder.all(Recorder.Enter.class).size());
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void whatIsSeenIsTheSameWithAndWithoutAFilter(SeccompMode mode) {
    Interest interest = Interest.of("execve", "openat", "close", "clone3", "clone", "wait4");
    Recorder recorder = new Recorder(interest);
    String script = "cat /etc/hostname | wc -l; (exit 7) & wait $!; /bin/echo $?";
    Outcome outcome = Outcome.traced(mode, new ProcessBuilder("sh", "-c", script), recorder);
    assertTrue(outcome.stdout().endsWith("\n7\n"), outcome::stdout);
    List<String> programs = new ArrayList<>();
    recorder.exits("execve").stream()
        .filter(call -> call.exit() != null && call.exit().result() == 0)
        .forEach(call -> programs.add(call.name()));
    assertEquals(4, programs.size());
    assertEquals(4, recorder.all(Recorder.Exec.class).size());
    assertEquals(recorder.enters("openat").size(), recorder.exits("openat").size());
    assertFalse(recorder.enters("openat").isEmpty());
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void anEntryThatIsWantedAloneIsToldWhenItIsMadeAgain(SeccompMode mode) {
    Recorder recorder = new Recorder(Interest.enter("read"));
    Outcome outcome = Outcome.traced(mode, guest("restarted"), recorder);
    assertEquals("got a, handled 1\ngot b, handled 2\nchild exited 0\n", outcome.stdout());
  }

  @Test
  void restartsAreToldOfCallsWhoseExitNobodyWants() {
    // On aarch64 a signal's stop does not show that a call was interrupted.
    Cpu.X86_64.assume();
    List<Boolean> restarts = new ArrayList<>();
    SyscallListener listener =
        SyscallListener.onEnter(
            Interest.enter("read"),
            call -> {
              if (call.arg(2) == 1) {
                restarts.add(call.isRestart());
              }
            });
    filtered(guest("restarted"), listener);
    assertEquals(List.of(false, true, false, true, false), restarts);
  }

  @Test
  void aFilteredProcessCannotBeDetached() throws Exception {
    Recorder recorder = new Recorder(Interest.enter("getppid"));
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      TraceeHandle cat = tracer.launch(new ProcessBuilder("cat"));
      IllegalTraceeStateException refused =
          assertThrows(IllegalTraceeStateException.class, cat::detach);
      assertTrue(refused.getMessage().contains("SeccompMode.OFF"), refused::getMessage);
      assertThrows(IllegalTraceeStateException.class, () -> cat.detach(Duration.ofSeconds(1)));
      assertTrue(cat.isTraced());
      cat.process().getOutputStream().close();
      assertEquals(0, cat.waitFor());
      cat.detach();
    }
  }

  @Test
  void childrenThatWouldEscapeAreTraced() {
    Recorder recorder = new Recorder(Interest.enter("getppid"));
    Outcome outcome = filtered(guest("untraced"), recorder);
    assertEquals(new Outcome("clone exited 41\nflags kept: 1\nclone3 exited 42\n", "", 0), outcome);
    assertEquals(2, recorder.enters("getppid").size());
    assertEquals(3, recorder.all(Recorder.End.class).size());
  }

  @ParameterizedTest
  @CsvSource({"own, getppid, 3", "left, getppid, 1"})
  void callsThatTheProgramsOwnFilterAnswersAreSeen(String mode, String name, int calls) {
    Outcome bare = Outcome.bare(guest(mode));
    Recorder recorder = new Recorder(Interest.of(name));
    assertEquals(bare, filtered(guest(mode), recorder));
    assertEquals(calls, recorder.enters(name).size());
    assertEquals(calls, recorder.exits(name).size());
  }

  @Test
  void whatAProgramsFilterLeavesToATracerFailsAlsoWhenNobodyWantsIt() {
    Recorder recorder = new Recorder(Interest.enter("openat"));
    assertEquals(Outcome.bare(guest("left")), filtered(guest("left"), recorder));
  }

  /** Runs in a JVM of its own. */
  static final class Unprivileged {
    private Unprivileged() {}

    /** Traces a guest with a filter. */
    public static void main(String[] arguments) {
      Recorder recorder = new Recorder(Interest.of("prctl"));
      Outcome outcome = filtered(new ProcessBuilder(arguments[0], "status"), recorder);
      System.out.print(outcome.stdout() + recorder.exits("prctl").size() + "\n");
    }
  }

  /** Runs in a JVM that may not call seccomp(2). */
  static final class Forbidden {
    private Forbidden() {}

    /** Traces a guest with a filter if there may be one, and then only with one. */
    public static void main(String[] arguments) {
      for (SeccompMode mode : List.of(SeccompMode.AUTO, SeccompMode.REQUIRED)) {
        Recorder recorder = new Recorder(Interest.exit("getuid"));
        try {
          Outcome.traced(mode, new ProcessBuilder(arguments[0], "calls"), recorder);
          System.out.print(recorder.exits("getuid").size() + "\n");
        } catch (SeccompUnavailableException e) {
          System.out.print(e.getMessage().contains("EPERM") + "\n");
        }
      }
    }
  }

  @Test
  void whereTheKernelRefusesItAutoGoesOnWithoutAndRequiredSaysSo() {
    List<String> command = new ArrayList<>(guest("forbidden").command());
    command.addAll(ChildJvm.of(Forbidden.class, guest("calls").command().get(0)).command());
    assertEquals(new Outcome("30\ntrue\n", "", 0), Outcome.bare(new ProcessBuilder(command)));
  }

  private static Outcome inJvm(String how) {
    List<String> command =
        new ArrayList<>(List.of(Guest.compile("rewrite_remote", "-pthread").toString(), how));
    String guest = guest("status").command().get(0);
    command.addAll(ChildJvm.of(Unprivileged.class, guest).command());
    return Outcome.bare(new ProcessBuilder(command));
  }

  @Test
  void withoutThePrivilegeAFilteredProgramGetsNoNewOnes() {
    assertEquals(new Outcome("seccomp 2, no_new_privs 1\n2\n", "", 0), inJvm("unprivileged"));
  }
}
