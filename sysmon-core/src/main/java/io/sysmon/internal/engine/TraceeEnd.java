package io.sysmon.internal.engine;

import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.TraceException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The end of a process, or of its being traced, for those who wait. The tracer thread tells of it;
 * any thread asks.
 */
final class TraceeEnd {
  private final int pid;
  private final Failures failures;
  private final Requests requests;
  private final ExitFuture<ExitStatus> exit;

  /** Completes when it is not traced any more, whether it ended or was let go. */
  private final ExitFuture<Void> untraced;

  private volatile @Nullable ExitStatus status;

  /** It was attached and is let go again: its end is none of the tracer's business. */
  private volatile boolean letGo;

  /** Tells, by pid and start time, whether it still is that process. */
  private volatile Optional<ProcessHandle> afterwards = Optional.empty();

  TraceeEnd(int pid, Failures failures, Requests requests) {
    this.pid = pid;
    this.failures = failures;
    this.requests = requests;
    exit = new ExitFuture<>(requests);
    untraced = new ExitFuture<>(requests);
  }

  /** It goes on, and nobody here will know how it ends. */
  void letGo() {
    afterwards = ProcessHandle.of(pid);
    letGo = true;
    exit.completeExceptionally(detached());
  }

  /** Its last task was let go. */
  void untraced() {
    untraced.complete(null);
  }

  /** Its leader has ended: the listeners may ask how. */
  void status(ExitStatus ended) {
    status = ended;
  }

  /** Ends it for those who wait, when the listeners have been told. */
  void ended(ExitStatus ended) {
    exit.complete(ended);
    untraced.complete(null);
  }

  /** The tracer's thread failed and nobody will tell how it ended. */
  void lost(TraceException why) {
    exit.completeExceptionally(why);
    untraced.completeExceptionally(why);
  }

  boolean isTraced() {
    // Whoever was told of its end may ask at once.
    return !untraced.isDone() && !exit.isDone();
  }

  boolean isLetGo() {
    return letGo;
  }

  /** Whether it went on untraced, and did not end since as far as is known. */
  boolean isDetached() {
    return letGo || (!isTraced() && status == null);
  }

  boolean isAlive() {
    return letGo
        ? afterwards.map(ProcessHandle::isAlive).orElse(false)
        : status == null && !exit.isDone();
  }

  IllegalTraceeStateException detached() {
    return new IllegalTraceeStateException(
        "Process " + pid + " was detached; what it does and how it ends is not known here");
  }

  /** Throws that nothing can be done to it any more, if it went on untraced. */
  void throwIfDetached() {
    if (isDetached()) {
      throw outOfReach();
    }
  }

  IllegalTraceeStateException outOfReach() {
    return new IllegalTraceeStateException(
        "Process " + pid + " was detached; its memory, code and calls are out of reach");
  }

  boolean awaitUntraced(@Nullable Duration timeout) throws InterruptedException {
    return await(untraced, timeout);
  }

  /**
   * As {@link #awaitUntraced}, but whatever listeners have thrown, and however often interrupted.
   */
  boolean waitUntraced(Duration timeout) {
    Waiting.upTo(timeout, untraced);
    return untraced.isDone();
  }

  boolean awaitExit(@Nullable Duration timeout) throws InterruptedException {
    if (requests.isInCallback()) {
      throw new IllegalTraceeStateException(
          "waitFor in a callback would wait forever: the tracer's thread would wait for itself");
    }
    return await(exit, timeout);
  }

  /** Without a limit when it is null. */
  private boolean await(CompletableFuture<?> end, @Nullable Duration timeout)
      throws InterruptedException {
    try {
      if (timeout == null) {
        end.get();
      } else {
        end.get(Math.max(0, TimeUnit.NANOSECONDS.convert(timeout)), TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw lostBecause(e);
    }
    failures.throwIfAny();
    return true;
  }

  private TraceException lostBecause(Exception e) {
    return letGo ? detached() : new TraceException("The tracer lost the process", e.getCause());
  }

  ExitStatus exitStatus() {
    ExitStatus ended = status;
    if (ended != null) {
      return ended;
    }
    if (!exit.isDone()) {
      throw new IllegalTraceeStateException(
          "Process " + pid + " has not ended; wait for it with waitFor() or onExit()");
    }
    try {
      return exit.join();
    } catch (CompletionException e) {
      throw lostBecause(e);
    }
  }

  CompletableFuture<ExitStatus> onExit() {
    return exit.copy();
  }
}
