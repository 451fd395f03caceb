package io.sysmon.benchmarks;

import com.sun.management.ThreadMXBean;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;

/** What stops and tracees take of the Java heap. */
final class Footprint implements Benchmark {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 10_000;

  private static final int TRACEES = 500;

  @Override
  public String name() {
    return "footprint";
  }

  @Override
  public void run(Session session) throws Exception {
    Tools tools = session.tools();
    String nothing = "a stop, listener that counts";
    Contest contest =
        new Contest(
            "Allocation and memory",
            "Java heap. Of a stop: what the tracer's thread allocates, over some ten thousands. Of a tracee: what is in "
                + "use more, after a garbage collection, with 500 sleeping processes traced.",
            Unit.BYTES,
            "");
    Counting reading =
        new Counting() {
          @Override
          public void onEnter(SyscallEnter call) {
            super.onEnter(call);
            call.findString(1);
          }
        };
    contest
        .add(nothing, () -> allocated(tools, new Counting()))
        .add("a stop, a path of 36 bytes read at each second one", () -> allocated(tools, reading))
        .add("a tracee", () -> heldByTracee(tools));
    Result result = session.hold(contest);
    session.bar(new Bar("bytes allocated at a stop", result.median(nothing), 1, 50));
  }

  private static double allocated(Tools tools, Counting listener) throws Exception {
    try (Crowd crowd = Crowd.ofOneTree(tools, listener, 0, "access", CALLS)) {
      long stopsBefore = listener.stops.get();
      long before = allocated();
      crowd.nanosACall();
      return (allocated() - before) / (double) (listener.stops.get() - stopsBefore);
    }
  }

  private static long allocated() {
    return TracerThreads.ids().stream().mapToLong(THREADS::getThreadAllocatedBytes).sum();
  }

  private static double heldByTracee(Tools tools) throws Exception {
    long before = used();
    try (Crowd crowd =
        Crowd.ofOneTree(tools, new Selecting(Interest.none()), TRACEES, "getppid", 1)) {
      double held = (used() - before) / (double) TRACEES;
      crowd.nanosACall();
      return held;
    }
  }

  private static long used() {
    // The second collects what the first has left to cleaners.
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Counts the stops. */
  private static class Counting extends Selecting {
    private final AtomicLong stops = new AtomicLong();

    Counting() {
      super(Interest.all());
    }

    @Override
    public void onEnter(SyscallEnter call) {
      stops.incrementAndGet();
    }

    @Override
    public void onExit(SyscallExit call) {
      stops.incrementAndGet();
    }
  }
}
