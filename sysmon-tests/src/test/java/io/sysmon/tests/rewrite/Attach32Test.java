package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.listener;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  /** A program that is not a child of this JVM, with its standard streams. */
  private static final class Stranger implements AutoCloseable {
    private final Process shell;
    private final BufferedReader output;
    final int pid;

    Stranger(ProcessBuilder program) throws IOException {
      // The inner shell tells its id and becomes the program; the outer one is its parent.
      String inner = "echo $$; exec \"$@\"";
      String outer = "exec 3<&0; sh -c '" + inner + "' sh \"$@\" <&3 3<&- & wait";
      program.command().addAll(0, List.of("sh", "-c", outer, "sh"));
      shell = program.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      output = shell.inputReader();
      pid = Integer.parseInt(output.readLine());
    }

    void say(String text) throws IOException {
      OutputStream input = shell.getOutputStream();
      input.write(text.getBytes(StandardCharsets.UTF_8));
      input.flush();
    }

    String line() throws IOException {
      return output.readLine();
    }

    /** Waits until it sleeps in a call. */
    void awaitCall(int number) throws IOException {
      while (!Files.readString(Path.of("/proc/" + pid + "/syscall")).startsWith(number + " ")) {
        Thread.onSpinWait();
      }
    }

    @Override
    public void close() throws IOException {
      shell.getOutputStream().close();
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      shell.onExit().join();
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
    try (Stranger guest = new Stranger(Calls.guest32("restart", "restarts"));
        Tracer tracer = Tracer.builder().listener(reader).build()) {
      guest.awaitCall(3);
      TraceeHandle tracee = tracer.attach(guest.pid);
      assertEquals("enter 10 again", next());
      guest.say("abcdefgh");
      assertEquals("exit 3", next());
      assertEquals("read 3 \"abc\", handled 0, interrupted 0, jumped 0", guest.line());
      tracee.detach();
    }
  }

  @Test
  void aReadThatWasRewrittenIsTheProgramsOwnWhenItIsLetGo() throws Exception {
    try (Stranger guest = new Stranger(Calls.guest32("restart", "restarts"));
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
      guest.awaitCall(3);
      TraceeHandle tracee = tracer.attach(guest.pid);
      assertEquals("enter", next());
      tracee.detach();
      guest.say("abcdefgh");
      assertEquals("read 8 \"abcdefgh\", handled 0, interrupted 0, jumped 0", guest.line());
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
    try (Stranger guest = new Stranger(program);
        Tracer tracer = Tracer.builder().listener(relocating).build()) {
      long target = Long.parseLong(guest.line().substring("at=".length()));
      TraceeHandle tracee = tracer.attach(guest.pid);
      guest.say("go\n");
      assertEquals("exit", next());
      assertTrue(isMapped(guest.pid, area.get()));
      assertRuns(tracee, target);
      tracee.detach();
      assertFalse(isMapped(guest.pid, area.get()));
      for (int i = 0; i < 20; i++) {
        TraceeHandle again = tracer.attach(guest.pid);
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
