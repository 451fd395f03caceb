package io.sysmon.monitor;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The YAML of a policy, of which nothing is passed over: a misspelt key is an error. */
final class PolicyReader {
  private static final Set<String> KEYS = Set.of("events", "rules");
  private static final Set<String> RULE_KEYS =
      Set.of(
          "name",
          "events",
          "programs",
          "users",
          "containers",
          "paths",
          "addresses",
          "verdict",
          "timeout",
          "default");
  private static final Pattern TIME = Pattern.compile("(\\d{1,6})\\s*(ms|s|m)");
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  private static final LoadSettings SETTINGS = LoadSettings.builder().setLabel("policy").build();

  private PolicyReader() {}

  static Policy read(String yaml) {
    Object document;
    try {
      document = new Load(SETTINGS).loadFromString(yaml);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().or(e::getContextMark).map(Mark::getLine).orElse(0);
      throw noYaml(line, e.getProblem());
    } catch (ReaderException e) {
      throw noYaml(
          (int) yaml.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count(),
          "it has characters that YAML has not");
    } catch (YamlEngineException e) {
      throw new BadPolicyException("This is no YAML: " + e.getMessage());
    } catch (StackOverflowError e) {
      throw new BadPolicyException("The YAML is nested too deeply");
    }
    if (document == null) {
      return Policy.logAll();
    }
    Map<String, Object> top = map(document, "The policy", KEYS);
    Set<EventKind> shown =
        top.containsKey("events")
            ? kinds(texts(top, "events", "The policy"))
            : EnumSet.complementOf(EnumSet.of(EventKind.FILE_READ));
    List<Rule> rules = new ArrayList<>();
    if (top.get("rules") instanceof Collection<?> list) {
      for (Object each : list) {
        try {
          rules.add(rule(each, "Rule " + (rules.size() + 1)));
        } catch (BadPolicyException e) {
          throw new BadPolicyException("line " + line(yaml, rules.size()) + ": " + e.getMessage());
        }
      }
    } else if (top.get("rules") != null) {
      throw new BadPolicyException("'rules' has to be a list");
    }
    return new Policy(shown, rules);
  }

  private static BadPolicyException noYaml(int lineFromZero, String problem) {
    return new BadPolicyException("line " + (lineFromZero + 1) + ": This is no YAML: " + problem);
  }

  /** In which line a rule begins, from 1 on. */
  private static int line(String yaml, int rule) {
    MappingNode policy = (MappingNode) new Compose(SETTINGS).composeString(yaml).orElseThrow();
    for (NodeTuple field : policy.getValue()) {
      if (field.getKeyNode() instanceof ScalarNode key
          && key.getValue().equals("rules")
          && field.getValueNode() instanceof SequenceNode rules) {
        return 1 + rules.getValue().get(rule).getStartMark().orElseThrow().getLine();
      }
    }
    throw new AssertionError("The rules have been read");
  }

  private static Rule rule(Object object, String number) {
    Map<String, Object> fields = map(object, number, RULE_KEYS);
    for (String key : List.of("events", "programs", "users", "containers", "paths", "addresses")) {
      // Nothing, where a list was meant, would be no condition.
      if (((Map<?, ?>) object).containsKey(key) && texts(fields, key, number).isEmpty()) {
        throw new BadPolicyException(number + ": '" + key + "' is empty");
      }
    }
    String name = String.valueOf(fields.getOrDefault("name", number));
    String where = number.equals(name) ? number : number + " (" + name + ")";
    Rule.Verdict verdict =
        oneOf(fields, "verdict", where, Rule.Verdict::valueOf, "allow, log, deny or ask");
    Set<EventKind> kinds = kinds(texts(fields, "events", where));
    if (kinds.isEmpty()) {
      throw new BadPolicyException(where + " needs 'events'");
    }
    if (verdict.isRestrictive()) {
      kinds.removeIf(Attempt::isAfterwards);
      if (kinds.isEmpty()) {
        throw new BadPolicyException(
            where
                + ": when these events are told it is too late to "
                + verdict.name().toLowerCase(Locale.ROOT));
      }
    }
    refuseWhatNeverMatches(fields, kinds, where);
    return new Rule(
        name,
        kinds,
        globs(fields, "programs", where),
        users(fields, where),
        texts(fields, "containers", where),
        globs(fields, "paths", where),
        texts(fields, "addresses", where).stream().map(AddressPattern::of).toList(),
        verdict,
        time(fields.get("timeout"), where),
        fields.containsKey("default")
            && oneOf(fields, "default", where, PolicyReader::answer, "allow or deny")
                == Rule.Verdict.ALLOW);
  }

