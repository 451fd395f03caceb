package io.sysmon;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A system call that waits at its entry for an answer, its task with it. May be used from any
 * thread. Answered once; if nobody does, its time runs out and the verdict agreed on at {@link
 * SyscallEnter#hold} applies.
 */
public interface HeldCall {
  /**
   * The call, as it was when it was held.
   *
   * @return the record
   */
  SyscallRecord call();

  /**
   * The waiting task.
   *
   * @return the task
   */
  TraceeTask task();

  /**
   * Answers. Who may be late, such as a person who is asked, has to expect that it throws.
   *
   * @param verdict what becomes of the call; {@link Verdict#proceed()} makes it as the listeners
   *     left it
   * @throws IllegalTraceeStateException when it was answered before, or its time ran out
   * @throws TraceeDiedException when the task has ended while it waited
   */
  void answer(Verdict verdict);

  /**
   * Answers by changing the call first: the callback runs on the tracer's thread with a view of the
   * call, as in {@link SyscallListener#onEnter}, and what it leaves is made.
   *
   * @param rewrite changes the call; it must not hold it again
   * @throws IllegalTraceeStateException when it was answered before, or its time ran out
   * @throws TraceeDiedException when the task has ended while it waited
   */
  void answer(Consumer<? super SyscallEnter> rewrite);

  /** Lets the kernel make the call. Throws as {@link #answer(Verdict)}. */
  default void proceed() {
    answer(Verdict.proceed());
  }

  /**
   * Makes the call fail without being made. Throws as {@link #answer(Verdict)}.
   *
   * @param errno what the program sees
   */
  default void fail(Errno errno) {
    answer(Verdict.fail(errno));
  }

  /**
   * Makes the call return without being made. Throws as {@link #answer(Verdict)}.
   *
   * @param result what the program sees
   */
  default void skip(long result) {
    answer(Verdict.skip(result));
  }

  /**
   * Tells how the wait ended: true by an answer, false by the end of its time, the task or the
   * tracer.
   *
   * @return a future of its own at each call
   */
  CompletableFuture<Boolean> answered();
}
