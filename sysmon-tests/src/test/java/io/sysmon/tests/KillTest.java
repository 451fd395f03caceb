package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Hang;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Tasks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGKILL may come at any moment, to anything. */
class KillTest {
  private static final List<String> WAYS =
      List.of(
          "calls",
          "forks",
          "vforks",
          "unreaped-forks",
          "threads",
          "forks-of-threads",
          "execs",
          "execs-of-threads",
          "signals",
          "sleep");
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int KILLS_A_TRACER = 125;
  private static final int HITS = 20;
  private static final int MOST_NANOS = 8_000_000;
  private static final int MOST_EVENTS = 150;

  private static void awaitNone(Tracer tracer, String what) throws InterruptedException {
    if (!tracer.awaitTracees(LIMIT)) {
      TraceeHandle left = tracer.tracees().get(0);
      throw Hang.of(what + ", " + left + ",", LIMIT, left.pid());
    }
  }

  private static void assertKilled(TraceeHandle tracee, String what) throws InterruptedException {
    if (!tracee.waitFor(LIMIT)) {
      throw Hang.of(what, LIMIT, tracee.pid());
    }
    assertEquals(ExitStatus.killed(Signal.SIGKILL, false), tracee.exitStatus(), what);
  }

  private static void assertStillTraces(Tracer tracer, String what) {
    assertEquals(
        new Outcome("alive\n", "", 3),
        Outcome.traced(tracer, new ProcessBuilder("sh", "-c", "echo alive; (exit 3)")),
        what);
  }

  private static Interest interest(boolean everyCall) {
    return everyCall ? Interest.all() : Interest.none();
  }

  private static void spinFor(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  /** Twice 125 kills by another thread, which knows nothing of what the program is doing. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aProgramKilledAtARandomMomentEndsAsKilled(boolean everyCall) throws Exception {
    Contract contract = Contract.ofDying(interest(everyCall));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Tracer tracer = Tracer.builder().listener(contract).build()) {
      for (int i = 0; i < KILLS_A_TRACER; i++) {
        String way = WAYS.get(i % WAYS.size());
        String what = "seed " + seed + ", kill " + i + " of " + way;
        TraceeHandle tracee = tracer.launch(Alike.guest("busy", way));
        spinFor(random.nextInt(MOST_NANOS));
        tracee.kill();
        assertKilled(tracee, what);
        awaitNone(tracer, what);
      }
      assertStillTraces(tracer, "seed " + seed);
    }
    contract.verify();
  }

  /** Kills the process of the task that has the n-th event, in that event's callback. */
  private static final class KillAtEvent implements SyscallListener, TraceeListener {
    private final Interest interest;
    private int left;
    private String last = "";

    KillAtEvent(Interest interest) {
      this.interest = interest;
    }

    synchronized void in(int events) {
      left = events;
    }

    synchronized String last() {
      return last;
    }

    private synchronized void event(TraceeTask task, String what) {
      if (left > 0 && --left == 0) {
        last = what + " of " + task;
        root(task.tracee()).kill();
      }
    }

    private static TraceeHandle root(TraceeHandle tracee) {
      return tracee.parent().map(KillAtEvent::root).orElse(tracee);
    }

    @Override
    public Interest interest() {
      return interest;
    }

    @Override
    public void onEnter(SyscallEnter call) {
      event(call.task(), "entry of " + call.name());
    }

    @Override
    public void onExit(SyscallExit call) {
      event(call.task(), "exit of " + call.name());
    }

    @Override
    public void onStart(TraceeTask task) {
      event(task, "start");
    }

    @Override
    public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
      event(parent, kind.toString());
    }

    @Override
    public void onExec(TraceeTask task, int formerTid) {
      event(task, "exec by " + formerTid);
    }

    @Override
    public void onSignal(SignalStop stop) {
      event(stop.task(), stop.signal().name());
    }

    @Override
    public void onExit(TraceeTask task, ExitStatus status) {
      event(task, "end");
    }
  }

