package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Moves;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Hang;
import io.sysmon.tests.support.Stranger;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tracer that is killed, or kept, while processes are on their way between its threads. */
@Timeout(60)
class KilledHandoverTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int ROUNDS = 4;
  private static final int MOST_NANOS = 3_000_000;

  @BeforeEach
  void whereProcessesAreHandedOver() {
    Cpu.X86_64.assume();
  }

  /** Keeps a tracer thread in a callback: what is handed over to it stays on its way. */
  static final class Keeping implements SyscallListener {
    private final Map<Integer, Thread> threads = new ConcurrentHashMap<>();
    private final Map<Integer, AtomicInteger> calls = new ConcurrentHashMap<>();
    private volatile int keeper;
    private volatile boolean keeps;

    @Override
    public void onEnter(SyscallEnter call) {
      threads.put(call.pid(), Thread.currentThread());
      calls.computeIfAbsent(call.pid(), pid -> new AtomicInteger()).incrementAndGet();
      while (call.pid() == keeper) {
        keeps = true;
        Thread.onSpinWait();
      }
      keeps &= call.pid() != keeper;
    }

    private void awaitCall(int pid) {
      AtomicInteger made = calls.computeIfAbsent(pid, none -> new AtomicInteger());
      int before = made.get();
      while (made.get() == before) {
        Thread.onSpinWait();
      }
    }

    /** Has one process keep the thread that it is on, and the others be on the other one. */
    private void keep(Tracer tracer, int first, List<Integer> others) {
      for (int pid : others) {
        awaitCall(first);
        awaitCall(pid);
        while (threads.get(pid) == threads.get(first)) {
          Moves.move(tracer, pid);
          awaitCall(pid);
        }
      }
      keeper = first;
      while (!keeps) {
        Thread.onSpinWait();
      }
      others.forEach(this::awaitCall);
    }

    public static void main(String[] arguments) throws Exception {
      Keeping keeping = new Keeping();
      Tracer tracer = Tracer.builder().tracerThreads(2).listener(keeping).build();
      List<Integer> pids = new ArrayList<>();
      for (String argument : arguments) {
        TraceeHandle tracee =
            argument.equals("launch")
                ? tracer.launch(Alike.guest("moved", "2", "100000000", "nefsp"))
                : tracer.attach(Integer.parseInt(argument));
        pids.add(tracee.pid());
      }
      System.out.println("traced " + pids.get(pids.size() - 1));
      int first = pids.remove(0);
      keeping.keep(tracer, first, pids);
      for (int pid : pids) {
        var unused = Background.run(() -> Moves.move(tracer, pid));
      }
      if (System.in.read() < 0) {
        return;
      }
      keeping.keeper = 0;
      keeping.awaitCall(first);
      pids.forEach(keeping::awaitCall);
      tracer.close();
      System.out.println("closed");
    }
  }

  private static Process start(List<String> options, Class<?> mainClass, String... arguments)
      throws IOException {
    return ChildJvm.withOptions(options, mainClass, arguments)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static Stranger guest(int threads, String what) {
    Stranger guest = Stranger.guest("moved", threads, 0, what + "wu");
    assertEquals("ready", guest.line());
    return guest;
  }

  private static String status(Path task, String field) throws IOException {
    try (Stream<String> lines = Files.lines(task.resolve("status"))) {
      return lines.filter(line -> line.startsWith(field + ":\t")).findFirst().orElseThrow();
    }
  }

  /** Whether nobody traces any of its tasks, and all block every signal that they can. */
  private static boolean isOnItsWay(int pid) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks.toList()) {
        if (!status(task, "TracerPid").endsWith("\t0")
            || !status(task, "SigBlk").endsWith("\tfffffffffffbfeff")) {
          return false;
        }
      }
      return true;
    }
  }

  private static void awaitOnItsWay(int pid) throws Exception {
    await("on its way", pid, () -> isOnItsWay(pid));
  }

  private static void await(String what, int pid, Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw Hang.of("being " + what, LIMIT, pid);
      }
    }
  }

  private static void assertEndsWell(Stranger guest) {
    assertEquals("ok 0\nsaw it exited 0\n", guest.end());
  }

  @Test
  void whatAKilledTracerLeavesOnItsWayGoesOn() throws Exception {
    try (Stranger keeper = guest(1, "-");
        Stranger busy = guest(1, "-");
        Stranger sleeping = guest(3, "nefsp");
        Stranger interrupted = guest(2, "nfspi")) {
      List<Stranger> moved = List.of(busy, sleeping, interrupted);
      List<Stranger> all = List.of(keeper, busy, sleeping, interrupted);
      String[] pids = all.stream().map(guest -> "" + guest.pid()).toArray(String[]::new);
      Process jvm = start(List.of(), Keeping.class, pids);
      try (BufferedReader output = jvm.inputReader()) {
        assertTrue(output.readLine().startsWith("traced "));
        all.forEach(guest -> guest.say(""));
        for (Stranger guest : moved) {
          awaitOnItsWay(guest.pid());
        }
      } finally {
        jvm.destroyForcibly().waitFor();
      }
      all.forEach(KilledHandoverTest::assertEndsWell);
    }
  }

  @Test
  void whatAKilledTracerHasLaunchedEnds() throws Exception {
    try (Stranger keeper = guest(1, "-")) {
      Process jvm = start(List.of(), Keeping.class, "" + keeper.pid(), "launch");
      int launched;
      try (BufferedReader output = jvm.inputReader()) {
        launched = Integer.parseInt(output.readLine().substring("traced ".length()));
        keeper.say("");
        awaitOnItsWay(launched);
      } finally {
        jvm.destroyForcibly().waitFor();
      }
      await("at its end", launched, () -> ProcessHandle.of(launched).isEmpty());
      assertEndsWell(keeper);
    }
  }

  /** It has gone on without a tracer, and is traced again when that comes at last. */
  @Test
  void whatIsNotTakenOverInTimeGoesOn() throws Exception {
    try (Stranger keeper = guest(1, "-");
        Stranger moved = guest(3, "nefsp")) {
      String blocked = status(Path.of("/proc/" + moved.pid()), "SigBlk");
      Process jvm =
          start(
              List.of("-Dio.sysmon.handover.seconds=1"),
              Keeping.class,
              "" + keeper.pid(),
              "" + moved.pid());
      try (BufferedReader output = jvm.inputReader()) {
        assertTrue(output.readLine().startsWith("traced "));
        keeper.say("");
        moved.say("");
        awaitOnItsWay(moved.pid());
        Path leader = Path.of("/proc/" + moved.pid());
        await("awake", moved.pid(), () -> status(leader, "SigBlk").equals(blocked));
        jvm.getOutputStream().write('\n');
        jvm.getOutputStream().flush();
        assertEquals("closed", output.readLine());
      } finally {
        jvm.destroyForcibly().waitFor();
      }
      assertEndsWell(moved);
      assertEndsWell(keeper);
    }
  }

  @Test
  void aTracerIsKilledAtAnyMoment() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      try (Stranger first = guest(1, "np");
          Stranger second = guest(3, "nefsp");
          Stranger third = guest(2, "npi")) {
        List<Stranger> guests = List.of(first, second, third);
        String[] pids = guests.stream().map(guest -> "" + guest.pid()).toArray(String[]::new);
        Process jvm = start(List.of(), HandoverRaceTest.Moving.class, pids);
        try (BufferedReader output = jvm.inputReader()) {
          assertEquals("moving", output.readLine());
          guests.forEach(guest -> guest.say(""));
          assertEquals("moving", output.readLine());
          long end = System.nanoTime() + random.nextInt(MOST_NANOS);
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        } finally {
          jvm.destroyForcibly().waitFor();
        }
        guests.forEach(KilledHandoverTest::assertEndsWell);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", round " + i, e);
      }
    }
  }
}
