package io.sysmon.fault;

import io.sysmon.ExitStatus;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.fault.CallRules.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The listener that carries out fault rules, for one tracer. Rules are asked in their order; all
 * that choose a call take place, and of several results the last is what the program sees. Each
 * rule counts for itself, whatever others do to a call.
 *
 * <p>The execve by which a launched program begins is no program's call, and is left alone and not
 * counted, as by strace(1). A call that a signal interrupted and that the kernel restarts is a call
 * of its own.
 *
 * <p>Listeners that were added to the tracer before see the calls as the program made them, those
 * after as they are made.
 */
public final class FaultInjector implements SyscallListener, TraceeListener {
  private final List<FaultRule> rules;
  private final LongAdder[] injected;
  private final Map<String, CallRules> byName = new HashMap<>();
  private final Interest interest;
  private final Map<TraceeTask, TaskFaults> tasks = new ConcurrentHashMap<>();
  private final Map<TraceeHandle, FaultTree> trees = new ConcurrentHashMap<>();

  /**
   * Carries out some rules.
   *
   * @param rules in their order
   */
  public FaultInjector(List<FaultRule> rules) {
    this.rules = List.copyOf(rules);
    injected = rules.stream().map(rule -> new LongAdder()).toArray(LongAdder[]::new);
    Set<String> enters = new TreeSet<>();
    Set<String> exits = new TreeSet<>();
    for (FaultRule rule : rules) {
      enters.addAll(rule.calls());
      if (rule.effects().stream().anyMatch(Effect::actsAtExit)) {
        exits.addAll(rule.calls());
      }
    }
    interest = interest(enters, exits);
    for (String name : enters) {
      byName.put(name, new CallRules(byName.size(), name, rules));
    }
  }

  /**
   * Carries out some rules.
   *
   * @param rules texts, as {@link FaultRule#parse} takes them
   * @return the listener
   * @throws BadFaultRuleException when one makes no sense
   */
  public static FaultInjector of(String... rules) {
    return new FaultInjector(Arrays.stream(rules).map(FaultRule::parse).toList());
  }

  private static Interest interest(Set<String> enters, Set<String> exits) {
    Interest interest = Interest.none();
    if (!enters.isEmpty()) {
      interest = interest.and(Interest.enter(enters.toArray(String[]::new)));
    }
    return exits.isEmpty() ? interest : interest.and(Interest.exit(exits.toArray(String[]::new)));
  }

  /**
   * The rules.
   *
   * @return as they were given
   */
  public List<FaultRule> rules() {
    return rules;
  }

  /**
   * How often each rule has chosen a call.
   *
   * @return a number for each of {@link #rules()}, as of now
   */
  public List<Long> injections() {
    return Arrays.stream(injected).map(LongAdder::sum).toList();
  }

  /**
   * The rules that have not chosen any call: perhaps the program did not do what they wait for, or
   * they are about something else than was meant.
   *
   * @return as of now
   */
  public List<FaultRule> unmatched() {
    List<FaultRule> never = new ArrayList<>();
    for (int i = 0; i < injected.length; i++) {
      if (injected[i].sum() == 0) {
        never.add(rules.get(i));
      }
    }
    return never;
  }

  /**
   * What the rules do to a call, those that choose it. For listeners that were added to the tracer
   * after this one, within their callbacks.
   *
   * @param call a call at its entry
   * @return empty when no rule has chosen it, and for rules that only send signals or kill; empty
   *     at an exit
   */
  public Set<Tampering> tampering(SyscallStop call) {
    TaskFaults faults = tasks.get(call.task());
    return faults == null ? Set.of() : faults.injection().tampering(call);
  }

  @Override
  public Interest interest() {
    return interest;
  }

  @Override
  public void onStart(TraceeTask task) {
    TaskFaults faults = faults(task);
    faults.tree().add(task.tracee());
    faults.begins(isLaunched(task));
  }

  /** Whether a task is what a launch has made, before its program begins. */
  private static boolean isLaunched(TraceeTask task) {
    if (task.tracee().parent().isPresent() || task.tid() != task.pid()) {
      return false;
    }
    try {
      task.tracee().process();
      return true;
    } catch (IllegalTraceeStateException e) {
      // That is how an attached process answers.
      return false;
    }
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    faults(task).begins(false);
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    left(task);
  }

  @Override
  public void onDetach(TraceeTask task) {
    left(task);
  }

  private void left(TraceeTask task) {
    TaskFaults faults = tasks.remove(task);
    if (faults != null && task.tracee().tasks().isEmpty()) {
      faults.tree().remove(task.tracee());
      if (faults.tree().processes().isEmpty()) {
        trees.values().remove(faults.tree());
      }
    }
  }

  private TaskFaults faults(TraceeTask task) {
    TaskFaults known = tasks.get(task);
    return known != null
        ? known
        : tasks.computeIfAbsent(
            task,
            unused ->
                new TaskFaults(trees.computeIfAbsent(root(task), this::newTree), byName.size()));
  }

  private FaultTree newTree(TraceeHandle root) {
    return new FaultTree(rules.size());
  }

  private static TraceeHandle root(TraceeTask task) {
    TraceeHandle root = task.tracee();
    while (root.parent().isPresent()) {
      root = root.parent().get();
    }
    return root;
  }

  @Override
  public void onEnter(SyscallEnter call) {
    TaskFaults faults = faults(call.task());
    if (faults.isBeginning() && call.name().equals("execve")) {
      return;
    }
    CallRules rules = byName.get(call.name());
    if (rules == null) {
      return;
    }
    TaskFaults.Counts counts = faults.counts(rules);
    Injection injection = faults.injection();
    injection.begin(call);
    boolean isDue = counts.isDue(rules);
    if (!isDue && rules.arePlain()) {
      return;
    }
    CallPaths paths = null;
    for (int i = 0; i < rules.size(); i++) {
      Slot slot = rules.slot(i);
      if (!slot.paths().isEmpty()) {
        paths = paths == null ? new CallPaths(call) : paths;
      }
      if (slot.isPlain() ? isDue : holds(slot, call, paths)) {
        boolean inTree = slot.rule().counting() == Counting.TREE;
        long count = inTree ? faults.tree().count(slot.number()) : counts.count(slot, i);
        if (slot.rule().when().includes(count)) {
          consider(slot, call, faults, count);
        }
      }
    }
    injection.entered(call);
  }

  /** Whether all conditions hold; the paths are there when some are about them. */
  private static boolean holds(Slot slot, SyscallEnter call, @Nullable CallPaths paths) {
    if (paths != null) {
      for (PathCondition condition : slot.paths()) {
        if (!condition.matches(paths)) {
          return false;
        }
      }
    }
    // An iterator of an empty list costs more than all else that a rule does.
    for (int i = 0; i < slot.others().size(); i++) {
      if (!slot.others().get(i).matches(call)) {
        return false;
      }
    }
    return true;
  }

  private void consider(Slot slot, SyscallEnter call, TaskFaults faults, long count) {
    long seed = faults.seed(slot.rule(), slot.number(), call.name(), count);
    if (Chance.isFor(slot.rule().chance(), seed)) {
      injected[slot.number()].increment();
      faults.injection().inject(slot.rule(), call, seed);
    }
  }

  @Override
  public void onExit(SyscallExit call) {
    TaskFaults faults = tasks.get(call.task());
    if (faults != null) {
      faults.injection().exit(call);
    }
  }

  @Override
  public String toString() {
    return "FaultInjector" + rules;
  }
}
