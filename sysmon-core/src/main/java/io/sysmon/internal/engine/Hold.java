package io.sysmon.internal.engine;

import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallRecord;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeTask;
import io.sysmon.TracerClosedException;
import io.sysmon.Verdict;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A call that waits for an answer. The state is decided once, by whoever comes first. */
final class Hold implements HeldCall {
  private enum State {
    WAITING,
    ANSWERED,
    TIMED_OUT,
    WITHDRAWN,
    DETACHED,
    DIED
  }

  private final SyscallRecord call;
  private final Task task;
  private final Verdict onTimeout;
  private final HoldDesk desk;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final CompletableFuture<Boolean> answered = new CompletableFuture<>();
  private @Nullable CompletableFuture<Void> clock;

  Hold(SyscallRecord call, Task task, Verdict onTimeout, HoldDesk desk) {
    this.call = call;
    this.task = task;
    this.onTimeout = onTimeout;
    this.desk = desk;
  }

  /** What will call {@link #timeOut()}. */
  void clock(CompletableFuture<Void> running) {
    clock = running;
  }

  private void decided(boolean byAnswer) {
    answered.complete(byAnswer);
    if (clock != null) {
      clock.cancel(false);
    }
  }

  Task heldTask() {
    return task;
  }

  @Override
  public SyscallRecord call() {
    return call;
  }

  @Override
  public TraceeTask task() {
    return task;
  }

  @Override
  public void answer(Verdict verdict) {
    Objects.requireNonNull(verdict, "verdict");
    answer(view -> apply(verdict, view));
  }

  private static void apply(Verdict verdict, SyscallEnter view) {
    if (verdict.kind() == Verdict.Kind.SKIP) {
      view.skip(verdict.result());
    }
  }

  @Override
  public void answer(Consumer<? super SyscallEnter> rewrite) {
    Objects.requireNonNull(rewrite, "rewrite");
    if (!state.compareAndSet(State.WAITING, State.ANSWERED)) {
      State decided = state.get();
      if (decided == State.DIED) {
        throw died();
      }
      throw new IllegalTraceeStateException(call + " cannot be answered: " + reason(decided));
    }
    try {
      desk.answer(this, rewrite);
    } catch (TracerClosedException e) {
      decided(false);
      throw died();
    }
    decided(true);
  }

  private static String reason(State decided) {
    return switch (decided) {
      case TIMED_OUT -> "its time has run out";
      case WITHDRAWN -> "the callback that held it has thrown";
      case DETACHED -> "its process was detached";
      default -> "it was answered before";
    };
  }

  private TraceeDiedException died() {
    return new TraceeDiedException(task + " ended while its call was held: " + call);
  }

  /** Nobody has answered in time. */
  void timeOut() {
    if (state.compareAndSet(State.WAITING, State.TIMED_OUT)) {
      try {
        desk.answer(this, view -> apply(onTimeout, view));
      } catch (TracerClosedException e) {
        // The tracer is ending the task meanwhile.
        decided(false);
        return;
      }
      decided(false);
    }
  }

  /** The callback that asked for it has thrown: the call goes on without it. */
  void withdraw() {
    if (state.compareAndSet(State.WAITING, State.WITHDRAWN)) {
      decided(false);
    }
  }

  /**
   * The task is let go: the call goes on as its program made it.
   *
   * @return false when it is answered already, and the answer is on its way
   */
  boolean taskDetached() {
    if (!state.compareAndSet(State.WAITING, State.DETACHED)) {
      return false;
    }
    decided(false);
    return true;
  }

  /** The task has ended, so that there is nothing to answer. */
  void taskEnded() {
    if (state.compareAndSet(State.WAITING, State.DIED)) {
      decided(false);
    }
  }

  @Override
  public CompletableFuture<Boolean> answered() {
    return answered.copy();
  }

  @Override
  public String toString() {
    return "held " + call + " (" + state.get() + ")";
  }
}
