package io.sysmon.tests.signals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.SigInfo;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a listener reads of a signal is what the program's handler is told. */
class SigInfoFieldsTest {
  private static void assertTold(ProcessBuilder guest) {
    Recorder recorder = new Recorder(Interest.none());
    Outcome outcome = Outcome.traced(guest, recorder);
    List<SigInfo> infos =
        recorder.all(Recorder.Delivery.class).stream().map(Recorder.Delivery::info).toList();
    assertEquals(new Outcome(told(infos), "", 0), outcome);
    assertEquals(
        List.of("10 0", "10 -6", "10 -1", "17 1", "17 2", "11 1", "14 -2", "29 1", "36 1", "31 1"),
        infos.stream()
            .map(info -> info.signal().number() + " " + info.code())
            // The timer may expire again before it is taken back.
            .distinct()
            .toList());
  }

  /** With the words of the guest. */
  private static String told(List<SigInfo> infos) {
    return infos.stream()
        .map(info -> info.signal().number() + " code " + info.code() + ": " + details(info) + "\n")
        .collect(Collectors.joining());
  }

  private static String details(SigInfo info) {
    String sender = "pid " + info.pid() + " uid " + info.uid();
    return switch (info.signal().name()) {
      case "SIGUSR1" ->
          info.code() == SigInfo.SI_QUEUE
              ? sender + " value " + Long.toHexString(info.value()) + " int " + info.intValue()
              : sender;
      case "SIGCHLD" -> sender + " status " + info.status();
      case "SIGSEGV" -> "address " + Long.toHexString(info.address());
      case "SIGALRM" ->
          "timer "
              + info.timerId()
              + " overrun "
              + info.overrun()
              + " value "
              + Long.toHexString(info.value());
      case "SIGSYS" ->
          "call "
              + info.syscall()
              + " arch "
              + Integer.toHexString(info.arch())
              + " address "
              + Long.toHexString(info.address());
      default -> "fd " + info.fd() + " band " + Long.toHexString(info.band());
    };
  }

  @Test
  void ofEachKindOfSignal() {
    assertTold(Alike.guest("signal_info"));
  }

  @Test
  void ofEachKindOfSignalOfA32BitProgram() {
    assumeTrue(
        Files.exists(Path.of("/usr/lib32/libc.so.6")), "gcc has no C library for 32-bit programs");
    assertTold(new ProcessBuilder(Guest.compile("signal_info", "-m32").toString()));
  }
}
