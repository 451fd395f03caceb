package io.sysmon.monitor;

import io.sysmon.BadAddressException;
import io.sysmon.Errno;
import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.decode.SockAddr;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of what traced processes do, and decides by a policy whether they may.
 *
 * <pre>{@code
 * Monitor monitor = Monitor.of(Policy.read(file), event -> System.out.println(event));
 * try (Tracer tracer = Tracer.builder().tracerThreadsAsNeeded().listener(monitor).build();
 *     SystemTrace system = tracer.attachAll(SystemTrace.others());
 *     monitor) {
 *   ...
 * }
 * }</pre>
 *
 * <p>It is a listener of one {@link io.sysmon.Tracer}, whatever that launches or attaches. It is
 * closed before the tracer, as here: of a process that is let go with a question open, the call is
 * made.
 */
public final class Monitor implements SyscallListener, TraceeListener, AutoCloseable {
  /** {@code ERESTARTSYS} to {@code ERESTART_RESTARTBLOCK} (include/linux/errno.h). */
  private static final int FIRST_RESTART = 512;

  private static final int LAST_RESTART = 516;

  private final Consumer<? super Event> events;
  private final Questions questions;
  private final Map<Integer, ProcessState> processes = new ConcurrentHashMap<>();

  /** Those of whose calls not all are looked at. */
  private final Map<Integer, TraceeHandle> narrowed = new ConcurrentHashMap<>();

  private final AtomicLong narrowedChildren = new AtomicLong();
  private final DescriptorCalls descriptors = new DescriptorCalls(this::modified);
  private volatile Policy policy;

  private Monitor(Policy policy, Consumer<? super Event> events, Asker asker) {
    this.policy = policy;
    this.events = events;
    questions = new Questions(asker);
  }

  /**
   * A monitor that has nobody to ask: the calls about which a rule asks are denied.
   *
   * @param policy for all processes
   * @param events takes the events, on the tracer's threads, several at a time
   * @return a listener for one tracer, to be closed before it
   */
  public static Monitor of(Policy policy, Consumer<? super Event> events) {
    return of(policy, events, question -> false);
  }

  /**
   * A monitor.
   *
   * @param policy for all processes
   * @param events takes the events, on the tracer's threads, several at a time
   * @param asker is asked where a rule says so
   * @return a listener for one tracer, to be closed before it
   */
  public static Monitor of(Policy policy, Consumer<? super Event> events, Asker asker) {
    return new Monitor(
        Objects.requireNonNull(policy, "policy"),
        Objects.requireNonNull(events, "events"),
        Objects.requireNonNull(asker, "asker"));
  }

  /**
   * Sets the policy of all processes that have none of their own. It counts from the next call of
   * each on. Any thread.
   *
   * @param next the policy
   */
  public void policy(Policy next) {
    policy = Objects.requireNonNull(next, "next");
    narrowed.values().forEach(this::narrowAgain);
  }

  /**
   * Sets the policy of one process, and of those that it makes from then on. Any thread.
   *
   * @param pid a process that has begun or has been attached
   * @param own null to take it back
   * @return false when no such process is known
   */
  public boolean policy(int pid, @Nullable Policy own) {
    ProcessState process = processes.get(pid);
    if (process != null) {
      process.policy(own);
      Optional.ofNullable(narrowed.get(pid)).ifPresent(this::narrowAgain);
    }
    return process != null;
  }

  /**
   * Looks from now on only at those calls of a process about which a rule denies or asks, and so
   * for the processes that it makes from then on. Starts and ends of processes are told as before.
   * Any thread but the tracer's.
   *
   * @param process of the tracer that this is a listener of
   * @throws IllegalTraceeStateException when it is not traced any more
   */
  public void narrow(TraceeHandle process) {
    narrowed.put(process.pid(), process);
    try {
      process.narrow(calls(process));
    } catch (IllegalTraceeStateException e) {
      narrowed.remove(process.pid());
      throw e;
    }
  }

  private Interest calls(TraceeHandle process) {
    ProcessState state = processes.get(process.pid());
    return CallDecoder.interest((state == null ? policy : policyOf(state)).restricted());
  }

