package io.sysmon.tests.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Tracer;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventKind;
import io.sysmon.monitor.EventQueue;
import io.sysmon.monitor.EventText;
import io.sysmon.monitor.LoadWatch;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Overload;
import io.sysmon.monitor.Policy;
import io.sysmon.monitor.Shedding;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Stranger;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Parallel builds and a busy web server, monitored at the same time for {@code
 * -Dsysmon.soak.seconds}: nothing goes wrong, and nothing that happens is not told.
 */
@Tag("soak")
class BuildAndServerTest {
  private static final int SECONDS = Integer.getInteger("sysmon.soak.seconds", 60);
  private static final int MOST_FILES = 120;
  private static final int WAITING_EVENTS = 10_000;

  @TempDir private Path directory;

  private final Map<EventKind, AtomicLong> counts = new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong told = new AtomicLong();
  private volatile boolean isOver;
  private double mostSlowed;

  private void count(Event event) {
    told.incrementAndGet();
    counts.computeIfAbsent(event.kind(), kind -> new AtomicLong()).incrementAndGet();
  }

  private long count(EventKind kind) {
    return counts.getOrDefault(kind, new AtomicLong()).get();
  }

  private void load(Nginx server) throws Exception {
    while (!isOver) {
      requests.addAndGet(server.load());
    }
  }

  @Test
  @Timeout(1800)
  void everyRequestIsAnsweredEveryBuildIsTheSameAndEveryEventIsAccounted() throws Exception {
    Service.assumeInstalled("nginx", "wrk", "make", "strace");
    CProject project =
        new CProject(
            Files.createDirectory(directory.resolve("project")), Math.min(MOST_FILES, SECONDS));
    long begin = System.nanoTime();
    assertEquals(new Outcome("", "", 0), Outcome.bare(new ProcessBuilder(project.command())));
    double untraced = seconds(begin);
    Map<String, String> built = project.digests();
    CProject.Size size = project.size(directory.resolve("strace"));
    assertEquals(built, project.digests());

    try (Nginx server = Nginx.start(Files.createDirectory(directory.resolve("nginx")));
        Stranger shell = Stranger.program(new ProcessBuilder("/bin/sh"), SECONDS + 180);
        PrintWriter lines = new PrintWriter(directory.resolve("events").toFile(), "UTF-8")) {
      EventText text = new EventText(ZoneId.of("UTC"));
      EventQueue queue =
          new EventQueue(WAITING_EVENTS, false, event -> lines.println(text.line(event)));
      long acceptedBefore = server.accepted();
      int builds = 0;
      double traced;
      CompletableFuture<Void> load;
      try (Monitor monitor =
              Monitor.of(
                  Policy.logAll(),
                  event -> {
                    count(event);
                    queue.accept(event);
                  });
          Tracer tracer = Tracer.builder().tracerThreadsAsNeeded().listener(monitor).build()) {
        for (int pid : server.processes()) {
          tracer.attach(pid);
        }
        tracer.attach(shell.pid());
        Overload overload = new Overload(monitor, event -> {}, Shedding.NOTHING);
        load = Background.run(() -> load(server));
        begin = System.nanoTime();
        do {
          project.clean();
          build(project, shell, tracer, overload);
          builds++;
          assertEquals(built, project.digests());
          assertFalse(load.isCompletedExceptionally(), load::toString);
        } while (seconds(begin) < SECONDS);
        traced = seconds(begin) / builds;
        isOver = true;
        load.get();
        // Told is what was accepted from the attach on, the question itself included.
        long accepted = server.accepted() - acceptedBefore;
        tracer.close();
        queue.close();
        System.out.printf(
            "Soak of %.0f s: %d builds of %d programs, %.1f s each, %.1f s untraced; %d requests, %d"
                + " connections; %d events %s, %d dropped; slowed most %.0f %%%n",
            seconds(begin),
            builds,
            size.programs(),
            traced,
            untraced,
            requests.get(),
            accepted,
            told.get(),
            counts,
            queue.dropped(),
            100 * mostSlowed);
        assertEquals(accepted, count(EventKind.NET_ACCEPT));
      }
      assertEquals(builds * size.programs(), count(EventKind.PROCESS_START));
      assertEquals(builds * size.processes(), count(EventKind.PROCESS_EXIT));
      assertEquals(told.get(), queue.delivered());
      assertEquals(0, queue.dropped());
      lines.flush();
      assertEquals(told.get(), Files.readAllLines(directory.resolve("events")).size());
      assertTrue(requests.get() > 0);
      server.verify(requests.get());
    }
  }

  private void build(CProject project, Stranger shell, Tracer tracer, Overload overload)
      throws Exception {
    Path output = directory.resolve("output");
    Path end = directory.resolve("end");
    shell.say(String.join(" ", project.command()) + " >" + output + " 2>&1; echo $? >" + end);
    while (!Files.exists(end) || Files.size(end) == 0) {
      Thread.sleep(500);
      assertTrue(ProcessHandle.of(shell.pid()).isPresent(), "The shell has ended");
      List<LoadWatch.Load> loads = overload.look(tracer.tracees());
      mostSlowed = Math.max(mostSlowed, loads.isEmpty() ? 0 : loads.get(0).share());
    }
    assertEquals("0\n", Files.readString(end), Files.readString(output));
    assertEquals("", Files.readString(output));
    Files.delete(end);
  }

  private static double seconds(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1e3;
  }
}
