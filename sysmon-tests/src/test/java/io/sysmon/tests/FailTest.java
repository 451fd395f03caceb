package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.SeccompMode;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import io.sysmon.UnknownSyscallException;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls of one kind that all fail, by a filter or at their stops. */
class FailTest {
  private static final String ALL_FAILED = "100 failed with ENOSPC, getuid 0\n";
  private static final String NONE_FAILED = "0 failed with ENOSPC, getuid 0\n";

  private static ProcessBuilder guest(String mode) {
    return new ProcessBuilder(Guest.compile("filtered", "-pthread").toString(), mode);
  }

  private static Outcome traced(Tracer.Builder builder, ProcessBuilder command, Listener listener) {
    try (Tracer tracer = builder.listener(listener).build()) {
      return Outcome.traced(tracer, command);
    }
  }

  private static Tracer.Builder withoutSpace(SeccompMode mode) {
    return Tracer.builder().seccomp(mode).fail("pwrite64", Errno.ENOSPC);
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void everyCallFailsThatNobodyWants(SeccompMode mode) {
    Recorder recorder = new Recorder(Interest.enter("getuid"));
    assertEquals(ALL_FAILED, traced(withoutSpace(mode), guest("writes"), recorder).stdout());
    assertEquals(1, recorder.all(Recorder.Enter.class).size());
  }

  @Test
  void aRuleAloneIsEnough() {
    Recorder recorder = new Recorder(Interest.none());
    Outcome outcome = traced(withoutSpace(SeccompMode.REQUIRED), guest("writes"), recorder);
    assertEquals(ALL_FAILED, outcome.stdout());
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void whoWantsTheCallSeesItFail(SeccompMode mode) {
    Recorder recorder = new Recorder(Interest.of("pwrite64"));
    assertEquals(ALL_FAILED, traced(withoutSpace(mode), guest("writes"), recorder).stdout());
    assertEquals(100, recorder.enters("pwrite64").size());
    assertEquals(
        100,
        recorder.all(Recorder.Exit.class).stream()
            .filter(exit -> exit.result() == -Errno.ENOSPC.number())
            .count());
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void aListenerHasTheLastWord(SeccompMode mode) {
    SyscallListener pretending =
        SyscallListener.onEnter(Interest.enter("pwrite64"), call -> call.skip(call.arg(2)));
    assertEquals(NONE_FAILED, traced(withoutSpace(mode), guest("writes"), pretending).stdout());
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void aProgramsOwnFilterGoesFirst(SeccompMode mode) {
    Tracer.Builder builder = Tracer.builder().seccomp(mode).fail("getuid", Errno.EIO);
    Recorder recorder = new Recorder(Interest.of("getuid"));
    // It leaves getuid to a tracer, which is ENOSYS; without a filter the call never gets there.
    Outcome outcome = traced(builder, guest("left"), recorder);
    String left = mode == SeccompMode.OFF ? "-5" : "-38";
    assertEquals("-38 " + left + "\n", outcome.stdout());
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void theProgramsOwnExecveFailsTheLaunch(SeccompMode mode) {
    try (Tracer tracer = Tracer.builder().seccomp(mode).fail("execve", Errno.ENOENT).build()) {
      IOException failure =
          assertThrows(IOException.class, () -> tracer.launch(new ProcessBuilder("/bin/true")));
      assertTrue(
          failure.getMessage().endsWith("error=2, No such file or directory"), failure::getMessage);
    }
  }

  @Test
  void attachedProcessesFailAtTheirStops() {
    try (Stranger echo = Stranger.program(new ProcessBuilder("/bin/cat"));
        Tracer tracer = Tracer.builder().fail("write", Errno.ENOSPC).build()) {
      tracer.attach(echo.pid());
      echo.say("hello");
      // What it has to say about that fails, too.
      assertEquals("saw it exited 1", echo.report());
    }
  }

  @Test
  void aCallThatIsNotKnownIsRefused() {
    Tracer.Builder builder = Tracer.builder();
    assertThrows(UnknownSyscallException.class, () -> builder.fail("wriite", Errno.EIO));
  }
}
