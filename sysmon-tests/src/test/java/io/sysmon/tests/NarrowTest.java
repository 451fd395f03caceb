package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.SeccompMode;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Stranger;
import java.io.BufferedReader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes of which listeners are told less than they want. */
class NarrowTest {
  /** Counts entries and exits by name. */
  private static class Counter implements SyscallListener, TraceeListener {
    final Map<String, Integer> entries = new ConcurrentHashMap<>();
    final Map<String, Integer> exits = new ConcurrentHashMap<>();
    private final Interest interest;

    Counter(Interest interest) {
      this.interest = interest;
    }

    @Override
    public Interest interest() {
      return interest;
    }

    @Override
    public void onEnter(SyscallEnter call) {
      entries.merge(call.name(), 1, Integer::sum);
    }

    @Override
    public void onExit(SyscallExit call) {
      exits.merge(call.name(), 1, Integer::sum);
    }
  }

  private static ProcessBuilder loop(int calls) {
    return new ProcessBuilder(Guest.compile("loop").toString(), "" + calls);
  }

  private static Counter narrowingAt(int count, Interest wanted, Consumer<TraceeHandle> action) {
    return new Counter(wanted) {
      @Override
      public void onEnter(SyscallEnter call) {
        super.onEnter(call);
        if (call.name().equals("getppid") && entries.get("getppid") == count) {
          action.accept(call.task().tracee());
        }
      }
    };
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void fromACallbackOnNothingMoreIsTold(SeccompMode mode) throws Exception {
    Counter counter =
        narrowingAt(10, Interest.of("getppid"), process -> process.narrow(Interest.none()));
    try (Tracer tracer = Tracer.builder().seccomp(mode).listener(counter).build()) {
      assertEquals(0, tracer.launch(loop(1000)).waitFor());
    }
    assertEquals(Map.of("getppid", 10), counter.entries);
    assertEquals(Map.of("getppid", 9), counter.exits);
  }

  @Test
  void whatWasChangedInTheSameCallbackIsPutBack() throws Exception {
    Counter counter =
        new Counter(Interest.enter("faccessat")) {
          @Override
          public void onEnter(SyscallEnter call) {
            super.onEnter(call);
            call.setArg(2, 0);
            call.relocateString(1, "/");
            call.task().tracee().narrow(Interest.none());
          }
        };
    try (Tracer tracer = Tracer.builder().seccomp(SeccompMode.OFF).listener(counter).build()) {
      TraceeHandle guest = tracer.launch(Alike.guest("restless", "suspended"));
      // It looks at all its registers.
      assertEquals("1, 0 wrong", guest.process().inputReader().readLine());
      assertEquals(Map.of("faccessat", 1), counter.entries);
      guest.kill();
      guest.waitFor();
    }
  }

  @Test
  void childrenBeginWithWhatIsLeftAndMayBeGivenMore() throws Exception {
    AtomicInteger children = new AtomicInteger();
    Counter counter =
        new Counter(Interest.all()) {
          @Override
          public void onStart(TraceeTask task) {
            if (task.tracee().parent().isEmpty()) {
              task.tracee().narrow(Interest.enter("kill"));
            } else if (children.incrementAndGet() == 2) {
              task.tracee().narrow(Interest.enter("kill", "getppid"));
            }
          }
        };
    try (Tracer tracer = Tracer.builder().listener(counter).build()) {
      String loop = Guest.compile("loop").toString();
      ProcessBuilder shell =
          new ProcessBuilder("sh", "-c", "for i in 1 2 3; do " + loop + " 5; done; kill -0 $$");
      assertEquals(0, tracer.launch(shell).waitFor());
    }
    assertEquals(3, children.get());
    assertEquals(Map.of("getppid", 5, "kill", 1), counter.entries);
    assertEquals(Map.of(), counter.exits);
  }

  @Test
  void aProcessThatRunsWithoutStopsIsSeenAgain() throws Exception {
    Counter counter = new Counter(Interest.all());
    try (Tracer tracer = Tracer.builder().listener(counter).build()) {
      TraceeHandle guest = tracer.launch(Alike.guest("placement", "phases"));
      BufferedReader output = guest.process().inputReader();
      for (int i = 0; i < 20; i++) {
        guest.narrow(Interest.none());
        int before = counter.entries.getOrDefault("getppid", 0);
        // It goes on in its loop, or in a read.
        if (i % 2 == 1) {
          say(guest);
          assertEquals("quiet", output.readLine());
        }
        guest.narrow(Interest.enter("getppid", "read"));
        if (i % 2 == 1) {
          say(guest);
          assertEquals("hot", output.readLine());
        }
        while (counter.entries.getOrDefault("getppid", 0) == before) {
          assertTrue(guest.isAlive());
          Thread.onSpinWait();
        }
      }
      guest.kill();
      guest.waitFor();
    }
  }

  private static void say(TraceeHandle guest) throws Exception {
    guest.process().getOutputStream().write('\n');
    guest.process().getOutputStream().flush();
  }

  @Test
  void anAttachedProcessIsNarrowedToo() throws Exception {
    Counter counter = new Counter(Interest.all());
    try (Stranger guest = Stranger.guest("restless", "calls", 3);
        Tracer tracer = Tracer.builder().listener(counter).build()) {
      TraceeHandle attached = tracer.attach(guest.pid());
      for (int i = 0; i < 10; i++) {
        attached.narrow(i % 2 == 0 ? Interest.none() : Interest.all());
      }
      attached.detach();
      assertThrows(IllegalTraceeStateException.class, () -> attached.narrow(Interest.all()));
    }
  }
}
