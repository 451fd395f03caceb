package io.sysmon.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.NoSuchProcessException;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.Tracer;
import io.sysmon.Verdict;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything at once, by chance: processes that fork, thread, exec and end, which are attached,
 * detached, stopped, continued and killed at any moment, and whose calls are held and rewritten.
 * How long is told by {@code -Dsysmon.soak.seconds}; {@code -Dsysmon.soak.seed} repeats the
 * choices.
 */
@Tag("soak")
class SoakTest {
  private static final int SECONDS = Integer.getInteger("sysmon.soak.seconds", 60);
  private static final long SEED = Long.getLong("sysmon.soak.seed", System.nanoTime());
  private static final int FAMILY = 16;
  private static final int OPERATIONS = 300;
  private static final long MEGABYTE = 1 << 20;

  /** What nobody should be able to wait longer for, however busy the machine is. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Random random = new Random(SEED);
  private final AtomicLong calls = new AtomicLong();
  private long attached;
  private long detached;

  @TempDir private Path directory;

  @Test
  @Timeout(1200)
  void nothingHangsLeaksOrGoesWrong() throws Exception {
    System.out.println("Soak of " + SECONDS + " s, -Dsysmon.soak.seed=" + SEED);
    Path errors = directory.resolve("errors");
    Path program = Guest.compile("soak", "-pthread");
    Process host =
        new ProcessBuilder("setsid", "sh", "-c", "while read x; do $x & done; wait")
            .redirectError(errors.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    long heapBefore = 0;
    int descriptorsBefore = 0;
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    int rounds = 0;
    try {
      while (System.nanoTime() < end) {
        round(host, program, errors);
        rounds++;
        if (rounds == 2) {
          heapBefore = heap();
          descriptorsBefore = descriptors();
        }
      }
      assertEquals("", Files.readString(errors));
      if (rounds > 4) {
        assertTrue(heap() < heapBefore + 20 * MEGABYTE, heapBefore + " became " + heap());
        // Launched programs that were detached end in their own time, and their streams with them.
        for (int i = 0; i < 2000 && descriptors() > descriptorsBefore + 2; i++) {
          Thread.sleep(10);
        }
        assertTrue(
            descriptors() <= descriptorsBefore + 2, descriptorsBefore + ": " + descriptors());
      }
    } finally {
      System.out.printf(
          "%d rounds, %d attached, %d detached, %d calls seen%n",
          rounds, attached, detached, calls.get());
      end(host, program);
    }
  }

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static int descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return (int) open.count();
    }
  }

  /** One tracer's life. */
  private void round(Process host, Path program, Path errors) throws Exception {
    String commandLine = program + " %d " + (5_000 + random.nextInt(10_000)) + " 0";
    int session = (int) host.pid();
    try (Tracer tracer = Tracer.builder().listener(new Meddler(random.nextLong())).build()) {
      List<Integer> family = List.of();
      for (int i = 0; i < OPERATIONS; i++) {
        if (i % 3 == 0) {
          family = family(host);
        }
        if (family.size() < FAMILY / 2) {
          host.getOutputStream()
              .write(
                  (String.format(commandLine, random.nextInt(1_000_000)) + "\n").getBytes(UTF_8));
          host.getOutputStream().flush();
        }
        if (!family.isEmpty()) {
          operate(tracer, family.get(random.nextInt(family.size())), family.size());
        }
        if (random.nextInt(50) == 0) {
          tracer.launch(
              new ProcessBuilder(
                      "setsid", program.toString(), "" + random.nextInt(1_000_000), "500", "0")
                  .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile())));
        }
      }
      assertFalse(tracer.diagnose().contains("found: "), tracer::diagnose);
    }
    for (Tasks.Task task : Tasks.ofSession(session)) {
      assertEquals(0, task.tracer(), () -> task + " is still traced");
    }
  }

  /** Without those whose parent is gone. */
  private static List<Integer> family(Process host) {
    return host.descendants().map(process -> (int) process.pid()).toList();
  }

  private void operate(Tracer tracer, int pid, int family) throws Exception {
    switch (random.nextInt(8)) {
      case 0, 1 -> attach(tracer, pid);
      case 2, 3, 4 -> detach(tracer);
      case 5 -> signal(pid, Signal.SIGSTOP);
      case 6 -> signal(pid, Signal.SIGCONT);
      default -> signal(pid, family > FAMILY ? Signal.SIGKILL : Signal.SIGCONT);
    }
  }

  private void attach(Tracer tracer, int pid) {
    try {
      tracer.attach(pid);
      attached++;
    } catch (NoSuchProcessException | IllegalTraceeStateException e) {
      // It has ended meanwhile, or is traced already.
      assertTrue(e.getMessage().contains("" + pid), e::toString);
    }
  }

  private void detach(Tracer tracer) throws InterruptedException {
    for (TraceeHandle tracee : tracer.tracees()) {
      if (random.nextInt(3) == 0) {
        continue;
      }
      // A parent in vfork is let go when its child has executed or ended, which may be stopped.
      detached += tracee.detach(Duration.ofMillis(random.nextInt(20))) ? 1 : 0;
    }
  }

  private static void signal(int pid, Signal signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal.number(), "" + pid)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  /** Leaves none of the family behind, wherever it has got to. */
  private static void end(Process host, Path program) throws Exception {
    host.getOutputStream().close();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (members(program).findAny().isPresent() && System.nanoTime() < deadline) {
      members(program).forEach(ProcessHandle::destroyForcibly);
    }
    host.destroyForcibly().waitFor();
  }

  private static Stream<ProcessHandle> members(Path program) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().command().filter(program.toString()::equals).isPresent());
  }

  /** Holds, delays and rewrites by chance, and never changes what a program is told. */
  private final class Meddler implements SyscallListener, TraceeListener {
    private final Random chance;

    Meddler(long seed) {
      chance = new Random(seed);
    }

    @Override
    public Interest interest() {
      return Interest.all();
    }

    @Override
    public void onEnter(SyscallEnter call) {
      calls.incrementAndGet();
      int choice = chance.nextInt(400);
      if (choice == 0) {
        call.hold(Duration.ofMillis(chance.nextInt(20)), Verdict.proceed());
      } else if (choice < 40 && call.name().equals("openat")) {
        call.findString(1)
            .filter(path -> path.equals("/dev/null"))
            .ifPresent(path -> call.relocateString(1, "/dev/../dev/null"));
      } else if (choice == 40 && call.name().equals("getppid")) {
        call.skip(1);
      } else if (choice == 41) {
        try {
          call.syscall("getpid");
        } catch (TraceeDiedException e) {
          // Killed by chance.
          return;
        }
      } else if (choice == 42) {
        detachFromCallback(call);
      }
    }

    private void detachFromCallback(SyscallEnter call) {
      try {
        call.task().tracee().detach();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void onExit(SyscallExit call) {
      calls.incrementAndGet();
    }
  }
}
