package io.sysmon.fault;

import io.sysmon.HeldCall;
import io.sysmon.SyscallEnter;
import io.sysmon.TracerClosedException;
import io.sysmon.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** A call that is waited for, set by {@link HoldPoints#at}. Any thread. */
public final class HoldPoint {
  private final FaultRule about;
  private final List<CallCondition> conditions;
  private final Predicate<HoldPoint> remover;
  private final Duration most;
  private final CompletableFuture<HeldCall> held = new CompletableFuture<>();

  /** Without an answer a call ends by its time, or before that with its task or the tracer. */
  private final CompletableFuture<Boolean> expired =
      held.thenCompose(HeldCall::answered).thenApply(byAnswer -> !byAnswer && isOver());

  /** When it was reached, by {@link System#nanoTime()}. */
  private volatile long begin;

  HoldPoint(
      FaultRule about,
      List<CallCondition> conditions,
      Predicate<HoldPoint> remover,
      Duration most) {
    this.about = about;
    this.conditions = List.copyOf(conditions);
    this.remover = remover;
    this.most = most;
  }

  boolean isAbout(SyscallEnter call) {
    return about.calls().contains(call.name())
        && conditions.stream().allMatch(condition -> condition.matches(call));
  }

  private boolean isOver() {
    return System.nanoTime() - begin >= most.toNanos();
  }

  void reached(SyscallEnter call) {
    begin = System.nanoTime();
    try {
      held.complete(call.hold(most, Verdict.proceed()));
    } catch (RuntimeException e) {
      held.completeExceptionally(e);
      throw e;
    }
  }

  void closed() {
    held.completeExceptionally(notReached());
  }

  private TracerClosedException notReached() {
    return new TracerClosedException(this + " was not reached before the tracer was closed");
  }

  /**
   * Waits until a process is about to make the call. The call then waits for its answer, as long as
   * the points were told, and is made without one after that: {@link #expired}.
   *
   * @param limit how long
   * @return the call, to look at and to answer; {@code task().tracee().kill()} ends its process
   * @throws TimeoutException when no such call was made in time; the point is removed
   * @throws InterruptedException when the waiting thread is interrupted; the point stays
   * @throws IllegalStateException when the call could not be held
   * @throws TracerClosedException when the tracer was closed and no such call was made; the point
   *     is removed
   */
  public HeldCall await(Duration limit) throws InterruptedException, TimeoutException {
    try {
      return held.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw couldNotHold(e);
    } catch (TimeoutException e) {
      if (remover.test(this)) {
        throw new TimeoutException(this + " was not reached within " + limit);
      }
    }
    // The tracer's thread has just taken it up.
    try {
      return held.get();
    } catch (ExecutionException e) {
      throw couldNotHold(e);
    }
  }

  private RuntimeException couldNotHold(ExecutionException e) {
    return e.getCause() instanceof TracerClosedException
        ? notReached()
        : new IllegalStateException(this + " could not hold its call", e.getCause());
  }

  /**
   * Tells that a process is about to make the call, or could not be stopped there.
   *
   * @return a future of its own at each call, which completes on the tracer's thread: what is
   *     chained to it must not block. With a {@link TracerClosedException} on the thread that
   *     closes the tracer, when no such call was made
   */
  public CompletableFuture<HeldCall> reached() {
    return held.copy();
  }

  /**
   * Tells whether the call has waited for an answer as long as it may, and was made without one:
   * what was seen of the world since is not what was before the call.
   *
   * @return a future of its own at each call, which completes with true then, and with false when
   *     the call was answered or its task has ended before; for a point that is not reached only as
   *     {@link #reached} does
   */
  public CompletableFuture<Boolean> expired() {
    return expired.copy();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("the point at ").append(about);
    conditions.forEach(condition -> text.append(':').append(condition));
    return text.toString();
  }
}
