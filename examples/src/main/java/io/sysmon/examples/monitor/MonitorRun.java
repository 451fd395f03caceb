package io.sysmon.examples.monitor;

import io.sysmon.Errno;
import io.sysmon.SystemTrace;
import io.sysmon.TraceException;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.monitor.BadPolicyException;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventJson;
import io.sysmon.monitor.EventQueue;
import io.sysmon.monitor.EventText;
import io.sysmon.monitor.LoadWatch;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Overload;
import io.sysmon.monitor.Policy;
import io.sysmon.monitor.Shedding;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run of {@code sysmon monitor}. */
final class MonitorRun {
  private static final int WAITING_EVENTS = 10_000;
  private static final long LOOK_MILLIS = 1_000;
  private static final int FAILED = 1;

  /** As of a command that Ctrl-C has ended. */
  private static final int INTERRUPTED = 130;

  /** What a shell's {@code $?} is after writing to a pipe that nobody reads. */
  private static final int BROKEN_PIPE = 141;

  private static final FileTime NEVER = FileTime.fromMillis(0);

  private final MonitorCommand options;
  private final PrintWriter out;
  private final PrintWriter err;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile @Nullable IOException outputFailure;

  /** That of a command; the shutdown hook must end with the same one as who waits for it. */
  private volatile int status;

  /** Held as long as a question is open. */
  private final Lock screen = new ReentrantLock();

  private FileTime policyTime = NEVER;

  MonitorRun(MonitorCommand options, PrintWriter out, PrintWriter err) {
    this.options = options;
    this.out = out;
    this.err = err;
  }

  int run() throws IOException, InterruptedException {
    Path file = options.output();
    if (file == null) {
      return run(out);
    }
    try (PrintWriter to = new CheckedOutput(open(file))) {
      return run(to);
    }
  }

  private static OutputStream open(Path file) throws IOException {
    try {
      return new FileOutputStream(file.toFile());
    } catch (FileNotFoundException e) {
      throw new IOException("Can't open " + e.getMessage(), e);
    }
  }

  private int run(PrintWriter to) throws IOException, InterruptedException {
    Path file = options.policy();
    Policy policy = file == null ? Policy.logAll() : readPolicy(file);
    Thread hook = new Thread(this::interrupted, "sysmon-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try (Display display = options.isTop() ? TopTable.open(to, screen) : null;
        EventQueue queue = new EventQueue(WAITING_EVENTS, sheds(), sink(to, display));
        Monitor monitor = Monitor.of(policy, queue, new TerminalAsker(err, screen, display));
        Tracer tracer = Tracer.builder().tracerThreadsAsNeeded().listener(monitor).build()) {
      return trace(tracer, monitor, queue, to, display);
    } finally {
      to.flush();
      finished.countDown();
      remove(hook);
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down, and the hook was waiting for this.
      return;
    }
  }

  private int trace(
      Tracer tracer, Monitor monitor, EventQueue queue, PrintWriter to, @Nullable Display display)
      throws IOException, InterruptedException {
    Overload overload = new Overload(monitor, queue, options.shedding());
    SystemTrace system = null;
    if (!options.command().isEmpty()) {
      TraceeHandle launched = tracer.launch(new ProcessBuilder(options.command()).inheritIO());
      await(tracer, monitor, overload, null, to, display);
      status = launched.waitFor(Duration.ZERO) ? launched.exitStatus().exitValue() : INTERRUPTED;
    } else {
      if (options.pids().isEmpty()) {
        system = tracer.attachAll(SystemTrace.others().and(options.selection()));
        err.println(begin(system));
      } else if (!attach(tracer)) {
        return FAILED;
      }
      await(tracer, monitor, overload, system, to, display);
    }
    // What is held is denied, or allowed, before it is let go.
    monitor.close();
    SystemTrace.Counts counts = system == null ? null : system.counts();
    if (system != null) {
      system.close();
    }
    tracer.close();
    queue.close();
    IOException failure = outputFailure;
    if (failure != null) {
      status = failed(failure);
      return status;
    }
    err.println(Summary.of(queue, overload.shed(), monitor.narrowedChildren(), counts));
    err.flush();
    return status;
  }

