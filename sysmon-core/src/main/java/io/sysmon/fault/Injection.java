package io.sysmon.fault;

import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What is done to the call that a task is in. One object a task. Tracer thread. */
final class Injection {
  /** What waits for the exit, with the randomness of its rule for this call. */
  private record AtExit(BiConsumer<? super SyscallExit, Injection> effect, long seed) {}

  private final Set<TraceeHandle> tree;
  private final List<AtExit> atExit = new ArrayList<>();
  private Duration delay = Duration.ZERO;
  private boolean isSubstituted;
  private @Nullable Long result;
  private long seed;

  /** By what rules have chosen the call whose entry was at this {@link System#nanoTime()}. */
  private final Set<Tampering> tampering = EnumSet.noneOf(Tampering.class);

  private long entryNanos;

  /** The processes of the tree that the task belongs to. */
  Injection(Set<TraceeHandle> tree) {
    this.tree = tree;
  }

  /** The task enters a call. */
  void begin(SyscallEnter call) {
    entryNanos = call.nanoTime();
    tampering.clear();
    clear();
  }

  private void clear() {
    atExit.clear();
    delay = Duration.ZERO;
    isSubstituted = false;
    result = null;
  }

  /**
   * Does what a rule says that has chosen the call.
   *
   * @param chosen what makes the randomness of this call
   */
  void inject(FaultRule rule, SyscallEnter call, long chosen) {
    seed = chosen;
    for (Effect effect : rule.effects()) {
      if (effect.tampering() != null) {
        tampering.add(effect.tampering());
      }
      effect.enter().accept(call, this);
      if (effect.exit() != null) {
        atExit.add(new AtExit(effect.exit(), chosen));
      }
    }
  }

  /** When all rules have been asked. */
  void entered(SyscallEnter call) {
    if (!delay.isZero()) {
      call.delay(delay);
      delay = Duration.ZERO;
    }
  }

  /** The call returns. */
  void exit(SyscallExit call) {
    if (result != null) {
      call.setResult(result);
    }
    for (AtExit each : atExit) {
      seed = each.seed;
      each.effect.accept(call, this);
    }
    if (!delay.isZero()) {
      call.delay(delay);
    }
    clear();
  }

  /** What is done to a call of the task; empty at another stop than its entry. */
  Set<Tampering> tampering(SyscallStop call) {
    return call.nanoTime() == entryNanos ? Set.copyOf(tampering) : Set.of();
  }

  /** The program is to see a result of a call that is not made. */
  void finish(SyscallEnter call, long wanted) {
    if (isSubstituted) {
      result = wanted;
    } else {
      call.skip(wanted);
    }
  }

  /** Another call is made, whose result the program is not to see. */
  void substituted() {
    isSubstituted = true;
  }

  void delay(Duration time) {
    delay = delay.plus(time);
  }

  SplittableRandom random() {
    return new SplittableRandom(seed);
  }

  /** All processes of the tree. */
  Set<TraceeHandle> relatives() {
    return tree;
  }
}
