package io.sysmon.monitor;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * Something that a process has done, or has tried to do. Immutable.
 *
 * @param time when it was told
 * @param kind what it is
 * @param actor who did it, as it was then
 * @param tid which of its threads, in the monitor's pid namespace; of what is told of the monitor
 *     itself that of the process that it is about
 * @param details by name, in the order in which they are to be shown: texts, numbers ({@link
 *     Long}), {@link Boolean}s and lists of texts. {@link EventKind} says which there are. Those of
 *     any kind are {@code error} (a failed call's, such as {@code EACCES}), {@code rule} (of the
 *     policy) and {@code verdict} ({@code deny}, {@code ask: allow}, {@code ask: deny}, the last
 *     two with {@code (no answer)} when the default has decided), each where there is one. Paths
 *     are absolute, without {@code .} and {@code ..}, as the process names them; what is not UTF-8
 *     in them is U+FFFD
 */
public record Event(
    Instant time, EventKind kind, Actor actor, int tid, Map<String, Object> details) {
  /**
   * A detail as text.
   *
   * @param name its name
   * @return empty when there is none
   */
  public String text(String name) {
    return Objects.toString(details.get(name), "");
  }
}