  /** Twice 125 kills between a stop and its answer. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aProgramKilledInACallbackEndsAsKilled(boolean everyCall) throws Exception {
    KillAtEvent killer = new KillAtEvent(interest(everyCall));
    Contract contract = Contract.ofDying(interest(everyCall));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> ways = new ArrayList<>(WAYS);
    if (!everyCall) {
      // They would wait for an event that never comes.
      ways.removeAll(Set.of("calls", "sleep"));
    } else {
      ways.remove("sleep");
    }
    try (Tracer tracer = Tracer.builder().listener(killer).listener(contract).build()) {
      for (int i = 0; i < KILLS_A_TRACER; i++) {
        String way = ways.get(i % ways.size());
        killer.in(3 + random.nextInt(everyCall ? MOST_EVENTS : MOST_EVENTS / 10));
        String what = "seed " + seed + ", kill " + i + " of " + way;
        try {
          TraceeHandle tracee = tracer.launch(Alike.guest("busy", way));
          assertKilled(tracee, what + " at " + killer.last());
        } catch (IOException e) {
          assertTrue(e.getMessage().contains("SIGKILL"), what + ": " + e);
        }
        awaitNone(tracer, what + " at " + killer.last());
      }
      killer.in(0);
      assertStillTraces(tracer, "seed " + seed);
    }
    contract.verify();
  }

  @RepeatedTest(2)
  void aParentIsToldThatItsBusyChildrenWereKilled() {
    String seed = Long.toString(System.nanoTime() & 0xffffff);
    Outcome outcome = Alike.runDying(Alike.guest("busy", "kill-children", "45", seed));
    assertEquals(new Outcome("45 killed\n", "", 0), outcome, "seed " + seed);
  }

  /**
   * Children of a process that was killed between their birth and its report of it: nobody
   * announces them, and their new parent, a tracee too, waits for their end.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {"forks", "vforks", "unreaped-forks", "forks-of-threads", "execs-of-threads"})
  void childrenOfAParentKilledInTheMiddleOfItsForkGoOnToTheirEnd(String way) {
    String seed = Long.toString(System.nanoTime() & 0xffffff);
    ProcessBuilder command = Alike.guest("busy", "kill-children", "400", seed, way);
    for (boolean everyCall : new boolean[] {true, false}) {
      Outcome outcome = Alike.traced(command, interest(everyCall), true);
      assertEquals(new Outcome("400 killed\n", "", 0), outcome, "seed " + seed);
    }
  }

  /** The tracer kills them itself, and must not wait for any that it forgot. */
  @RepeatedTest(3)
  void closingATracerEndsProgramsInTheMiddleOfWhatTheyDo() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String way : WAYS) {
      Contract contract = Contract.ofDying(interest(random.nextBoolean()));
      List<TraceeHandle> tracees = new ArrayList<>();
      long closing;
      try (Tracer tracer = Tracer.builder().listener(contract).build()) {
        for (int i = 0; i < 3; i++) {
          tracees.add(tracer.launch(Alike.guest("busy", way)));
        }
        spinFor(random.nextInt(MOST_NANOS));
        closing = System.nanoTime();
      }
      Duration took = Duration.ofNanos(System.nanoTime() - closing);
      // It gives up waiting after ten seconds.
      assertTrue(took.toSeconds() < 8, "seed " + seed + ", " + way + ": " + took);
      for (TraceeHandle tracee : tracees) {
        assertKilled(tracee, "seed " + seed + ", " + way);
      }
      contract.verify();
    }
  }

  /**
   * Processes of the tree, chosen among those that live, are killed behind their parents' backs.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void descendantsKilledAtRandomAreFollowedToTheirEnd(boolean everyCall) throws Exception {
    Contract contract = Contract.ofDying(interest(everyCall));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> ways = List.of("forks", "vforks", "forks-of-threads");
    try (Tracer tracer = Tracer.builder().listener(contract).build()) {
      for (int i = 0; i < 12; i++) {
        String way = ways.get(i % ways.size());
        String what = "seed " + seed + ", round " + i + " of " + way;
        TraceeHandle root = tracer.launch(Alike.guest("busy", way));
        for (int kills = 0; kills < 5; ) {
          for (TraceeHandle tracee : tracer.tracees()) {
            if (tracee != root) {
              spinFor(random.nextInt(200_000));
              tracee.kill();
              kills++;
            }
          }
        }
        assertTrue(root.isAlive(), what);
        root.kill();
        assertKilled(root, what);
        awaitNone(tracer, what);
      }
    }
    contract.verify();
  }

  /** Children of this JVM that nobody launched: the tracer's helper, and programs-to-be. */
  private static List<Tasks.Task> strangers(Set<Tasks.Task> before, Tracer tracer) {
    Set<Integer> known =
        Stream.concat(
                before.stream().map(Tasks.Task::pid),
                tracer.tracees().stream().map(TraceeHandle::pid))
            .collect(Collectors.toSet());
    return Tasks.ours().stream().filter(task -> !known.contains(task.pid())).toList();
  }

  @RepeatedTest(10)
  void theTracerGoesOnWhenItsHelperProcessIsKilled() throws Exception {
    Set<Tasks.Task> before = Tasks.ours();
    try (Tracer tracer = Tracer.builder().build()) {
      for (int i = 0; i < 5; i++) {
        List<Tasks.Task> helpers = strangers(before, tracer);
        assertEquals(1, helpers.size(), helpers.toString());
        assertEquals("sh", helpers.get(0).name());
        assertTrue(ProcessHandle.of(helpers.get(0).pid()).orElseThrow().destroyForcibly());
        assertStillTraces(tracer, "kill " + i);
      }
    }
  }

  @Test
  void theTracerGoesOnWhenItsHelperProcessIsStoppedAndSignalled() throws Exception {
    Set<Tasks.Task> before = Tasks.ours();
    try (Tracer tracer = Tracer.builder().build()) {
      int helper = strangers(before, tracer).get(0).pid();
      for (String signal : List.of("STOP", "TSTP", "INT", "TERM", "CONT", "HUP", "QUIT")) {
        String command = "kill -" + signal + " " + helper;
        assertEquals(0, Outcome.bare(new ProcessBuilder("sh", "-c", command)).exitValue());
        assertStillTraces(tracer, command);
      }
    }
  }

  /** Kills every child of this JVM that it sees and that is no tracee (yet), until it is closed. */
  private static final class Killer implements AutoCloseable {
    private final Set<Tasks.Task> before;
    private final Tracer tracer;
    private final AtomicBoolean done = new AtomicBoolean();
    private final Thread thread = new Thread(this::run, "killer");
    private final Random random;

    Killer(Set<Tasks.Task> before, Tracer tracer, Random random) {
      this.before = before;
      this.tracer = tracer;
      this.random = random;
      thread.start();
    }

    private void run() {
      long self = ProcessHandle.current().pid();
      Set<Long> known = before.stream().map(task -> (long) task.pid()).collect(Collectors.toSet());
      while (!done.get()) {
        for (ProcessHandle child : ProcessHandle.current().children().toList()) {
          boolean launched =
              tracer.tracees().stream().anyMatch(tracee -> tracee.pid() == child.pid());
          if (child.pid() != self && !known.contains(child.pid()) && !launched) {
            spinFor(random.nextInt(2_000_000));
            child.destroyForcibly();
          }
        }
      }
    }

    @Override
    public void close() throws InterruptedException {
      done.set(true);
      thread.join();
    }
  }

  @Test
  void aLaunchWhoseProcessIsKilledBeforeItBeganFailsAsAFailedLaunchDoes() throws Exception {
    Set<Tasks.Task> before = Tasks.ours();
    long seed = System.nanoTime();
    int failed = 0;
    try (Tracer tracer = Tracer.builder().build()) {
      try (Killer killer = new Killer(before, tracer, new Random(seed))) {
        // As many launches as it takes: how often one is hit depends on how many processes there
        // are, for the killer finds its victims in a list of them all.
        while (failed < HITS && killer.thread.isAlive()) {
          try {
            TraceeHandle tracee = tracer.launch(new ProcessBuilder("true"));
            assertTrue(tracee.waitFor(LIMIT), "seed " + seed);
          } catch (IOException e) {
            failed++;
          }
        }
        assertEquals(HITS, failed, "The killer died");
      }
      assertStillTraces(tracer, "seed " + seed);
    }
  }
}
