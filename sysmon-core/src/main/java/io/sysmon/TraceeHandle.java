package io.sysmon;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One traced process: a thread group and its tasks. May be used from any thread, also after the
 * process ended.
 */
public interface TraceeHandle {
  /**
   * The process id, in the tracer's pid namespace.
   *
   * @return a positive number
   */
  int pid();

  /**
   * The process that forked this one, if it was traced.
   *
   * @return empty for a process that was launched or attached
   */
  Optional<TraceeHandle> parent();

  /**
   * The tasks that live now.
   *
   * @return a copy; empty when the process has ended
   */
  List<TraceeTask> tasks();

  /**
   * The process's memory, readable from any thread. A running process may change it at any time;
   * inside a callback its calling task is stopped, but other threads of it may run.
   *
   * @return the accessor, valid as long as the process lives
   */
  TraceeMemory memory();

  /**
   * Makes a system call inside the process, as {@link SyscallStop#syscall} does. One of its tasks
   * has to be stopped in a system call: the one that the callback under way is about, or, from any
   * thread, one whose call is held.
   *
   * @param name the call's name in the ABI of the call that the task is stopped in
   * @param args up to six arguments
   * @return the result, or minus the errno
   * @throws IllegalTraceeStateException when all tasks of the process run, or it is detached
   * @throws TraceeDiedException when the process has ended
   */
  long syscall(String name, long... args);

  /**
   * Sets a breakpoint. The listener runs on the tracer's thread, under the rules of a callback,
   * whenever a task of the process is about to execute the instruction. May be called from any
   * thread and from callbacks.
   *
   * @param address the first byte of an instruction
   * @param onHit called at each hit
   * @return the breakpoint, to remove it
   * @throws BadAddressException when there is no code at the address
   * @throws IllegalTraceeStateException when there is a breakpoint already, or the process is
   *     detached
   * @throws TraceeDiedException when the process has ended
   */
  Breakpoint setBreakpoint(long address, Consumer<? super CodeStop> onHit);

  /**
   * Narrows what listeners are told of the process's system calls: from now on of those that they
   * want ({@link SyscallListener#interest()}) only the ones that are also in {@code interest};
   * {@link Interest#all()} takes it back. Processes that it makes from then on begin with the same.
   * For a program that has become interesting, or is not any more: what it does before it opens its
   * configuration, or what a shell does itself.
   *
   * <p>A process of which no call is left runs without stops at calls, as fast as if it were not
   * traced, if it has no seccomp filter. With one ({@link SeccompMode}) the calls that its filter
   * selects still stop, and go on without a callback. Signals, forks, execs and ends are told as
   * before. Any thread, and callbacks. A call whose entry was told is told at its exit if the exit
   * is in {@code interest}.
   *
   * @param interest what is left
   * @throws IllegalTraceeStateException when the process was detached; also in a callback on
   *     another thread of the tracer than the process's ({@link Tracer.Builder#tracerThreads})
   */
  void narrow(Interest interest);

  /**
   * How much this process has been slowed until now: what its tasks' stops have taken. Any thread.
   *
   * @return of about now; of a process that is not traced any more, of then
   */
  StopTime stopTime();

  /**
   * Whether the process has not ended yet: as far as the tracer has been told or, after a process
   * was let go that this tracer has not launched, as the kernel says now.
   *
   * @return false from the {@code onExit} of its leader on
   */
  boolean isAlive();

  /**
   * Whether it is under trace: not when it has ended, nor after {@link #detach()}.
   *
   * @return false once listeners are not called for it any more
   */
  boolean isTraced();