  private void narrowAgain(TraceeHandle process) {
    try {
      process.narrow(calls(process));
    } catch (IllegalTraceeStateException e) {
      // It is let go just now.
      narrowed.remove(process.pid());
    }
  }

  /**
   * How many processes were made by those of whose calls not all are looked at, and are as they.
   *
   * @return since the beginning
   */
  public long narrowedChildren() {
    return narrowedChildren.get();
  }

  @Override
  public Interest interest() {
    return CallDecoder.interest();
  }

  private ProcessState state(TraceeTask task) {
    return processes.computeIfAbsent(task.pid(), ProcessState::of);
  }

  private Policy policyOf(ProcessState process) {
    Policy own = process.policy();
    return own == null ? policy : own;
  }

  @Override
  public void onEnter(SyscallEnter call) {
    ProcessState process = state(call.task());
    // What is left of a call whose exit was not to be told any more.
    process.forget(call.tid());
    Policy rules = policyOf(process);
    try {
      Attempt attempt = CallDecoder.decode(call, process, rules);
      if (attempt != null && !rules.ignores(attempt.kind())) {
        process.entered(call.tid(), attempt);
        decide(call, process, rules, attempt);
      }
    } catch (BadAddressException e) {
      // The kernel might be able to read it an instant later.
      refuse(call, rules, Errno.EFAULT);
    } catch (TracePermissionException e) {
      // Nothing can be mapped in it, so that what is decided upon could be changed afterwards.
      refuse(call, rules, Errno.EPERM);
    }
  }

  private static void refuse(SyscallEnter call, Policy rules, Errno errno) {
    if (rules.isRestrictive()) {
      call.fail(errno);
    }
  }

  private void decide(SyscallEnter call, ProcessState process, Policy rules, Attempt attempt) {
    if (Attempt.isAfterwards(attempt.kind())) {
      return;
    }
    Optional<Rule> rule = rules.rule(attempt.kind(), process.actor(), attempt.target());
    if (rule.isEmpty()) {
      if (!rules.shows(attempt.kind())) {
        process.returned(call.tid());
      }
      return;
    }
    switch (rule.get().verdict()) {
      case ALLOW -> process.returned(call.tid());
      case LOG -> attempt.decided("", rule.get().name());
      case DENY -> {
        attempt.decided("deny", rule.get().name());
        call.fail(Errno.EPERM);
      }
      case ASK ->
          questions.ask(
              call,
              attempt,
              rule.get(),
              event(process, call.tid(), attempt.kind(), attempt.details()));
    }
  }

  @Override
  public void onExit(SyscallExit call) {
    ProcessState process = state(call.task());
    process.returns(call);
    descriptors.returned(call, process);
    Attempt attempt = process.returned(call.tid());
    if (attempt == null) {
      return;
    }
    EventKind kind = attempt.kind();
    String error = call.failed() ? errorOf(call.result()) : "";
    if (kind == EventKind.FILE_WRITE && error.isEmpty() && CallDecoder.opens(call.name())) {
      boolean truncates = attempt.details().containsKey("truncates");
      process.files().opened(call.pid(), (int) call.result(), truncates);
    }
    if (kind == EventKind.NET_ACCEPT && error.isEmpty()) {
      // Only where the program has asked for it.
      call.argument("addr")
          .find(SockAddr.class)
          .ifPresent(address -> attempt.with("address", Address.of(address).toString()));
    }
    if (kind == EventKind.PRIVILEGE && error.isEmpty()) {
      attempt.with("before", process.actor().user());
      attempt.with("user", process.lookAgain().user());
    }
    if (attempt.isTold(error)) {
      Map<String, Object> details = attempt.details();
      if (!error.isEmpty()) {
        details.put("error", error);
      }
      tell(process, call.tid(), kind, details);
    }
  }

  /**
   * What the kernel hands to itself to make a call again, if it does, is told as the program knows
   * it.
   */
  private static String errorOf(long result) {
    int number = (int) -result;
    if (number >= FIRST_RESTART && number <= LAST_RESTART) {
      return Errno.EINTR.name();
    }
    return Errno.find(number).map(Errno::name).orElse("errno " + number);
  }

