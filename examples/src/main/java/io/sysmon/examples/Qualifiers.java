package io.sysmon.examples;

import io.sysmon.Signal;
import io.sysmon.fault.BadFaultRuleException;
import io.sysmon.fault.FaultRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the {@code -e} options of a command line say together; of each kind the last one counts. */
final class Qualifiers {
  /** What strace(1) takes for a signal's number. */
  private static final int LAST_SIGNAL = 255;

  private static final Map<String, String> KINDS =
      Map.ofEntries(
          Map.entry("trace", "trace"),
          Map.entry("t", "trace"),
          Map.entry("signal", "signal"),
          Map.entry("signals", "signal"),
          Map.entry("s", "signal"),
          Map.entry("status", "status"),
          Map.entry("quiet", "quiet"),
          Map.entry("silent", "quiet"),
          Map.entry("silence", "quiet"),
          Map.entry("q", "quiet"));

  /** What strace has besides. */
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "abbrev",
          "a",
          "verbose",
          "v",
          "raw",
          "x",
          "read",
          "reads",
          "r",
          "write",
          "writes",
          "w",
          "kvm",
          "decode-fd",
          "decode-fds",
          "decode-pid",
          "decode-pids");

  /** What has become of a call. */
  enum Status {
    /** It returned, and not with an error. */
    SUCCESSFUL,
    /** It returned with an error. */
    FAILED,
    /** It never returned. */
    UNFINISHED,
    /** It returned something that is not known; here it always is. */
    UNAVAILABLE,
    /** Its task was detached meanwhile. */
    DETACHED
  }

  /** What is told besides calls and signals. */
  enum Message {
    /** Who is attached and detached. */
    ATTACH,
    /** How tasks end. */
    EXIT,
    /** What a path of {@code -P} is resolved to. */
    PATH_RESOLUTION,
    /** Of which ABI calls are. */
    PERSONALITY,
    /** Who takes another's place by execve. */
    THREAD_EXECVE
  }

  private final List<FaultRule> faults = new ArrayList<>();
  private CallFilter calls = CallFilter.all();
  private QualifiedSet<Integer> signals = QualifiedSet.all();
  private QualifiedSet<Status> statuses = QualifiedSet.all();
  private QualifiedSet<Message> quiet = QualifiedSet.none();

  /**
   * Reads the expressions in their order.
   *
   * @throws UserException when one makes no sense
   */
  Qualifiers(List<String> expressions) {
    for (String expression : expressions) {
      read(expression);
    }
  }

  /** Whether an expression says what is not told. */
  static boolean isQuiet(String expression) {
    int equals = expression.indexOf('=');
    return equals >= 0 && "quiet".equals(KINDS.get(expression.substring(0, equals)));
  }

  private void read(String expression) {
    int equals = expression.indexOf('=');
    String qualifier = equals < 0 ? "" : expression.substring(0, equals);
    if (UNSUPPORTED.contains(qualifier)) {
      throw new UserException("-e " + qualifier + "= is not supported");
    }
    if (qualifier.equals("inject") || qualifier.equals("fault")) {
      faults.add(fault(qualifier, expression));
      return;
    }
    String kind = KINDS.get(qualifier);
    // What is none is part of a call's name, as in strace(1).
    String set = kind == null ? expression : expression.substring(equals + 1);
    switch (kind == null ? "trace" : kind) {
      case "signal" -> signals = QualifiedSet.parse(set, "signal", Qualifiers::signal);
      case "status" ->
          statuses = QualifiedSet.parse(set, "status", word -> named(Status.values(), word));
      case "quiet" -> quiet = QualifiedSet.parse(set, "quiet", Qualifiers::message);
      default -> calls = CallFilter.parse(set);
    }
  }

  private static FaultRule fault(String qualifier, String expression) {
    try {
      return FaultRule.parse(expression);
    } catch (BadFaultRuleException e) {
      int hidden = qualifier.length() + 1;
      throw new UserException(
          "invalid "
              + qualifier
              + " argument '"
              + expression.substring(hidden)
              + "': "
              + e.withoutFirst(hidden).getMessage());
    }
  }

  /** By number, or by name in any case, with SIG or without. */
  private static @Nullable Set<Integer> signal(String word) {
    if (!word.isEmpty() && word.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return word.length() <= 3 && Integer.parseInt(word) <= LAST_SIGNAL
          ? Set.of(Integer.parseInt(word))
          : null;
    }
    String upper = word.toUpperCase(Locale.ROOT);
    String name = upper.startsWith("SIG") ? upper : "SIG" + upper;
    for (int number = 1; number <= LAST_SIGNAL; number++) {
      Signal signal = Signal.of(number);
      if (signal.exists() && signal.name().equals(name)) {
        return Set.of(number);
      }
    }
    return null;
  }

  private static @Nullable Set<Message> message(String word) {
    return switch (word) {
      case "exits" -> Set.of(Message.EXIT);
      case "superseded" -> Set.of(Message.THREAD_EXECVE);
      default -> named(Message.values(), word);
    };
  }

  private static <E extends Enum<E>> @Nullable Set<E> named(E[] values, String word) {
    Map<String, Set<E>> byName = new HashMap<>();
    Arrays.stream(values)
        .forEach(
            value ->
                byName.put(value.name().toLowerCase(Locale.ROOT).replace('_', '-'), Set.of(value)));
    return byName.get(word);
  }

  /** What is injected, in the order of the expressions. */
  List<FaultRule> faults() {
    return faults;
  }

  CallFilter calls() {
    return calls;
  }

  /** By their numbers. */
  QualifiedSet<Integer> signals() {
    return signals;
  }

  QualifiedSet<Status> statuses() {
    return statuses;
  }

  boolean tells(Message message) {
    return !quiet.contains(message);
  }
}
