package io.sysmon.monitor;

import io.sysmon.SyscallExit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is known of a traced process. The tracer thread of the process, but for the policy. */
final class ProcessState {
  private final OpenFiles files;
  private final Map<Integer, List<Address>> bound = new HashMap<>();
  private final Destinations destinations = new Destinations();
  private final Map<Integer, Attempt> underWay = new HashMap<>();
  private final Map<Integer, Consumer<SyscallExit>> afterwards = new HashMap<>();
  private Actor actor;

  /** Set by any thread; null for everybody's. */
  private volatile @Nullable Policy policy;

  private ProcessState(Actor actor, OpenFiles files) {
    this.actor = actor;
    this.files = files;
  }

  /** What a program that is launched here has been given is not its own to modify. */
  static ProcessState of(int pid) {
    Actor actor = Actor.of(pid);
    boolean isLaunched = actor.parentPid() == ProcessHandle.current().pid();
    return new ProcessState(actor, isLaunched ? new OpenFiles() : OpenFiles.of(pid));
  }

  ProcessState forked(int child) {
    ProcessState state = new ProcessState(actor.forked(child), files.inherited());
    state.bound.putAll(bound);
    state.policy = policy;
    return state;
  }

  Actor actor() {
    return actor;
  }

  /** Its program or user may be another one. */
  Actor lookAgain() {
    actor = Actor.of(actor.pid());
    return actor;
  }

  OpenFiles files() {
    return files;
  }

  void bound(int descriptor, List<Address> forms) {
    bound.put(descriptor, forms);
  }

  /** In all forms; none when that was not seen. */
  List<Address> boundTo(int descriptor) {
    return bound.getOrDefault(descriptor, List.of());
  }

  /** Something is sent to an address; whether that is new. */
  boolean sent(int descriptor, Address address) {
    return destinations.add(descriptor, address);
  }

  /** A descriptor is of no socket any more, or of another. */
  void closed(int descriptor) {
    bound.remove(descriptor);
    destinations.remove(descriptor);
  }

  void copied(int from, int to) {
    if (from != to) {
      closed(to);
      List<Address> forms = bound.get(from);
      if (forms != null) {
        bound.put(to, forms);
      }
    }
  }

  void entered(int tid, Attempt attempt) {
    underWay.put(tid, attempt);
  }

  /** Something remains to be done when the call that a thread has entered returns. */
  void afterwards(int tid, Consumer<SyscallExit> work) {
    afterwards.put(tid, work);
  }

  void returns(SyscallExit call) {
    Consumer<SyscallExit> work = afterwards.remove(call.tid());
    if (work != null) {
      work.accept(call);
    }
  }

  /** Nothing that a thread has done before is under way any more. */
  void forget(int tid) {
    underWay.remove(tid);
    afterwards.remove(tid);
  }

  @Nullable Attempt returned(int tid) {
    return underWay.remove(tid);
  }

  /** Of the threads of an earlier program nothing is under way. */
  @Nullable Attempt executed(int formerTid) {
    Attempt attempt = underWay.remove(formerTid);
    underWay.clear();
    afterwards.clear();
    return attempt;
  }

  @Nullable Policy policy() {
    return policy;
  }

  void policy(@Nullable Policy own) {
    policy = own;
  }
}
