package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.listener;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Stranger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attaching to 32-bit programs, rewriting their calls, and letting them go. */
class Attach32Test {
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  /** Waits until it reads its standard input. */
  private static void awaitRead(Stranger guest) throws IOException {
    Path call = Path.of("/proc/" + guest.pid() + "/syscall");
    while (!Files.readString(call).startsWith("3 0x0 ")) {
      Thread.onSpinWait();
    }
  }

  private String next() throws InterruptedException {
    return String.valueOf(seen.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void theReadThatItIsInGoesOnAsAnI386CallThatCanBeRewritten() throws Exception {
    SyscallListener reader =
        listener(
            Interest.of("read"),
            call -> {
              assertEquals("i386", call.abi().name());
              assertEquals(call.pid(), call.syscall("getpid"));
              seen.add("enter " + call.arg(2) + (call.isRestart() ? " again" : ""));
              call.setArg(2, 3);
            },
            call -> seen.add("exit " + call.result()));
    try (Stranger guest = Stranger.program(Calls.guest32("restart", "restarts"));
        Tracer tracer = Tracer.builder().listener(reader).build()) {
      awaitRead(guest);
      TraceeHandle tracee = tracer.attach(guest.pid());
      assertEquals("enter 10 again", next());
      guest.say("abcdefgh");
      assertEquals("exit 3", next());
      assertEquals("read 3 \"abc\", handled 0, interrupted 0, jumped 0", guest.line());
      tracee.detach();
    }
  }

  @Test
  void aReadThatWasRewrittenIsTheProgramsOwnWhenItIsLetGo() throws Exception {
    try (Stranger guest = Stranger.program(Calls.guest32("restart", "restarts"));
        Tracer tracer =
            Tracer.builder()
                .listener(
                    listener(
                        Interest.enter("read"),
                        call -> {
                          call.setArg(2, 3);
                          call.relocateString(4, "any text");
                          seen.add("enter");
                        },
                        call -> {}))
                .build()) {
      awaitRead(guest);
      TraceeHandle tracee = tracer.attach(guest.pid());
      assertEquals("enter", next());
      tracee.detach();
      guest.say("abcdefghij");
      assertEquals("read 10 \"abcdefghij\", handled 0, interrupted 0, jumped 0", guest.line());
    }
  }

  /** It runs 32-bit code there, and has not come from a system call. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatWasMappedIsGoneWhenItIsLetGoInTheMiddleOfItsOwnCode(boolean wide) throws Exception {
    AtomicLong area = new AtomicLong();
    SyscallListener relocating =
        listener(
            Interest.of("read"),
            call -> {
              call.relocateString(4, "any text");
              area.set(call.arg(4));
            },
            call -> {
              if (call.result() == 3) {
                seen.add("exit");
              }
            });
    ProcessBuilder program =
        wide ? Calls.guest("code", "forever") : Calls.guest32("code", "forever");
    try (Stranger guest = Stranger.program(program);
        Tracer tracer = Tracer.builder().listener(relocating).build()) {
      long target = Long.parseLong(guest.line().substring("at=".length()));
      TraceeHandle tracee = tracer.attach(guest.pid());
      guest.say("go");
      assertEquals("exit", next());
      assertTrue(isMapped(guest.pid(), area.get()));
      assertRuns(tracee, target);
      tracee.detach();
      assertFalse(isMapped(guest.pid(), area.get()));
      for (int i = 0; i < 20; i++) {
        TraceeHandle again = tracer.attach(guest.pid());
        assertRuns(again, target);
        again.detach();
      }
    }
  }

  private static void assertRuns(TraceeHandle tracee, long target) throws InterruptedException {
    CountDownLatch hits = new CountDownLatch(5);
    tracee.setBreakpoint(target, stop -> hits.countDown());
    assertTrue(hits.await(20, TimeUnit.SECONDS));
  }

  private static boolean isMapped(int pid, long address) throws IOException {
    String begin = Long.toHexString(address) + "-";
    return Files.readAllLines(Path.of("/proc/" + pid + "/maps")).stream()
        .anyMatch(line -> line.startsWith(begin));
  }
}
