package io.sysmon.tests.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that answer EINTR for any interruption are not interrupted by attaching and detaching. */
class UndisturbedCallsTest {
  private static final int ROUNDS = 60;
  private static final int MAY_NOT_MOUNT = 77;

  @TempDir private Path directory;
  private int pid;

  @AfterEach
  void endTheGuest() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    Path mount = directory.resolve("mount");
    if (Files.exists(mount)) {
      // Fails when the guest has done it, as it should have.
      Outcome.bare(new ProcessBuilder("umount", "-l", mount.toString()));
    }
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }

  private void start(String... words) throws Exception {
    pid = Service.startDetached(directory.resolve("output"), List.of(words));
    Service.await(
        () ->
            (Files.exists(directory.resolve("output")) && output().contains("ready\n"))
                || !ProcessHandle.of(pid).isPresent(),
        "the guest");
  }

  private void attachAndDetach() throws InterruptedException {
    SyscallListener all = new SyscallListener() {};
    SyscallListener none =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return Interest.none();
          }
        };
    for (SyscallListener listener : List.of(all, none)) {
      try (Tracer tracer = Tracer.builder().listener(listener).build()) {
        for (int i = 0; i < ROUNDS / 2; i++) {
          tracer.attach(pid).detach();
        }
      }
    }
  }

  private void end(String signal) throws Exception {
    Service.run("kill", "-" + signal, Integer.toString(pid));
    Service.await(() -> ProcessHandle.of(pid).isEmpty(), "the end of the guest");
  }

  @Test
  void thoseOfAFileServerThatHonoursInterrupts() throws Exception {
    Path guest = Guest.compile("file_server");
    Path mount = Files.createDirectory(directory.resolve("mount"));
    Outcome mayMount =
        Outcome.bare(
            new ProcessBuilder("timeout", "-s", "TERM", "0.1", guest.toString(), mount.toString()));
    assumeTrue(mayMount.exitValue() != MAY_NOT_MOUNT, "A file system cannot be mounted here");
    start(guest.toString(), mount.toString());
    attachAndDetach();
    end("TERM");
    assertEquals("ready\nwas asked to interrupt\nmade calls, 0 wrong\n", output());
  }

  @Test
  void thoseThatA32BitProgramMakesByOneNumber() throws Exception {
    start(Guest32.compile("multiplexed", "-pthread").toString());
    attachAndDetach();
    end("USR1");
    assertEquals(
        List.of("accept 0 ", "done", "ready", "recv 1 ", "semop 0 ", "semtimedop 0 "),
        output().lines().sorted().toList());
  }
}
