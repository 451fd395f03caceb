package io.sysmon.junit5;

import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.fault.CallCondition;
import io.sysmon.fault.FaultInjector;
import io.sysmon.fault.FaultRule;
import io.sysmon.fault.HoldPoint;
import io.sysmon.fault.HoldPoints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/**
 * A program that runs under trace; made by {@link TracedCommand#start}.
 *
 * <pre>{@code
 * RunningCommand running = command.startTo("rename", path("*.db"));
 * // ... the world is as it is right before the rename
 * running.stop().fail(Errno.EIO);
 * Run run = running.await();
 * }</pre>
 */
public final class RunningCommand implements AutoCloseable {
  /** A call to stop at. */
  record Target(String calls, List<CallCondition> conditions) {}

  /** How soon it is seen that a program has ended that is waited for at a call. */
  private static final long GLANCE_MILLIS = 20;

  private final ProcessBuilder builder;
  private final FaultInjector faults;
  private final CallRecorder recorder;
  private final HoldPoints points;
  private final Duration limit;
  private final Tracer tracer;
  private final Set<Integer> pids = ConcurrentHashMap.newKeySet();
  private @Nullable TraceeHandle program;
  private @Nullable CompletableFuture<String> stdout;
  private @Nullable CompletableFuture<String> stderr;
  private @Nullable HoldPoint point;
  private @Nullable HeldCall stop;
  private @Nullable HoldPoint stoppedAt;

  /** Whether the test knows that the last stop was not answered in time. */
  private boolean isExpiryTold;

  RunningCommand(
      ProcessBuilder builder,
      FaultInjector faults,
      CallRecorder recorder,
      @Nullable Surroundings surroundings,
      Interest stopping,
      Duration limit) {
    this.builder = builder;
    this.faults = faults;
    this.recorder = recorder;
    this.limit = limit;
    points = new HoldPoints(stopping, limit);
    Tracer.Builder tracing = Tracer.builder().listener(faults).listener(recorder);
    if (surroundings != null) {
      tracing.listener(surroundings.listener());
    }
    tracer = tracing.listener(new Pids(pids)).listener(new AfterLaunch(points)).build();
  }

  void launch(@Nullable Target first, byte[] input) throws IOException {
    if (first != null) {
      point = points.at(first.calls, first.conditions.toArray(CallCondition[]::new));
    }
    TraceeHandle launched = tracer.launch(builder);
    program = launched;
    Process process = launched.process();
    stdout = drain(process.getInputStream());
    stderr = drain(process.getErrorStream());
    inBackground("input of a traced command", () -> feed(process, input));
  }

  private static void feed(Process process, byte[] input) {
    try (OutputStream to = process.getOutputStream()) {
      to.write(input);
    } catch (IOException e) {
      // The program has ended without reading all of it, which is its business.
      return;
    }
  }

