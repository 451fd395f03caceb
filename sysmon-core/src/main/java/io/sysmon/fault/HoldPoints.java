package io.sysmon.fault;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeListener;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Stops programs right before calls of a test's choice, so that the test can look at the world as
 * it is at that moment, and then lets the call be made, lets it fail, or kills the process. A
 * listener for one tracer.
 *
 * <pre>{@code
 * HoldPoints points = new HoldPoints(Interest.enter("rename"));
 * HoldPoint point = points.at("rename", CallCondition.path("*.db"));
 * // ... with a tracer that has these points for a listener, a program is launched
 * HeldCall call = point.await(Duration.ofSeconds(10));
 * // ... the program waits
 * call.fail(Errno.EIO);
 * }</pre>
 */
public final class HoldPoints implements SyscallListener, TraceeListener {
  private final Interest interest;
  private final Duration most;
  private final List<HoldPoint> waiting = new CopyOnWriteArrayList<>();
  private volatile boolean isClosed;

  /**
   * Points at calls that are selected, which wait for a minute at most.
   *
   * @param interest the calls that points may be set at
   */
  public HoldPoints(Interest interest) {
    this(interest, Duration.ofMinutes(1));
  }

  /**
   * Points at calls that are selected.
   *
   * @param interest the calls that points may be set at
   * @param most how long a call waits for its answer; it is made then, and {@link
   *     HoldPoint#expired} tells
   */
  public HoldPoints(Interest interest, Duration most) {
    this.interest = Objects.requireNonNull(interest, "interest");
    this.most = Objects.requireNonNull(most, "most");
  }

  /**
   * Sets a point. The next call that it is about, of any task, waits; those after it do not. Points
   * that are about the same call get it in their order. Any thread, and callbacks; a call that a
   * program makes meanwhile may be before it or after it.
   *
   * @param calls as {@link FaultRule#on} takes them
   * @param conditions what must hold, all of them
   * @return the point
   * @throws BadFaultRuleException when there is no such call
   * @throws IllegalArgumentException when none of the calls is among those of the interest
   */
  public HoldPoint at(String calls, CallCondition... conditions) {
    FaultRule about = FaultRule.on(calls);
    if (about.calls().stream().noneMatch(interest::wantsEnter)) {
      throw new IllegalArgumentException(
          "No " + calls + " is among the calls of these hold points, " + interest);
    }
    HoldPoint point = new HoldPoint(about, Arrays.asList(conditions), waiting::remove, most);
    waiting.add(point);
    if (isClosed) {
      onClose();
    }
    return point;
  }

  @Override
  public Interest interest() {
    return interest;
  }

  @Override
  public void onEnter(SyscallEnter call) {
    HoldPoint next = first(call);
    while (next != null && !waiting.remove(next)) {
      // Nobody waits for it any more.
      next = first(call);
    }
    if (next != null) {
      next.reached(call);
    }
  }

  /** Nobody will come to the points that are left. */
  @Override
  public void onClose() {
    isClosed = true;
    for (HoldPoint point : List.copyOf(waiting)) {
      if (waiting.remove(point)) {
        point.closed();
      }
    }
  }

  private @Nullable HoldPoint first(SyscallEnter call) {
    for (HoldPoint point : waiting) {
      if (point.isAbout(call)) {
        return point;
      }
    }
    return null;
  }
}
