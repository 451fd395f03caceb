package io.sysmon.tests.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.ProcessInfo;
import io.sysmon.SystemTrace;
import io.sysmon.Tracer;
import io.sysmon.TracerClosedException;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code Tracer.attachAll}: what is attached, found, let go and left as it was. */
class SystemTraceTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static Tracer tracer(Listener... listeners) {
    Tracer.Builder builder = Tracer.builder().tracerThreadsAsNeeded();
    for (Listener listener : listeners) {
      builder.listener(listener);
    }
    return builder.build();
  }

  private static void await(BooleanSupplier condition, Object state) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, state::toString);
      Thread.sleep(2);
    }
  }

  private static Set<Integer> traced(Tracer tracer) {
    return tracer.tracees().stream().map(tracee -> tracee.pid()).collect(Collectors.toSet());
  }

  @Test
  void everyProcessIsSeizedAndEveryCallIsTold() {
    CallCounter counter = new CallCounter("getppid");
    try (SystemGuest guest = new SystemGuest(150, 400, 20);
        Tracer tracer = tracer(counter)) {
      try (SystemTrace system = tracer.attachAll(guest.members())) {
        assertEquals(Set.copyOf(guest.pids()), traced(tracer));
        assertEquals(150, system.counts().processes());
        assertEquals(400, system.counts().tasks());
        assertEquals(150, system.counts().attached());
        assertEquals(List.of(), system.refused());
        guest.work(50);
        assertEquals(50 * guest.workers(), counter.calls());
        guest.assertUnharmed();
      }
      assertEquals(List.of(), tracer.tracees());
      guest.assertUntraced();
      guest.work(50);
      assertEquals(50 * guest.workers(), counter.calls());
      guest.assertUnharmed();
    }
  }

  @Test
  void processesAreSeizedAndLetGoInTheMiddleOfTheirWork() {
    CallCounter counter = new CallCounter("getppid");
    try (SystemGuest guest = new SystemGuest(30, 80, 10);
        Tracer tracer = tracer(counter)) {
      for (int i = 0; i < 10; i++) {
        guest.start(3000);
        try (SystemTrace system = tracer.attachAll(guest.members())) {
          assertEquals(30, system.counts().processes());
        }
        guest.assertUntraced();
      }
      guest.assertUnharmed();
    }
  }

  @Test
  void closingTheTracerLetsAllGo() {
    try (SystemGuest guest = new SystemGuest(20, 50, 5)) {
      SystemTrace system;
      try (Tracer tracer = tracer()) {
        system = tracer.attachAll(guest.members());
        assertEquals(20, system.counts().processes());
      }
      guest.assertUntraced();
      system.close();
      assertEquals(0, system.counts().processes());
      guest.assertUnharmed();
    }
  }

  @Test
  void aProcessThatBeginsLaterIsFound() throws Exception {
    Path program = Path.of("/bin/sleep").toRealPath();
    List<Integer> own = new ArrayList<>();
    try (Tracer tracer = tracer();
        SystemTrace system = tracer.attachAll(process -> own.contains(process.parentPid()))) {
      for (int i = 1; i <= 5; i++) {
        try (Stranger shell = Stranger.program(new ProcessBuilder("/bin/sh"))) {
          own.add(shell.pid());
          shell.say(program + " 1000 & echo $!");
          int pid = Integer.parseInt(shell.line());
          await(() -> traced(tracer).contains(pid), system.refused());
          assertEquals(i, system.counts().attached());
        }
      }
    }
  }

  @Test
  void aShellThatIsLeftOutIsTracedFromTheProgramOnThatItExecutes() throws Exception {
    Predicate<ProcessInfo> isNoShell = process -> !process.name().equals("sh");
    Recorder recorder = new Recorder(Interest.none());
    try (Stranger shell = Stranger.program(new ProcessBuilder("/bin/sh"));
        Tracer tracer = tracer(recorder);
        SystemTrace system =
            tracer.attachAll(isNoShell.and(process -> process.processGroup() == shell.pid()))) {
      assertEquals(0, system.counts().processes());
      assertTrue(system.counts().leftOut() >= 1);
      shell.say("exec sleep 1000");
      await(() -> traced(tracer).contains(shell.pid()), system.refused());
    }
  }

  @Test
  void aTracedProcessIsLetGoWhenItExecutesAProgramThatIsLeftOut(@TempDir Path directory)
      throws Exception {
    Path shell = Files.copy(Path.of("/bin/sh"), directory.resolve("shell"));
    Path other =
        Files.copy(
            Path.of("/bin/sh"), directory.resolve("other"), StandardCopyOption.COPY_ATTRIBUTES);
    assertTrue(shell.toFile().setExecutable(true));
    try (Stranger guest = Stranger.program(new ProcessBuilder(shell.toString()));
        Tracer tracer = tracer();
        SystemTrace system =
            tracer.attachAll(
                process ->
                    process.pid() == guest.pid()
                        && process.executable().orElse("").equals(shell.toString()))) {
      for (int i = 1; i <= 5; i++) {
        assertTrue(traced(tracer).contains(guest.pid()));
        guest.say("exec " + other);
        await(() -> traced(tracer).isEmpty(), system.counts());
        assertEquals(i, system.counts().letGo());
        guest.say("exec " + shell);
        await(() -> traced(tracer).contains(guest.pid()), system.counts());
      }
    }
  }

  @Test
  void whatComesOfATracedProcessIsLetGoWithIt() throws Exception {
    try (Stranger restless = Stranger.guest("restless", "forks", 3)) {
      assertEquals("ready", restless.line());
      try (Tracer tracer = tracer()) {
        for (int i = 0; i < 20; i++) {
          SystemTrace system = tracer.attachAll(process -> process.pid() == restless.pid());
          assertEquals("alive", restless.ask("go on"));
          system.close();
          assertEquals(List.of(), tracer.tracees());
        }
      }
      assertEquals("alive", restless.ask("go on"));
    }
  }

  @Test
  void aProcessThatAnotherTracesIsRefusedWithTheReason() {
    try (SystemGuest guest = new SystemGuest(3, 3, 0);
        Tracer other = tracer();
        Tracer tracer = tracer()) {
      int taken = guest.pids().get(1);
      other.attach(taken);
      try (SystemTrace system = tracer.attachAll(guest.members())) {
        assertEquals(2, system.counts().processes());
        assertEquals(1, system.counts().refused());
        SystemTrace.Refusal refusal = system.refused().get(0);
        assertEquals(taken, refusal.process().pid());
        assertTrue(refusal.reason().contains("PTRACE_SEIZE"), refusal.reason());
      }
    }
  }

  @Test
  void aPredicateThatThrowsLeavesTheProcessAloneAndIsTold() {
    try (SystemGuest guest = new SystemGuest(3, 3, 0);
        Tracer tracer = tracer()) {
      int bad = guest.pids().get(0);
      Predicate<ProcessInfo> failing =
          process -> {
            if (process.pid() == bad) {
              throw new IllegalStateException("no");
            }
            return true;
          };
      try (SystemTrace system = tracer.attachAll(guest.members().and(failing))) {
        assertEquals(2, system.counts().processes());
        assertEquals(
            List.of("The predicate threw java.lang.IllegalStateException: no"),
            system.refused().stream().map(SystemTrace.Refusal::reason).toList());
      }
    }
  }

  @Test
  void aClosedTracerAttachesNothing() {
    Tracer tracer = tracer();
    tracer.close();
    try (SystemGuest guest = new SystemGuest(1, 1, 0)) {
      assertThrows(TracerClosedException.class, () -> tracer.attachAll(guest.members()));
    }
  }

  @Test
  void allGoOnWhenTheJvmThatTracesThemIsKilled() throws Exception {
    try (SystemGuest guest = new SystemGuest(50, 120, 10)) {
      int root = Tasks.process(guest.pids().get(0)).orElseThrow().parent();
      Process jvm =
          ChildJvm.of(Tracing.class, Integer.toString(root))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try {
        BufferedReader output = jvm.inputReader();
        assertEquals("50", output.readLine());
        guest.start(2000);
      } finally {
        jvm.destroyForcibly().waitFor();
      }
      await(
          () ->
              guest.pids().stream()
                  .flatMap(pid -> Tasks.tasksOf(pid).stream())
                  .allMatch(task -> task.tracer() == 0),
          "traced still");
      guest.assertUnharmed();
    }
  }

  static final class Tracing {
    private Tracing() {}

    public static void main(String[] args) throws Exception {
      int root = Integer.parseInt(args[0]);
      Tracer tracer = tracer(new CallCounter("getppid"));
      SystemTrace system = tracer.attachAll(process -> process.parentPid() == root);
      System.out.println(system.counts().processes());
      // Until it is killed.
      new Semaphore(0).acquire();
    }
  }
}
