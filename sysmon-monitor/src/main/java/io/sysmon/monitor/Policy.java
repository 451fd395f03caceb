package io.sysmon.monitor;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which events are told, and what becomes of the calls. Immutable; {@code docs/monitoring.md}
 * describes the file.
 */
public final class Policy {
  private final Set<EventKind> shown;
  private final List<Rule> rules;

  /** The kinds about which a rule may decide that they do not happen. */
  private final Set<EventKind> restricted = EnumSet.noneOf(EventKind.class);

  private final Set<EventKind> ruled = EnumSet.noneOf(EventKind.class);

  Policy(Set<EventKind> shown, List<Rule> rules) {
    this.shown = Set.copyOf(shown);
    this.rules = List.copyOf(rules);
    for (Rule rule : rules) {
      ruled.addAll(rule.kinds());
      if (rule.verdict().isRestrictive()) {
        restricted.addAll(rule.kinds());
      }
    }
  }

  /**
   * Tells everything but {@link EventKind#FILE_READ}, and denies nothing.
   *
   * @return the policy of those who have none
   */
  public static Policy logAll() {
    return new Policy(EnumSet.complementOf(EnumSet.of(EventKind.FILE_READ)), List.of());
  }

  /**
   * Reads a policy.
   *
   * @param yaml its text
   * @return the policy
   * @throws BadPolicyException when it cannot be understood
   */
  public static Policy parse(String yaml) {
    return PolicyReader.read(yaml);
  }

  /**
   * Reads a policy.
   *
   * @param file a YAML file
   * @return the policy
   * @throws BadPolicyException when it cannot be read or understood; the message begins with its
   *     name
   */
  public static Policy read(Path file) {
    return PolicyFile.read(file);
  }

  /** The first rule that is about it. */
  Optional<Rule> rule(EventKind kind, Actor actor, Rule.Target target) {
    if (!ruled.contains(kind)) {
      return Optional.empty();
    }
    for (Rule rule : rules) {
      if (rule.matches(kind, actor, target)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }

  Set<EventKind> restricted() {
    return restricted;
  }

  boolean isRestricted(EventKind kind) {
    return restricted.contains(kind);
  }

  /**
   * Whether a rule denies or asks.
   *
   * @return false when every call is made
   */
  public boolean isRestrictive() {
    return !restricted.isEmpty();
  }

  /** Whether nothing at all depends on such an event. */
  boolean ignores(EventKind kind) {
    return !shown.contains(kind) && !ruled.contains(kind);
  }

  boolean hasRules(EventKind kind) {
    return ruled.contains(kind);
  }

  /** Whether an event is told that no rule is about. */
  boolean shows(EventKind kind) {
    return shown.contains(kind);
  }
}
