package io.sysmon.monitor;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A call that has been entered, and what is known of what it is about to do. */
final class Attempt {
  private static final Set<EventKind> AFTERWARDS =
      EnumSet.of(
          EventKind.PROCESS_EXIT, EventKind.FILE_MODIFIED, EventKind.NET_ACCEPT, EventKind.MONITOR);

  private final EventKind kind;
  private final Rule.Target target;
  private final Map<String, Object> details = new LinkedHashMap<>();

  /** What was decided; empty where nothing was to be. */
  private String verdict = "";

  private String rule = "";

  private boolean again;

  Attempt(EventKind kind, Rule.Target target) {
    this.kind = kind;
    this.target = target;
  }

  /** Whether such an event is known only when it is too late to keep it from happening. */
  static boolean isAfterwards(EventKind kind) {
    return AFTERWARDS.contains(kind);
  }

  EventKind kind() {
    return kind;
  }

  Rule.Target target() {
    return target;
  }

  Attempt with(String name, Object value) {
    details.put(name, value);
    return this;
  }

  Map<String, Object> details() {
    Map<String, Object> all = new LinkedHashMap<>(details);
    if (!verdict.isEmpty()) {
      all.put("verdict", verdict);
    }
    if (!rule.isEmpty()) {
      all.put("rule", rule);
    }
    return all;
  }

  void decided(String newVerdict, String newRule) {
    verdict = newVerdict;
    rule = newRule;
  }

  /** The same was told before: it is told again only if it is kept from happening. */
  Attempt again() {
    again = true;
    return this;
  }

  boolean isTold(String error) {
    if (again) {
      return !verdict.isEmpty();
    }
    return error.isEmpty()
        || !verdict.isEmpty()
        || error.equals("EPERM")
        || error.equals("EACCES")
        || kind == EventKind.NET_CONNECT;
  }
}
