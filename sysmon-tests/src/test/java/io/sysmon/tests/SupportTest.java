package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.NothingLeaks;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checks that the other tests lean on do find what they look for. */
class SupportTest {
  private final NothingLeaks.Watch watch = NothingLeaks.watch();

  @Test
  void aGuestHasTheSameOutcomeTracedAndUntraced() {
    ProcessBuilder loop = new ProcessBuilder(Guest.compile("loop").toString(), "10");
    Recorder recorder = new Recorder();
    assertEquals(Outcome.bare(loop), Outcome.traced(loop, recorder));
    assertEquals(10, recorder.enters("getppid").size());
  }

  @Test
  void gccsOwnWordsTellWhyAGuestDoesNotCompile() {
    AssertionError failure =
        assertThrows(AssertionError.class, () -> Guest.compile("loop", "-Dmain=1x"));
    assertTrue(failure.getMessage().contains("error:"), failure.getMessage());
  }

  @Test
  void anOpenFileIsFound() throws Exception {
    try (InputStream open = Files.newInputStream(Path.of("/etc/passwd"))) {
      assertEquals(List.of("1 open descriptor(s) of /etc/passwd"), left());
      open.read();
    }
    assertEquals(List.of(), left());
  }

  @Test
  void aChildProcessIsFoundWithItsPipes() throws Exception {
    Process child = new ProcessBuilder("sleep", "1000").start();
    try {
      List<String> left = left();
      assertEquals(4, left.size(), left::toString);
      assertTrue(left.get(0).contains("pid " + child.pid()), left::toString);
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  @Test
  void aTraceeIsFoundAndItsTracersThreadAndDoorbell() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle tracee = tracer.launch(new ProcessBuilder("sleep", "1000"));
      String left = left().toString();
      assertTrue(left.contains("pid " + tracee.pid() + ","), left);
      assertTrue(left.contains("thread sysmon-tracer-"), left);
    }
  }

  private List<String> left() throws InterruptedException {
    return watch.leftAfter(Duration.ZERO);
  }
}