  private void modified(ProcessState process, int tid, String path) {
    tellIfShown(process, tid, EventKind.FILE_MODIFIED, Map.of("path", path));
  }

  /** Of what cannot be kept from happening, or has happened already. */
  private void tellIfShown(
      ProcessState process, int tid, EventKind kind, Map<String, Object> details) {
    if (policyOf(process).shows(kind)) {
      tell(process, tid, kind, details);
    }
  }

  private void tell(ProcessState process, int tid, EventKind kind, Map<String, Object> details) {
    events.accept(event(process, tid, kind, details));
  }

  private static Event event(
      ProcessState process, int tid, EventKind kind, Map<String, Object> details) {
    return new Event(Instant.now(), kind, process.actor(), tid, details);
  }

  @Override
  public void onStart(TraceeTask task) {
    if (task.tid() == task.pid()) {
      state(task);
    }
  }

  @Override
  public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    if (child.pid() != parent.pid()) {
      processes.put(child.pid(), state(parent).forked(child.pid()));
      if (narrowed.containsKey(parent.pid())) {
        narrowed.put(child.pid(), child.tracee());
        narrowedChildren.incrementAndGet();
      }
    }
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    ProcessState process = state(task);
    Actor before = process.actor();
    Attempt attempt = process.executed(formerTid);
    Actor now = process.lookAgain();
    for (String path : process.files().closedMeanwhile(task.pid())) {
      modified(process, task.tid(), path);
    }
    if (narrowed.containsKey(task.pid()) && !isStart(attempt)) {
      attempt = unseenStart(process);
    }
    if (attempt != null) {
      // What the program is, which a script or a link is not.
      attempt.with("path", now.program());
      attempt.with("arguments", Programs.arguments(task.pid()));
      attempt.with("parent", Programs.nameOf(now.parentPid()));
      tell(process, task.tid(), EventKind.PROCESS_START, attempt.details());
    }
    if (!now.user().equals(before.user())) {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("call", "execve");
      details.put("before", before.user());
      details.put("user", now.user());
      tellIfShown(process, task.tid(), EventKind.PRIVILEGE, details);
    }
  }

  private static boolean isStart(@Nullable Attempt attempt) {
    return attempt != null && attempt.kind() == EventKind.PROCESS_START;
  }

  /** An execve whose entry was not looked at; null when it is not to be told. */
  private @Nullable Attempt unseenStart(ProcessState process) {
    Policy rules = policyOf(process);
    Rule.Target target = new Rule.Target(List.of(process.actor().program()), List.of());
    Optional<Rule> rule = rules.rule(EventKind.PROCESS_START, process.actor(), target);
    boolean isShown =
        rule.map(each -> each.verdict() != Rule.Verdict.ALLOW)
            .orElse(rules.shows(EventKind.PROCESS_START));
    return isShown ? new Attempt(EventKind.PROCESS_START, target) : null;
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    ProcessState process = processes.get(task.pid());
    if (process == null) {
      return;
    }
    process.forget(task.tid());
    if (task.tid() != task.pid()) {
      return;
    }
    forget(task);
    for (String path : process.files().closedMeanwhile(task.pid())) {
      modified(process, task.tid(), path);
    }
    Signal signal = status.signal();
    tellIfShown(
        process,
        task.tid(),
        EventKind.PROCESS_EXIT,
        signal == null ? Map.of("code", (long) status.code()) : Map.of("signal", signal.name()));
  }

  @Override
  public void onDetach(TraceeTask task) {
    if (task.tracee().tasks().isEmpty()) {
      forget(task);
    }
  }

  private void forget(TraceeTask task) {
    processes.remove(task.pid());
    narrowed.remove(task.pid());
  }

  /**
   * Asks no more questions: those that are open, and those that would be asked from now on, are
   * decided by the rule's {@code default}, as when their time is over. Everything else goes on
   * until the tracer is closed. Any thread.
   */
  @Override
  public void close() {
    questions.close();
  }
}
