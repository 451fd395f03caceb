package io.sysmon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.internal.sys.ProcessEvents;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcScanTest {
  private static final long LIMIT_NANOS = 20_000_000_000L;

  private static final class Heard implements ProcessEvents.Receiver {
    private final Set<String> events = new HashSet<>();

    @Override
    public void forked(int pid) {
      events.add("forked " + pid);
    }

    @Override
    public void executed(int pid) {
      events.add("executed " + pid);
    }

    @Override
    public void exited(int pid) {
      events.add("exited " + pid);
    }

    @Override
    public void overflowed() {
      throw new AssertionError("A list does not overflow");
    }
  }

  private final Heard heard = new Heard();

  private void await(Finder finder, String event) {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!heard.events.contains(event)) {
      finder.await(heard);
      assertTrue(System.nanoTime() < deadline, event);
    }
  }

  private void followAProcess(Finder finder) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", "read x; exec sleep 1000").start();
    try {
      await(finder, "forked " + process.pid());
      process.getOutputStream().close();
      await(finder, "executed " + process.pid());
    } finally {
      process.destroyForcibly().waitFor();
    }
    await(finder, "exited " + process.pid());
  }

  @Test
  void aListOfProcessesTellsWhichBeganExecutedAndEnded() throws Exception {
    try (Finder finder = new ProcScan()) {
      followAProcess(finder);
    }
  }

  @Test
  void theBestFinderOfThisMachineTellsTheSame() throws Exception {
    try (Finder finder = Finder.begin()) {
      followAProcess(finder);
    }
  }
}