  /**
   * Takes the process out of the trace and leaves it as it was: it goes on running, sleeping in the
   * call that it was in, or stopped. Breakpoints and scratch memory are removed, a held call goes
   * on, a call with rewritten arguments that has not returned is made again as the program wrote
   * it. Its child processes stay traced; they have handles of their own.
   *
   * <p>Returns when the listeners have been told by {@link TraceeListener#onDetach} and the process
   * goes on without the tracer. A task can be let go when it can stop: one that sleeps
   * uninterruptibly, or waits for the vfork child that it has made, is waited for. In a callback it
   * returns at once, and the process is let go when its tasks have been resumed.
   *
   * <p>A launched process remains a child of this JVM: {@link #waitFor()}, {@link #onExit()} and
   * {@link #process()} go on to serve it, and neither {@link Tracer#close()} nor the end of the JVM
   * ends it. What becomes of another one, which was attached or forked by a tracee, is not known
   * here from then on. Does nothing when the process is not traced any more.
   *
   * @throws IllegalTraceeStateException when it was launched with a seccomp filter, which it cannot
   *     lose ({@link SeccompMode})
   * @throws InterruptedException when the waiting thread is interrupted; the process is let go all
   *     the same
   * @throws ListenerFailedException as {@link #waitFor()}, once the process is let go
   */
  void detach() throws InterruptedException;

  /**
   * As {@link #detach()}, but does not wait longer than told.
   *
   * @param timeout how long; zero or less does not wait
   * @return false when a task could not be stopped in time; it is let go as soon as it can
   * @throws IllegalTraceeStateException as {@link #detach()}
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws ListenerFailedException as {@link #waitFor()}, once the process is let go
   */
  boolean detach(Duration timeout) throws InterruptedException;

  /**
   * Ends the process with {@code SIGKILL}. Does nothing when it has ended.
   *
   * @throws IllegalTraceeStateException when the process was not launched by this tracer and is
   *     detached: its number may be another one's by now
   */
  void kill();

  /**
   * Sends a signal to the process, as kill(2) does.
   *
   * @param signal the signal
   * @throws TraceeDiedException when the process has ended
   * @throws IllegalTraceeStateException as {@link #kill()}
   */
  void signal(Signal signal);

  /**
   * Waits until the process has ended. Its descendants may go on: {@link Tracer#awaitTracees()}
   * waits for those too.
   *
   * @return the exit value as {@link Process#waitFor()} gives it: the code, or 128 plus the signal
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws ListenerFailedException when a callback for this process, or for another one of the
   *     same launch, has thrown. The process has ended then, {@link #exitStatus()} tells how;
   *     thrown again at each further call
   * @throws IllegalTraceeStateException on the tracer's own thread, where it would wait forever;
   *     and when the process was not launched by this tracer and is detached, so that nobody here
   *     is told of its end
   */
  int waitFor() throws InterruptedException;

  /**
   * Waits until the process has ended, but not longer than told.
   *
   * @param timeout how long; zero or less asks without waiting
   * @return true when the process has ended, false when the time ran out
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws ListenerFailedException as {@link #waitFor()}, once the process has ended
   * @throws IllegalTraceeStateException on the tracer's own thread
   */
  boolean waitFor(Duration timeout) throws InterruptedException;

  /**
   * How the process ended.
   *
   * @return the status of its leader
   * @throws IllegalTraceeStateException when it still lives
   */
  ExitStatus exitStatus();

  /**
   * Completes when the process has ended, on the tracer's thread: what is chained to it must not
   * block. It completes with the status also when a listener failed, and exceptionally with a
   * {@link TraceException} when the tracer lost the process (its thread failed), or when it was not
   * launched by this tracer and is detached.
   *
   * @return a future of its own at each call; cancelling it cancels nothing else
   */
  CompletableFuture<ExitStatus> onExit();

  /**
   * The launched process as the JDK's class, with its streams. {@code destroy()} sends {@code
   * SIGTERM}, {@code destroyForcibly()} {@code SIGKILL}; {@code toHandle()} is not supported,
   * because the JDK would take the tracee's stops for its end.
   *
   * @return the same object at each call
   * @throws IllegalTraceeStateException when this process was not launched by the tracer, but came
   *     of one that was
   */
  Process process();
}