  private static Set<String> users(Map<String, Object> fields, String where) {
    Set<String> users = Set.copyOf(texts(fields, "users", where));
    try {
      users.forEach(Users::require);
    } catch (BadPolicyException e) {
      throw new BadPolicyException(where + ": 'users': " + e.getMessage());
    }
    return users;
  }

  private static Rule.Verdict answer(String name) {
    Rule.Verdict verdict = Rule.Verdict.valueOf(name);
    if (verdict == Rule.Verdict.ALLOW || verdict == Rule.Verdict.DENY) {
      return verdict;
    }
    throw new IllegalArgumentException(name);
  }

  /** Else somebody would believe that he has denied what is made. */
  private static void refuseWhatNeverMatches(
      Map<String, Object> fields, Set<EventKind> kinds, String where) {
    if (fields.containsKey("paths") && kinds.stream().noneMatch(EventKind::hasPath)) {
      throw new BadPolicyException(where + ": these events have no path, so 'paths' never matches");
    }
    if (fields.containsKey("addresses") && kinds.stream().noneMatch(EventKind::hasAddress)) {
      throw new BadPolicyException(
          where + ": these events have no address, so 'addresses' never matches");
    }
  }

  /** What the JVM cannot have in a path never matches one, nor does what no path is like. */
  private static List<Glob> globs(Map<String, Object> fields, String key, String where) {
    List<String> patterns = texts(fields, key, where);
    for (String pattern : patterns) {
      try {
        var unused = Path.of(pattern);
      } catch (InvalidPathException e) {
        throw new BadPolicyException(
            where
                + ": '"
                + key
                + "' has "
                + pattern
                + ", which is no path in the encoding of this JVM ("
                + System.getProperty("sun.jnu.encoding")
                + "); run it with LC_ALL=C.UTF-8");
      }
    }
    for (String pattern : patterns) {
      String instead = Glob.instead(pattern);
      if (!instead.isEmpty()) {
        throw new BadPolicyException(
            where + ": '" + key + "' has '" + pattern + "', which never matches: " + instead);
      }
    }
    return patterns.stream().map(Glob::of).toList();
  }

  private static Set<EventKind> kinds(List<String> names) {
    return names.stream()
        .flatMap(name -> EventKind.named(name).stream())
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(EventKind.class)));
  }

  private static Map<String, Object> map(Object object, String what, Set<String> keys) {
    if (!(object instanceof Map<?, ?> map)) {
      throw new BadPolicyException(what + " has to be a mapping, and is: " + object);
    }
    for (Object key : map.keySet()) {
      if (!keys.contains(String.valueOf(key))) {
        throw new BadPolicyException(
            what + " has no '" + key + "'; it may have " + keys.stream().sorted().toList());
      }
    }
    return map.entrySet().stream()
        .filter(entry -> entry.getValue() != null)
        .collect(
            Collectors.toMap(entry -> String.valueOf(entry.getKey()), entry -> entry.getValue()));
  }

  /** A text or a list of texts; none when there is no such key. */
  private static List<String> texts(Map<String, Object> fields, String key, String what) {
    Object value = fields.get(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof Collection<?> list) {
      if (list.stream().anyMatch(each -> each == null || each instanceof Map)) {
        throw new BadPolicyException(what + ": '" + key + "' has to be a list of texts");
      }
      return list.stream().map(Object::toString).toList();
    }
    if (value instanceof Map) {
      throw new BadPolicyException(what + ": '" + key + "' has to be a text or a list of texts");
    }
    return List.of(value.toString());
  }

  private static <T> T oneOf(
      Map<String, Object> fields,
      String key,
      String what,
      Function<String, T> parse,
      String choices) {
    String text = String.valueOf(fields.get(key));
    try {
      return parse.apply(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new BadPolicyException(what + ": '" + key + "' is " + text + ", and not " + choices);
    }
  }

  private static Duration time(@Nullable Object value, String what) {
    if (value == null) {
      return DEFAULT_TIMEOUT;
    }
    Matcher time = TIME.matcher(value.toString());
    if (!time.matches()) {
      throw new BadPolicyException(what + ": 'timeout' is " + value + "; write 500ms, 10s or 2m");
    }
    long number = Long.parseLong(time.group(1));
    return switch (time.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMinutes(number);
    };
  }
}
