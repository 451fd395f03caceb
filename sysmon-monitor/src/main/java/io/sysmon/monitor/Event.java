package io.sysmon.monitor;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * Something that a process has done, or has tried to do. Immutable.
 *
 * @param time when it was told
 * @param kind what it is
 * @param actor who did it
 * @param tid which of its threads
 * @param details by name, in the order in which they are to be shown: texts, numbers ({@link Long})
 *     and lists of texts. {@link EventKind} says which there are. Those of any kind are {@code
 *     error} (a failed call's, such as {@code EACCES}), {@code rule} (of the policy) and {@code
 *     verdict} ({@code deny}, {@code ask: allow}, {@code ask: deny}), each where there is one
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
