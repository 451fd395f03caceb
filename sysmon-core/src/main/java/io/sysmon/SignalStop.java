package io.sysmon;

/**
 * A task to which a signal is about to be delivered (a signal-delivery-stop, ptrace(2)), and the
 * verbs that decide what is delivered. Without a verb, the signal is: its handler is run, or its
 * default action done.
 *
 * <p>The verbs take effect when all listeners have been called. Each listener sees in {@link
 * #signal()}, {@link #info()} and {@link #isSuppressed()} what the ones before it left, and the
 * last verb counts. A callback that throws has its verbs undone; what it wrote to memory or
 * registers stays.
 *
 * <p>What a signal does when it is sent, it has done before it is delivered, whatever is decided
 * here: {@code SIGCONT} has continued the process and has taken away stop signals that were
 * pending, a stop signal has taken away a pending {@code SIGCONT} (kernel/signal.c
 * prepare_signal()), and it has interrupted the system call that the task was in. A call that was
 * interrupted by a signal that is then suppressed is made again, by the kernel or, where that
 * cannot (signal(7): epoll_wait(2) and others), by the tracer; not so calls on sockets with a limit
 * of time, nor any that the kernel cannot restart on aarch64: these fail with {@code EINTR}.
 *
 * <p>Signals that a program takes by sigwaitinfo(2) or signalfd(2) are not delivered, and not seen
 * here. Nor is {@code SIGKILL}.
 *
 * <p>A view, reused for the next stop: valid on the tracer's thread until the callback returns.
 */
public interface SignalStop {
  /**
   * The task that the signal will be delivered to.
   *
   * @return an object that may be kept
   */
  TraceeTask task();

  /**
   * The signal: the one that has come, or by which a listener has replaced it. Suppressing does not
   * change it.
   *
   * @return the signal
   */
  Signal signal();

  /**
   * What the program is told about it: who sent it and why.
   *
   * @return an immutable value that may be kept
   * @throws TraceeDiedException when the task was killed meanwhile
   */
  SigInfo info();

  /**
   * Whether no signal is to be delivered.
   *
   * @return true when {@link #suppress()} was the last verb
   */
  boolean isSuppressed();

  /**
   * Lets nothing be delivered: no handler, no default action. The task goes on where it is.
   *
   * <p>Where that is an instruction that raises the signal ({@code SIGSEGV}, {@code SIGBUS}, {@code
   * SIGILL}, {@code SIGFPE} with {@link SigInfo#code()} above 0), it is executed again and raises
   * it again, without end, unless the listener has mended what is wrong: by {@link #registers()}
   * (skip the instruction, or do what it should have done) or {@link #memory()}.
   */
  void suppress();

  /**
   * Lets another signal be delivered. The program is told that this process sent it: {@link
   * SigInfo#SI_USER}, with the id of the tracer's thread as pid (kernel/signal.c ptrace_signal()).
   *
   * <ul>
   *   <li>A signal that the task blocks becomes pending, and comes here again when it is unblocked;
   *       one that the program ignores is gone.
   *   <li>{@code SIGKILL} kills the process.
   *   <li>A stop signal stops it, as when it had been sent, but a {@code SIGCONT} that is pending
   *       stays so.
   *   <li>{@code SIGCONT} runs its handler, and continues nothing: that is done when it is sent.
   *       {@link TraceeTask#signal} sends.
   * </ul>
   *
   * @param signal the other signal, or the same
   * @throws IllegalArgumentException when there is no such signal
   */
  void replace(Signal signal);

  /**
   * Lets another signal be delivered, or the same one with other information ({@code
   * PTRACE_SETSIGINFO}). Further as {@link #replace(Signal)}.
   *
   * @param info what the program is to be told; {@link SigInfo#signal()} is the signal
   * @throws IllegalArgumentException when there is no such signal
   */
  void replace(SigInfo info);

  /**
   * All registers of the task, by name. Where the signal has interrupted a system call that can be
   * restarted, the kernel may still move the instruction pointer back; on x86_64, an {@code
   * orig_rax} of −1 keeps it from that.
   *
   * @return the accessor, valid as long as this view
   * @throws IllegalTraceeStateException for a {@code SIGSTOP} that comes while a system call is
   *     being made inside the task ({@link SyscallStop#syscall}): they are not the program's then
   */
  Registers registers();

  /**
   * The process's memory.
   *
   * @return the accessor, valid as long as this view
   */
  TraceeMemory memory();
}
