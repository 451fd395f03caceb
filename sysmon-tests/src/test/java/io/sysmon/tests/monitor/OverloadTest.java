package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventKind;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Overload;
import io.sysmon.monitor.Policy;
import io.sysmon.monitor.Shedding;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a process that tracing slows too much, and what is told of it. */
class OverloadTest {
  /** Calls in a look. */
  private static final int STOPS = 8;

  @TempDir Path directory;

  private final List<Event> events = new CopyOnWriteArrayList<>();

  /**
   * Keeps a program that opens files in stops nearly all of its time, however busy the machine is.
   */
  private static final class Slow implements SyscallListener {
    @Override
    public Interest interest() {
      return Interest.enter("openat");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      call.delay(Duration.ofMillis(30));
    }
  }

  private Monitor monitor(String policy) {
    return Monitor.of(Policy.parse(policy), events::add);
  }

  private static Tracer tracer(Monitor monitor) {
    return Tracer.builder().listener(monitor).listener(new Slow()).build();
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  private static Stranger shell() {
    return Stranger.program(new ProcessBuilder("/bin/sh"));
  }

  /** Opens a file again and again, until there is another one. */
  private String opening() {
    return "while ! test -e " + file("enough") + "; do : > " + file("file") + "; done";
  }

  private void enough() throws Exception {
    Files.createFile(directory.resolve("enough"));
  }

  /** Looks until something has come of it. */
  private static void look(
      Overload overload, Tracer tracer, TraceeHandle process, BooleanSupplier isEnough) {
    while (!isEnough.getAsBoolean()) {
      long stops = process.stopTime().stops();
      while (process.stopTime().stops() < stops + STOPS) {
        Thread.onSpinWait();
      }
      overload.look(tracer.tracees());
    }
  }

  private static Overload.Shed shed(Overload overload, Tracer tracer, TraceeHandle process) {
    look(overload, tracer, process, () -> !overload.shed().isEmpty());
    return overload.shed().iterator().next();
  }

  private List<Event> all(EventKind kind) {
    return events.stream().filter(event -> event.kind() == kind).toList();
  }

  @Test
  void aReleasedProcessGoesOnUntracedAndThatIsTold() throws Exception {
    try (Stranger shell = shell();
        Monitor monitor = monitor("");
        Tracer tracer = tracer(monitor)) {
      TraceeHandle process = tracer.attach(shell.pid());
      shell.say(opening() + "; echo done");
      Instant before = Instant.now();
      Overload overload = new Overload(monitor, events::add, Shedding.RELEASE);
      Overload.Shed shed = shed(overload, tracer, process);
      process.detach();
      assertTrue(Tasks.tasksOf(shell.pid()).stream().allMatch(task -> task.tracer() == 0));
      enough();
      assertEquals("done", shell.line());

      assertTrue(shed.released());
      assertEquals(shell.pid(), shed.actor().pid());
      assertTrue(shed.share() > 0.5 && shed.stopsPerSecond() > 0, shed::toString);
      assertEquals(1, all(EventKind.MONITOR).size());
      Event notice = all(EventKind.MONITOR).get(0);
      assertTrue(notice.text("message").endsWith("it is let go, and not traced any more"));
      assertEquals(Path.of("/bin/sh").toRealPath().toString(), notice.actor().program());
      assertEquals(Math.round(shed.stopsPerSecond()), notice.details().get("stops"));
      assertFalse(Instant.parse(notice.text("since")).isBefore(before));
    }
  }

  @Test
  void ofANarrowedProcessOnlyStartsAndEndsAreTold() throws Exception {
    try (Stranger shell = shell();
        Monitor monitor = monitor("");
        Tracer tracer = tracer(monitor)) {
      TraceeHandle process = tracer.attach(shell.pid());
      shell.say(opening() + "; sh -c ': > " + file("other") + "; exit 3'; echo done");
      Overload overload = new Overload(monitor, events::add, Shedding.NARROW);
      assertFalse(shed(overload, tracer, process).released());
      int told = all(EventKind.FILE_WRITE).size();
      enough();
      assertEquals("done", shell.line());

      assertTrue(process.isTraced());
      assertTrue(Files.exists(directory.resolve("other")));
      assertEquals(told, all(EventKind.FILE_WRITE).size(), events::toString);
      assertEquals(1, monitor.narrowedChildren());
      assertEquals(1, all(EventKind.PROCESS_START).size(), events::toString);
      assertEquals(
          List.of(3L),
          all(EventKind.PROCESS_EXIT).stream().map(e -> e.details().get("code")).toList());
    }
  }

  @Test
  void aNarrowedProcessIsDeniedWhatItWas() throws Exception {
    String secret = file("secret");
    try (Stranger shell = shell();
        Monitor monitor =
            monitor("rules: [{events: file.remove, paths: '" + secret + "', verdict: deny}]");
        Tracer tracer = tracer(monitor)) {
      Files.createFile(Path.of(secret));
      TraceeHandle process = tracer.attach(shell.pid());
      shell.say(opening() + "; rm -f " + secret + " 2>&1; echo $?");
      shed(new Overload(monitor, events::add, Shedding.NARROW), tracer, process);
      enough();
      assertTrue(shell.line().endsWith("Operation not permitted"));
      assertEquals("1", shell.line());
      assertTrue(Files.exists(Path.of(secret)));

      // A rule that comes later counts, too, and one that goes does not.
      monitor.policy(
          Policy.parse("rules: [{events: file, paths: '" + secret + "', verdict: deny}]"));
      assertEquals("2", shell.ask("(: > " + secret + ") 2>/dev/null; echo $?"));
      monitor.policy(Policy.parse(""));
      assertEquals("0", shell.ask("rm -f " + secret + "; echo $?"));
    }
  }

  @Test
  void aLaunchedProgramThatCannotBeLetGoIsNarrowed() throws Exception {
    try (Monitor monitor = monitor("");
        Tracer tracer = tracer(monitor)) {
      TraceeHandle process = tracer.launch(new ProcessBuilder("/bin/sh", "-c", opening()));
      Overload overload = new Overload(monitor, events::add, Shedding.RELEASE);
      assertFalse(shed(overload, tracer, process).released());
      enough();
      assertEquals(0, process.waitFor());
      overload.look(tracer.tracees());
      assertTrue(overload.shed().iterator().next().until() != null);
    }
  }

  @Test
  void withoutSheddingItIsOnlyTold() throws Exception {
    try (Stranger shell = shell();
        Monitor monitor = monitor("");
        Tracer tracer = tracer(monitor)) {
      TraceeHandle process = tracer.attach(shell.pid());
      shell.say(opening());
      Overload overload = new Overload(monitor, events::add, Shedding.NOTHING);
      look(overload, tracer, process, () -> !all(EventKind.MONITOR).isEmpty());
      assertTrue(overload.shed().isEmpty());
      assertTrue(process.isTraced());
    }
  }
}
