package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndOfProcessTest {
  @TempDir private Path directory;

  private static Outcome sameAsUntraced(String... arguments) {
    Outcome outcome = Alike.run(Alike.guest("ends", arguments));
    assertEquals("", outcome.stderr());
    return outcome;
  }

  private static ExitStatus statusOf(ProcessBuilder command) throws IOException {
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle tracee = tracer.launch(command);
      int exitValue = Outcome.of(tracee).exitValue();
      assertEquals(exitValue, tracee.exitStatus().exitValue());
      return tracee.exitStatus();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 127, 128, 137, 254, 255})
  void theExitCodeOfALaunchedProgramIsItsOwn(int code) throws IOException {
    assertEquals(
        ExitStatus.exited(code), statusOf(Alike.guest("ends", "exit", Integer.toString(code))));
  }

  @Test
  void everyExitCodeReachesTheParentAndTheListener() {
    int codes = Effort.rounds(256);
    String first = Integer.toString(256 - codes);
    assertTrue(sameAsUntraced("every-code", first).stdout().endsWith("child exited 255\n"));
    Recorder recorder = new Recorder(Interest.none());
    Outcome.traced(Alike.guest("ends", "every-code", first), recorder);
    List<ExitStatus> children =
        recorder.all(Recorder.End.class).stream().limit(codes).map(Recorder.End::status).toList();
    assertEquals(IntStream.range(256 - codes, 256).mapToObj(ExitStatus::exited).toList(), children);
  }

  @Test
  void everySignalThatEndsAProcessReachesTheParent() {
    assertTrue(sameAsUntraced("every-signal").stdout().endsWith("signal 64 killed by 64\n"));
  }

  @Test
  void theCoreFlagIsWhatTheKernelSays() {
    Outcome bare = Outcome.bare(Alike.guest("ends", "cores").directory(directory.toFile()));
    assertEquals(10, bare.stdout().lines().filter(line -> line.contains("killed by")).count());
    Recorder recorder = new Recorder();
    assertEquals(
        bare, Outcome.traced(Alike.guest("ends", "cores").directory(directory.toFile()), recorder));
    assertEquals(
        bare.stdout().lines().filter(line -> line.endsWith("with core")).count(),
        recorder.all(Recorder.End.class).stream().filter(end -> end.status().coreDumped()).count());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 11, 15, 34, 64})
  void theSignalThatEndedALaunchedProgramIsToldByItsHandle(int number) throws IOException {
    assertEquals(
        ExitStatus.killed(Signal.of(number), false),
        statusOf(Alike.guest("ends", "signal", Integer.toString(number))));
  }

  @Test
  void abortEndsByItsSignal() {
    assertEquals(new Outcome("", "", 128 + 6), sameAsUntraced("abort"));
  }

  @Test
  void aHandledFaultTellsItsAddress() {
    String stdout = sameAsUntraced("handled-faults").stdout();
    assertTrue(stdout.contains("signal 11 address 0x1013 code 1\nsignal 11 offset 19 code 2\n"));
    // On aarch64 a division by 0 is 0: the last fault is told twice.
    assertTrue(
        stdout.endsWith(
            Cpu.choose("signal 4 code 2\nsignal 8 code 1\n", "signal 4 code 1\nsignal 4 code 1\n")),
        stdout);
  }

  @Test
  void aStackOverflowIsHandledOnTheAlternativeStack() {
    assertEquals(
        new Outcome("signal 11 code 1\n".repeat(3), "", 0), sameAsUntraced("stack-overflow"));
  }

  @Test
  void aStackOverflowWithoutHandlerEndsTheProcess() {
    assertEquals(new Outcome("", "", 128 + 11), sameAsUntraced("stack-overflow", "unhandled"));
  }

  @Test
  void breakpointsAndSingleStepsOfTheProgramAreItsOwn() {
    String stdout = sameAsUntraced("traps").stdout();
    // SI_KERNEL, TRAP_BRKPT.
    String traps =
        "breakpoint: 13 code %d\nraise: 14 code -6\nkill: 15 code 0\n"
            .formatted(Cpu.choose(128, 1));
    assertTrue(stdout.contains(traps), stdout);
  }
}