  /** Who reads no more wants no message. */
  private int failed(IOException failure) {
    if (Errno.EPIPE.message().equals(failure.getMessage())) {
      return BROKEN_PIPE;
    }
    err.println("sysmon: Can't write the events: " + failure.getMessage());
    return FAILED;
  }

  private static String begin(SystemTrace system) {
    SystemTrace.Counts counts = system.counts();
    return "sysmon: monitoring "
        + counts.processes()
        + " processes with "
        + counts.tasks()
        + " threads; "
        + counts.leftOut()
        + " are left out, "
        + counts.refused()
        + " cannot be traced; others are found by "
        + (system.discovery() == SystemTrace.Discovery.CONNECTOR
            ? "the kernel's process events"
            : "scanning /proc");
  }

  private boolean attach(Tracer tracer) {
    boolean any = false;
    for (int pid : options.pids()) {
      try {
        tracer.attach(pid);
        any = true;
      } catch (TraceException | IllegalArgumentException e) {
        err.println("sysmon: " + e.getMessage());
      }
    }
    return any;
  }

  /** Until it is stopped or, of what was named, nothing is left. */
  private void await(
      Tracer tracer,
      Monitor monitor,
      Overload overload,
      @Nullable SystemTrace system,
      PrintWriter to,
      @Nullable Display display)
      throws InterruptedException {
    boolean over = false;
    while (!over && !stop.await(system == null ? 0 : LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      over = system == null && tracer.awaitTracees(Duration.ofMillis(LOOK_MILLIS));
      List<LoadWatch.Load> loads = overload.look(tracer.tracees());
      readPolicyAgain(monitor, says(display));
      if (display != null) {
        display.show(tracer.tracees(), loads);
        check(to);
      }
    }
  }

  /** Where a message is seen: a table would be drawn over it. */
  private Consumer<String> says(@Nullable Display display) {
    return display == null ? err::println : display::say;
  }

  private Consumer<Event> sink(PrintWriter to, @Nullable Display display) {
    if (display != null) {
      return display::count;
    }
    EventText text = new EventText(ZoneId.systemDefault());
    return event -> {
      if (outputFailure == null) {
        to.println(options.isJson() ? EventJson.line(event) : text.line(event));
        check(to);
      }
    };
  }

  /** Ends all when nobody will see what happens. */
  private void check(PrintWriter to) {
    IOException failure = CheckedOutput.failure(to);
    if (failure != null) {
      outputFailure = failure;
      stop.countDown();
    }
  }

  private boolean sheds() {
    return options.shedding() != Shedding.NOTHING;
  }

  private Policy readPolicy(Path file) {
    policyTime = changed(file);
    Policy policy = Policy.read(file);
    if (options.shedding() == Shedding.RELEASE && policy.isRestrictive()) {
      throw new BadPolicyException(
          "--shed=release would let a busy process escape a policy that denies; --shed=narrow does not");
    }
    return policy;
  }

  private static FileTime changed(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      // It is gone; whoever reads it will tell.
      return NEVER;
    }
  }

  /** A policy that cannot be understood leaves the one that was. */
  private void readPolicyAgain(Monitor monitor, Consumer<String> says) {
    Path file = options.policy();
    try {
      if (file != null && !changed(file).equals(policyTime)) {
        Policy next = readPolicy(file);
        if (Files.size(file) == 0) {
          throw new BadPolicyException("the file is empty");
        }
        monitor.policy(next);
        says.accept("sysmon: the policy was read again");
      }
    } catch (IOException | BadPolicyException e) {
      says.accept("sysmon: the policy stays as it was: " + e.getMessage());
    }
  }

  /** By a signal: the exit status is not 128 and the signal, as of a JVM that one ends. */
  private void interrupted() {
    stop.countDown();
    try {
      finished.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out.flush();
    err.flush();
    Runtime.getRuntime().halt(status);
  }
}
