package io.sysmon;

import io.sysmon.internal.engine.Engine;
import io.sysmon.internal.engine.FailRule;
import io.sysmon.internal.engine.Support;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Traces Linux processes by ptrace(2): the entry point. Built by {@link #builder()}, used from any
 * thread, ended by {@link #close()}.
 *
 * <p>A tracer has one thread of its own, or several ({@link Builder#tracerThreads}), each of which
 * owns some of the tracees and calls the listeners. Every process and thread that comes of a tracee
 * (fork, vfork, clone, clone3) is traced too, also across execve. Several tracers in one JVM, and
 * processes that the program starts by {@link ProcessBuilder}, do not disturb each other.
 *
 * <p>When the JVM ends, by whatever cause, the kernel kills what it launched ({@code
 * PTRACE_O_EXITKILL}).
 */
public final class Tracer implements AutoCloseable {
  private final Engine engine;

  private Tracer(Engine engine) {
    this.engine = engine;
  }

  /** For tests, as a view of what is behind it. */
  Engine engine() {
    return engine;
  }

  /**
   * Starts the description of a tracer.
   *
   * @return a builder with no listeners
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Whether this machine and process can trace. The first call tries it on a child process and
   * takes some milliseconds; the answer is kept.
   *
   * @return true when {@link #unsupportedReason()} is empty
   */
  public static boolean isSupported() {
    return unsupportedReason().isEmpty();
  }

  /**
   * Why this machine or process cannot trace.
   *
   * @return what is missing and what to do, or empty when tracing works
   */
  public static Optional<String> unsupportedReason() {
    return Support.unsupportedReason();
  }

  /**
   * Starts a program as {@link ProcessBuilder#start()} does, traced from its first instruction. The
   * first system call that listeners see is the program's own execve.
   *
   * <p>Of the builder are used: command, directory, environment (exactly as it is there), redirects
   * and {@code redirectErrorStream}. The program is searched in the {@code PATH} of this JVM's
   * environment, as {@code ProcessBuilder} does. No descriptor of the JVM but the standard streams
   * reaches the program; its signal mask is empty.
   *
   * @param command what to start; read during the call and not kept
   * @return the running tracee; at its return the execve has succeeded
   * @throws IOException with {@code ProcessBuilder}'s message ({@code error=2, No such file or
   *     directory}) when the program, its directory or a redirect's file cannot be used
   * @throws IndexOutOfBoundsException when the command is empty, as {@code ProcessBuilder} does
   * @throws TracerClosedException when this tracer was closed
   * @throws TracePermissionException when the kernel forbids to trace
   * @throws SeccompUnavailableException when {@link SeccompMode#REQUIRED} cannot be had
   * @throws IllegalTraceeStateException when called from a listener's callback
   */
  public TraceeHandle launch(ProcessBuilder command) throws IOException {
    return engine.launch(command);
  }

  /**
   * Traces a process that runs already: all its tasks, also those that it makes meanwhile, and from
   * then on everything that comes of it. No signal is sent and nothing is stopped for longer than
   * it takes to see what it is doing (ptrace(2), {@code PTRACE_SEIZE}); a task that is stopped by
   * job control stays so.
   *
   * <p>When it returns, the tasks have been told to the listeners by {@link
   * TraceeListener#onStart}, and their system calls are seen. A call that a task is in at that
   * moment is entered again ({@link SyscallEnter#isRestart()}), or just returns: its exit has the
   * right number and arguments without an entry before it. A timeout begins anew where the kernel
   * would have answered {@code EINTR}, as for epoll_wait(2). A task that sleeps uninterruptibly, or
   * waits for its vfork child, joins when it wakes.
   *
   * <p>Neither {@link #close()} nor the end of the JVM ends an attached process or what comes of
   * it: it is detached. (When the JVM is killed, the kernel detaches: a breakpoint then stays in
   * its code, and a call that was rewritten returns with the rewritten arguments in the program's
   * registers.)
   *
   * <p>In a callback it may be called as well; then it returns before the tasks are told.
   *
   * @param pid a process that is no child of this JVM
   * @return the handle, whose {@link TraceeHandle#process()} is not supported
   * @throws IllegalArgumentException when the number is not positive
   * @throws NoSuchProcessException when there is no such process, it is a thread of another one, or
   *     it has ended and is a zombie
   * @throws TracePermissionException when the kernel does not permit it, with the reason
   * @throws IllegalTraceeStateException when this tracer traces it already, or it is a child of
   *     this JVM: the JDK's wait for it would take its stops for its end
   * @throws TracerClosedException when this tracer was closed
   */
  public TraceeHandle attach(int pid) {
    return engine.attach(pid);
  }

  /**
   * Traces all processes that a predicate admits, those that run now and those that begin later,
   * until the result is closed. What comes of a traced process is traced, whatever the predicate
   * says of it, until it executes a program: then the predicate is asked again, of traced processes
   * and of others, and the process is attached or let go.
   *
   * <p>Kernel threads, this JVM and its children are always left out. {@link SystemTrace#others()}
   * leaves out what would trace itself. Processes that cannot be attached are in {@link
   * SystemTrace#refused()}.
   *
   * <p>When it returns, all have been seized that were there, as by {@link #attach}; one that
   * sleeps joins when it stops, for which it does not wait. The predicate is called by several
   * threads at a time at first, and then by one of the tracer's own that is not a callback's; what
   * it throws is a refusal. A tracer for many processes should be built with {@link
   * Builder#tracerThreadsAsNeeded()}.
   *
   * <p>Neither {@link #close()} nor the end of the JVM ends any of these processes.
   *
   * @param which admits a process
   * @return what is traced because of this call
   * @throws TracerClosedException when this tracer was closed
   * @throws IllegalTraceeStateException when called from a listener's callback
   */
  public SystemTrace attachAll(Predicate<? super ProcessInfo> which) {
    return engine.attachAll(Objects.requireNonNull(which, "which"));
  }

  /**
   * The processes that are traced now.
   *
   * @return a copy, the launched ones and those that came of them, by age
   */
  public List<TraceeHandle> tracees() {
    return engine.tracees();
  }

  /**
   * Waits until no tracee is left: the launched processes and all that came of them have ended.
   * {@link #close()} would kill the background processes that a program has left.
   *
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws ListenerFailedException when a callback has thrown and no {@code waitFor} told of it
   * @throws IllegalTraceeStateException when called from a listener's callback
   */
  public void awaitTracees() throws InterruptedException {
    engine.awaitTracees(null);
  }

  /**
   * Waits until no tracee is left, but not longer than told.
   *
   * @param timeout how long; zero or less asks without waiting
   * @return true when none is left, false when the time ran out
   * @throws InterruptedException when the waiting thread is interrupted
   * @throws ListenerFailedException when none is left and a callback has thrown and no {@code
   *     waitFor} told of it
   * @throws IllegalTraceeStateException when called from a listener's callback
   */
  public boolean awaitTracees(Duration timeout) throws InterruptedException {
    return engine.awaitTracees(timeout);
  }

  /**
   * The state of this tracer as text, for a bug report: its threads, what they are doing, how many
   * tasks each has and which share of its time it works; which processes have changed their thread
   * last, and why; a line for each task with its state, the kernel's letter for it, its last stop
   * and how it was resumed last, and what the tracer's own watch has found. The watch looks for
   * stops that were not resumed, and for tasks that are silent in a state that they should leave;
   * it also logs what it finds, as warnings of the {@link System.Logger} {@code io.sysmon.watch}.
   *
   * @return several lines; their form may change. A snapshot that is taken without stopping
   *     anything: it never waits, also when the tracer's thread hangs in a callback
   */
  public String diagnose() {
    return engine.diagnose();
  }

  /**
   * Kills the launched tracees that are left, detaches the attached ones and what came of them,
   * waits for both, and frees the tracer's thread, helper process and descriptors. Listeners still
   * see the tracees end. Further calls do nothing.
   *
   * @throws IllegalTraceeStateException when called from a listener's callback
   */
  @Override
  public void close() {
    engine.close();
  }

  /** Describes a {@link Tracer}. Used by one thread. */
  public static final class Builder {
    private final List<Listener> listeners = new ArrayList<>();
    private @Nullable Consumer<? super ListenerFailedException> failureHandler;
    private final List<FailRule> failRules = new ArrayList<>();
    private SeccompMode seccomp = SeccompMode.AUTO;

    private Placement placement = Placement.AUTO;
    private int threads = 1;

    private Builder() {}

    /**
     * Adds a listener. Listeners are called in the order in which they were added, at each stop.
     *
     * @param listener a {@link SyscallListener}, a {@link TraceeListener}, or both in one
     * @return this builder
     */
    public Builder listener(Listener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Sets who is told at once when a callback throws. It is called on the tracer's thread, under
     * the rules of a callback. Without one, the first failure of each listener's callback at each
     * place is logged by {@link System.Logger}; in both cases they come out of {@link
     * TraceeHandle#waitFor()}.
     *
     * @param handler takes each failure
     * @return this builder
     */
    public Builder onListenerFailure(Consumer<? super ListenerFailedException> handler) {
      failureHandler = Objects.requireNonNull(handler, "handler");
      return this;
    }

    /**
     * Says where tasks run that stop often; {@link Placement#AUTO} if nothing is said.
     *
     * @param where the tracer's choice, or the scheduler's
     * @return this
     */
    public Builder placement(Placement where) {
      placement = Objects.requireNonNull(where, "where");
      return this;
    }

    /**
     * Says on how many threads tracees are traced; on one if nothing is said. A new tree of
     * processes goes to the thread with the fewest tasks. Processes are handed over to another
     * thread, while they run, when theirs has too many tasks, or is busy with several processes and
     * another is idle; {@link Tracer#diagnose()} tells of that. Threads are started when they are
     * needed.
     *
     * <p>With more than one, callbacks about different processes run at the same time, also about a
     * parent and its child: listeners have to be safe for that. Callbacks about one process and its
     * tasks are called one after another, by one thread or another, and see what the earlier ones
     * have written. A callback cannot do to processes of another thread what waits for that thread:
     * {@link IllegalTraceeStateException} tells.
     *
     * @param most 1 or more
     * @return this
     * @throws IllegalArgumentException when there are to be none
     */
    public Builder tracerThreads(int most) {
      if (most < 1) {
        throw new IllegalArgumentException("A tracer needs a thread, not " + most);
      }
      threads = most;
      return this;
    }

    /**
     * The same, with as many threads as there are CPUs, and more when the list of one grows: each
     * wait walks the tasks of its thread (kernel/exit.c, do_wait()), so that a stop takes the
     * longer the more tasks there are on its thread, idle or not. One that has more than 64 hands
     * processes over to others. A process with more is traced by one thread all the same.
     *
     * @return this
     */
    public Builder tracerThreadsAsNeeded() {
      threads = 0;
      return this;
    }

    /**
     * Sets whether launched programs, and all that comes of them, get a seccomp filter made of the
     * listeners' interests: only the calls that one of them wants stop, and at the exit only when
     * one wants the exit. By default {@link SeccompMode#AUTO}.
     *
     * <p>What differs for a filtered program:
     *
     * <ul>
     *   <li>It cannot be detached: {@link TraceeHandle#detach()} throws {@link
     *       IllegalTraceeStateException}.
     *   <li>When this JVM lacks {@code CAP_SYS_ADMIN}, the program has {@code NO_NEW_PRIVS} set
     *       (prctl(2)): set-user-ID programs and file capabilities give it nothing. That takes
     *       something only from a tracer with {@code CAP_SYS_PTRACE}: what others trace does not
     *       gain privileges anyway (execve(2)).
     *   <li>{@code /proc/PID/status} and {@code prctl(PR_GET_SECCOMP)} show that it is filtered,
     *       and seccomp's strict mode is refused to it with {@code EINVAL}.
     *   <li>Children that it makes with {@code CLONE_UNTRACED} are traced: the flag is taken out of
     *       the call.
     * </ul>
     *
     * @param mode whether to filter
     * @return this builder
     */
    public Builder seccomp(SeccompMode mode) {
      seccomp = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * Lets every call of one kind fail in all tracees: the kernel does not make it. In a program
     * that is launched with a filter ({@link #seccomp}), and if no listener wants the call, the
     * kernel answers it without a stop ({@code SECCOMP_RET_ERRNO}).
     *
     * <p>Listeners that want the call see it enter and fail. A listener that calls {@link
     * SyscallEnter#skip} has the last word, as among listeners. Calls that listeners inject are
     * made; but they fail too where the filter cannot be suspended for them, because this JVM lacks
     * {@code CAP_SYS_ADMIN}.
     *
     * <p>No protection: without a filter of SysMon's ({@link SeccompMode#OFF}, an attached process,
     * or a listener that wants every call), the call of a program that has a seccomp filter of its
     * own is skipped only if this JVM has {@code CAP_SYS_ADMIN}. Else it is made, and {@link
     * TraceeHandle#waitFor()} throws a {@link ListenerFailedException}. What a listener's {@link
     * SyscallEnter#setNumber} makes of another call may fail or be made.
     *
     * <p>{@code fail("execve", …)} also fails the program's own, and thereby {@link Tracer#launch}.
     *
     * @param name a call's name, which only some ABIs may have, or a class such as {@code %file}
     * @param errno what the program sees; of several for one call the last
     * @return this builder
     * @throws UnknownSyscallException when no supported ABI has a call of that name, or there is no
     *     such class
     */
    public Builder fail(String name, Errno errno) {
      failRules.add(new FailRule(Interest.enter(name), Objects.requireNonNull(errno, "errno")));
      return this;
    }

    /**
     * Builds the tracer and starts its thread.
     *
     * @return a tracer that the caller closes
     * @throws UnsupportedPlatformException when this machine cannot trace
     * @throws TracePermissionException when the kernel forbids to trace
     */
    public Tracer build() {
      return new Tracer(
          Engine.start(
              List.copyOf(listeners),
              List.copyOf(failRules),
              failureHandler,
              seccomp,
              placement,
              threads));
    }
  }
}
