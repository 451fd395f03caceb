package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.Tracer;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Tasks;
import java.io.BufferedReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What becomes of tracees, gates and doorbells when the JVM that traces them is gone. */
class ExitKillTest {
  private static final Duration TIME_TO_DIE = Duration.ofSeconds(5);

  @Test
  void traceesOfAKilledJvmAreKilled() throws Exception {
    assertNobodySurvives(
        jvm -> {
          jvm.destroyForcibly();
          assertEquals(137, jvm.waitFor());
        });
  }

  @Test
  void traceesOfAJvmThatExitsWithoutClosingAreKilled() throws Exception {
    assertNobodySurvives(
        jvm -> {
          jvm.getOutputStream().close();
          assertEquals(11, jvm.waitFor());
        });
  }

  private interface End {
    void of(Process jvm) throws Exception;
  }

  private static void assertNobodySurvives(End end) throws Exception {
    Process jvm = start(Tracing.class);
    try {
      BufferedReader output = jvm.inputReader();
      assertEquals("ready", output.readLine());
      Set<Tasks.Task> tasks = Tasks.belongingTo((int) jvm.pid());
      // Two shells with a child each, and the doorbell.
      assertEquals(5, tasks.size(), tasks::toString);
      end.of(jvm);
      awaitDeath(tasks);
    } finally {
      jvm.destroyForcibly().waitFor();
    }
  }

  /** Polls, because the tracees are no children of this JVM. */
  private static void awaitDeath(Set<Tasks.Task> tasks) throws InterruptedException {
    long deadline = System.nanoTime() + TIME_TO_DIE.toNanos();
    while (true) {
      List<Tasks.Task> alive = tasks.stream().filter(Tasks::isAlive).collect(Collectors.toList());
      if (alive.isEmpty()) {
        return;
      }
      assertTrue(System.nanoTime() < deadline, () -> "Still alive: " + alive);
      Thread.sleep(5);
    }
  }

  static final class Tracing {
    private Tracing() {}

    public static void main(String[] args) throws Exception {
      Recorder recorder = new Recorder(Interest.none());
      Tracer tracer = Tracer.builder().listener(recorder).build();
      for (int i = 0; i < 2; i++) {
        int shell =
            tracer
                .launch(new ProcessBuilder("sh", "-c", "trap '' TERM HUP; sleep 1000 & wait"))
                .pid();
        int child = recorder.await(Recorder.Fork.class, fork -> fork.tid() == shell).childTid();
        recorder.await(Recorder.Exec.class, exec -> exec.tid() == child);
      }
      System.out.println("ready");
      if (System.in.read() < 0) {
        System.exit(11);
      }
    }
  }

  @Test
  void launchesUnderWayLeaveNoGateBehindAKilledJvm() throws Exception {
    for (int i = 0; i < 4; i++) {
      Process jvm = start(Launching.class);
      try {
        BufferedReader output = jvm.inputReader();
        for (int line = 0; line < 5 + 7 * i; line++) {
          assertEquals("launched", output.readLine());
        }
        jvm.destroyForcibly();
        assertEquals(137, jvm.waitFor());
        awaitDeath(
            Tasks.ofSession((int) jvm.pid()).stream()
                .filter(Tasks::isAlive)
                .collect(Collectors.toSet()));
      } finally {
        jvm.destroyForcibly().waitFor();
      }
    }
  }

  static final class Launching {
    private Launching() {}

    public static void main(String[] args) {
      Tracer tracer = Tracer.builder().build();
      for (int i = 0; i < 3; i++) {
        Thread launcher =
            new Thread(
                () -> {
                  while (true) {
                    Outcome.traced(tracer, new ProcessBuilder("sh", "-c", "(:)"));
                    System.out.println("launched");
                  }
                });
        launcher.start();
      }
    }
  }

  /** In a session of its own, so that whatever comes of it can be found when it is gone. */
  private static Process start(Class<?> mainClass) throws Exception {
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(ChildJvm.of(mainClass).command());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