  private static CompletableFuture<String> drain(InputStream stream) {
    CompletableFuture<String> text = new CompletableFuture<>();
    inBackground(
        "output of a traced command",
        () -> {
          try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            stream.transferTo(all);
            text.complete(all.toString(StandardCharsets.UTF_8));
          } catch (IOException | RuntimeException e) {
            text.completeExceptionally(e);
          }
        });
    return text;
  }

  private static void inBackground(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Waits until a process of the program is about to make a call. A call that is stopped from
   * before goes on, when the new one is waited for; so nothing between the two is missed.
   *
   * @param calls as {@link FaultRule#on} takes them
   * @param conditions what must hold of the call
   * @return the call, to look at and to answer
   * @throws AssertionFailedError when the program, with all that came of it, has ended without such
   *     a call, or did not come to one within the command's limit, or the call from before has
   *     waited too long; it is killed
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public HeldCall stopAt(String calls, CallCondition... conditions) throws InterruptedException {
    HoldPoint next = points.at(calls, conditions);
    letGo();
    point = next;
    return awaitStop();
  }

  /** A call that is stopped and was not answered goes on. */
  private void letGo() {
    HeldCall last = stop;
    HoldPoint at = stoppedAt;
    if (last == null || at == null) {
      return;
    }
    try {
      if (!last.answered().isDone()) {
        last.proceed();
      }
    } catch (TraceeDiedException e) {
      // It was killed where it stood.
      stop = null;
    } catch (IllegalTraceeStateException e) {
      // Its time has run out right now, of which the point tells.
      stop = last;
    }
    if (at.expired().join()) {
      isExpiryTold = true;
      kill();
      throw new AssertionFailedError(expiry(at));
    }
  }

  private String expiry(HoldPoint at) {
    return "The program has waited at "
        + at
        + " as long as its limit, "
        + limit
        + ", and went on without an answer";
  }

  /** That the last stop was not answered in time, if nobody was told that. */
  Optional<String> untold() {
    HoldPoint at = stoppedAt;
    return at != null && !isExpiryTold && at.expired().getNow(false)
        ? Optional.of(expiry(at))
        : Optional.empty();
  }

  HeldCall awaitStop() throws InterruptedException {
    HoldPoint next = point;
    if (next == null) {
      throw new IllegalStateException("No call to stop at was given");
    }
    boolean hasEnded = endsBefore(next.reached());
    try {
      HeldCall held = next.await(Duration.ZERO);
      stop = held;
      stoppedAt = next;
      isExpiryTold = false;
      return held;
    } catch (TimeoutException e) {
      List<RecordedCall> calls = recorder.calls();
      kill();
      String what =
          hasEnded
              ? "The program "
                  + RunAssert.end(process().exitStatus())
                  + " before it came to "
                  + next
              : "The program did not come to " + next + " within " + limit;
      throw new AssertionFailedError(what + RunAssert.lines("Its last calls", calls, true));
    }
  }

  /** Whether the program, with all that came of it, ends before something, or the limit, comes. */
  private boolean endsBefore(CompletableFuture<HeldCall> reached) throws InterruptedException {
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < limit.toNanos()) {
      // Asked before the call is looked for: whoever has ended has reached what it ever will.
      boolean hasEnded = tracer.awaitTracees(Duration.ZERO);
      try {
        reached.get(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
        return false;
      } catch (ExecutionException e) {
        return false;
      } catch (TimeoutException e) {
        if (hasEnded) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * The call that was stopped last.
   *
   * @return the call
   * @throws IllegalStateException when none was
   */
  public HeldCall stop() {
    HeldCall last = stop;
    if (last == null) {
      throw new IllegalStateException("The program was not stopped at a call");
    }
    return last;
  }

  /**
   * The launched process.
   *
   * @return the handle
   */
  public TraceeHandle process() {
    TraceeHandle launched = program;
    if (launched == null) {
      throw new IllegalStateException("The program was not launched");
    }
    return launched;
  }

  /** Kills the program and all that came of it. */
  public void kill() {
    tracer.tracees().forEach(TraceeHandle::kill);
  }

  /**
   * Waits for the end of the program and of all that came of it. A call that is stopped goes on.
   *
   * @return what it did
   * @throws AssertionFailedError when that takes longer than the command's limit, or a call that
   *     was stopped has waited that long and went on without an answer; what runs still is killed
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws io.sysmon.ListenerFailedException when a fault could not be injected, or a condition of
   *     a rule has thrown
   */
  public Run await() throws InterruptedException {
    letGo();
    TraceeHandle launched = process();
    if (!tracer.awaitTracees(limit)) {
      kill();
      throw new AssertionFailedError(
          builder.command()
              + " did not end within "
              + limit
              + RunAssert.lines("Its last calls", recorder.calls(), true));
    }
    return new Run(
        builder.command(),
        launched.exitStatus(),
        output(stdout),
        output(stderr),
        recorder.calls(),
        recorder.interest(),
        faults.rules(),
        faults.injections(),
        Set.copyOf(pids));
  }

  private static String output(@Nullable CompletableFuture<String> text) {
    if (text == null) {
      return "";
    }
    try {
      return text.join();
    } catch (CompletionException e) {
      throw new IllegalStateException("The output of the program could not be read", e.getCause());
    }
  }

  /** What runs still. */
  List<TraceeHandle> left() {
    return tracer.tracees();
  }

  /** Kills what is left, and ends the trace. */
  @Override
  public void close() {
    tracer.close();
  }
}
