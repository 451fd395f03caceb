package io.sysmon.examples;

import io.sysmon.ExitStatus;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Tells who begins to be traced and who is not traced any more, as strace(1) does. */
final class AttachMessages implements TraceeListener {
  private final ShownTasks shown;
  private final Targets targets;
  private final boolean following;
  private final Consumer<String> messages;

  /** Tasks that were made under trace and have not started yet. */
  private final Set<TraceeTask> made = new HashSet<>();

  /** Attached processes that have been told of. */
  private final Set<Integer> told = new HashSet<>();

  /** Tasks that have been told of and are traced. */
  private final Set<TraceeTask> present = new HashSet<>();

  /** Tasks that were detached, to be told of. */
  private final List<Integer> detached = new ArrayList<>();

  AttachMessages(ShownTasks shown, Targets targets, boolean following, Consumer<String> messages) {
    this.shown = shown;
    this.targets = targets;
    this.following = following;
    this.messages = messages;
  }

  @Override
  public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
    made.add(child);
  }

  @Override
  public void onStart(TraceeTask task) {
    boolean wasAttached = !made.remove(task) && targets.processes().contains(task.pid());
    if (!shown.isShown(task) || shown.isCommand(task)) {
      return;
    }
    present.add(task);
    if (!following || !wasAttached) {
      tell(task.tid(), "attached");
    } else if (told.add(task.pid())) {
      tellOfAll(task);
    }
  }

  /** All its tasks were attached before the first of them was told of. */
  private void tellOfAll(TraceeTask task) {
    int threads = task.tracee().tasks().size();
    Collection<Integer> named = targets.of(task.pid());
    tell(
        named.iterator().next(),
        threads == 1 ? "attached" : "attached with " + threads + " threads");
  }

  @Override
  public void onDetach(TraceeTask task) {
    if (present.remove(task)) {
      detached.add(task.tid());
      tellWhenAllAreGone();
    }
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    if (present.remove(task)) {
      tellWhenAllAreGone();
    }
  }

  /** Not between, where each message would cut off the line of a task that is still to go. */
  private void tellWhenAllAreGone() {
    if (present.isEmpty()) {
      detached.forEach(tid -> tell(tid, "detached"));
      detached.clear();
    }
  }

  private void tell(int tid, String what) {
    messages.accept("sysmon: Process " + tid + " " + what);
  }
}
