package io.sysmon.fault;

import io.sysmon.Errno;
import io.sysmon.Signal;
import io.sysmon.decode.SyscallTable;
import io.sysmon.fault.Effect.Moment;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the text of a rule: strace(1)'s, of the man page's section Tampering, with additions. */
final class RuleParser {
  private static final int MAX_ERRNO = 4095;
  private static final int MAX_SIGNAL = 64;
  private static final int MAX_BYTES = 999_999_999;

  /** strace(1) has seven, of which the last is no register's. */
  private static final int MAX_ARGUMENT = 6;

  /** No exponent that would make a text of some characters a number of as many digits. */
  private static final Pattern DECIMAL =
      Pattern.compile("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?");

  private static final Pattern DIGITS = Pattern.compile("[0-9a-fA-F]+");

  private static final String INJECT = "inject=";
  private static final String FAULT = "fault=";
  private static final String TIME = "a time such as 10ms, in s, ms, us or ns";
  private static final String POKES = "@argN=HEX, with N from 1 to 6 and an even number of digits";
  private static final String RESULT =
      "a number from 0 to 18446744073709551615, also hexadecimal (0x) or octal (0)";
  private static final Set<String> OF_FAULT =
      Set.of("error", "syscall", "when", "path", "fd", "count", "chance", "seed");
  private static final String KEYS_OF_FAULT =
      "error=, syscall=, when=, path=, fd=, count=, chance= or seed=";
  private static final String KEYS =
      "error=, retval=, signal=, syscall=, delay_enter=, delay_exit=, poke_enter=, poke_exit=,"
          + " short=, corrupt=, kill_enter=, kill_exit=, drop, when=, path=, fd=, count=, chance="
          + " or seed=";

  private final boolean isFault;
  private final Set<String> seen = new HashSet<>();
  private double chance = 1;
  private long seed;

  private RuleParser(boolean isFault) {
    this.isFault = isFault;
  }

  static FaultRule parse(Piece text) {
    boolean isFault = text.startsWith(FAULT);
    Piece rule =
        isFault
            ? text.from(FAULT.length())
            : text.startsWith(INJECT) ? text.from(INJECT.length()) : text;
    return new RuleParser(isFault).rule(rule);
  }

  private FaultRule rule(Piece text) {
    List<Piece> words = text.split(':');
    FaultRule rule = FaultRule.on(words.get(0));
    for (int i = 1; i < words.size(); i++) {
      // strace(1) takes a colon at the end for nothing, unless it is all there is.
      if (!words.get(i).isEmpty() || i == 1 || i + 1 < words.size()) {
        rule = add(rule, words.get(i));
      }
    }
    Piece end = text.from(text.text().length());
    boolean decides = rule.effects().stream().anyMatch(Effect::isResult);
    if (rule.has("syscall") && !decides && !isFault) {
      throw end.expected("error= or retval= beside syscall=");
    }
    if (isFault && !decides) {
      rule = rule.error(Errno.ENOSYS);
    }
    if (rule.effects().isEmpty()) {
      throw end.expected("something to do, such as :error=ENOSPC");
    }
    return rule.chance(chance, seed);
  }

  private FaultRule add(FaultRule rule, Piece word) {
    int equals = word.text().indexOf('=');
    String key = equals < 0 ? word.text() : word.text().substring(0, equals);
    boolean isKnown = equals < 0 ? key.equals("drop") : !key.equals("drop");
    if (!isKnown || (isFault && !OF_FAULT.contains(key))) {
      throw word.expected(isFault ? KEYS_OF_FAULT : KEYS);
    }
    Piece value = equals < 0 ? word : word.from(equals + 1);
    boolean mayBeRepeated = key.equals("path") || key.equals("fd");
    if (!seen.add(key) && !mayBeRepeated) {
      throw word.expected("'" + key + "' only once");
    }
    return switch (key) {
      case "when" -> rule.when(When.parse(value));
      case "path" -> rule.where(new PathCondition(false, PathPattern.parse(value)));
      case "fd" -> rule.where(new PathCondition(true, PathPattern.parse(value)));
      case "count" -> rule.counting(tree(value, "task") ? Counting.TREE : Counting.TASK);
      case "chance" -> {
        chance = probability(value);
        yield rule;
      }
      case "seed" -> {
        seed = seed(value);
        yield rule;
      }
      default -> with(rule, effect(key, word, value), word);
    };
  }

  private static FaultRule with(FaultRule rule, Effect effect, Piece word) {
    if (effect.isResult() && rule.effects().stream().anyMatch(Effect::isResult)) {
      throw word.expected("only one of error=, retval= and drop");
    }
    return rule.with(effect);
  }

  private Effect effect(String key, Piece word, Piece value) {
    return switch (key) {
      case "error" -> Effect.error(errno(value));
      case "retval" -> Effect.retval(result(value));
      case "drop" -> Effect.drop();
      case "signal" -> Effect.send(signal(value));
      case "syscall" -> Effect.substitute(pure(value));
      case "delay_enter" -> Effect.delay(Moment.ENTRY, time(value));
      case "delay_exit" -> Effect.delay(Moment.EXIT, time(value));
      case "poke_enter" -> Effect.poke(Moment.ENTRY, pokes(value));
      case "poke_exit" -> Effect.poke(Moment.EXIT, pokes(value));
      case "short" -> Effect.shorten(value.number(1, MAX_BYTES));
      case "corrupt" -> Effect.corrupt(value.number(1, MAX_BYTES));
      case "kill_enter" -> Effect.kill(Moment.ENTRY, victim(value));
      case "kill_exit" -> Effect.kill(Moment.EXIT, victim(value));
      default -> throw word.expected(isFault ? KEYS_OF_FAULT : KEYS);
    };
  }

  private static boolean tree(Piece value, String other) {
    if (!value.text().equals("tree") && !value.text().equals(other)) {
      throw value.expected(other + " or tree");
    }
    return value.text().equals("tree");
  }

  private static Victim victim(Piece value) {
    return tree(value, "process") ? Victim.TREE : Victim.PROCESS;
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static int errno(Piece value) {
    if (isNumber(value.text())) {
      return value.number(1, MAX_ERRNO);
    }
    String name = value.text().toUpperCase(Locale.ROOT);
    for (Errno errno : Errno.values()) {
      if (errno.name().equals(name)) {
        return errno.number();
      }
    }
    throw value.expected("an error such as ENOSPC, or a number from 1 to " + MAX_ERRNO);
  }

  private static long result(Piece value) {
    String text = value.text();
    boolean negative = text.startsWith("-");
    String digits = negative ? text.substring(1) : text;
    int radix = 10;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      digits = digits.substring(2);
      radix = 16;
    } else if (digits.length() > 1 && digits.startsWith("0")) {
      radix = 8;
    }
    try {
      if (!DIGITS.matcher(digits).matches()) {
        throw value.expected(RESULT);
      }
      BigInteger number = new BigInteger(digits, radix);
      if (number.bitLength() > Long.SIZE) {
        throw value.expected(RESULT);
      }
      return negative ? -number.longValue() : number.longValue();
    } catch (NumberFormatException e) {
      throw value.expected(RESULT);
    }
  }

  private static Signal signal(Piece value) {
    if (isNumber(value.text())) {
      return Signal.of(value.number(1, MAX_SIGNAL));
    }
    return Signal.find(value.text())
        .orElseThrow(
            () -> value.expected("a signal such as SIGTERM, or a number from 1 to " + MAX_SIGNAL));
  }

  private static String pure(Piece value) {
    Set<String> pure = SyscallTable.get().classes().getOrDefault("pure", Set.of());
    if (!pure.contains(value.text())) {
      throw value.expected("a call without effects (%pure), such as getpid");
    }
    return value.text();
  }

  /** A number with a unit; without one, microseconds. */
  private static Duration time(Piece value) {
    String text = value.text();
    int end = text.length();
    while (end > 0 && Character.isLetter(text.charAt(end - 1))) {
      end--;
    }
    long nanos =
        switch (text.substring(end)) {
          case "s" -> 1_000_000_000;
          case "ms" -> 1_000_000;
          case "us", "" -> 1_000;
          case "ns" -> 1;
          default -> throw value.expected(TIME);
        };
    try {
      return Duration.ofNanos(
          decimal(text.substring(0, end))
              .orElseThrow(() -> value.expected(TIME))
              .multiply(BigDecimal.valueOf(nanos))
              .setScale(0, RoundingMode.DOWN)
              .longValueExact());
    } catch (ArithmeticException e) {
      throw value.expected(TIME);
    }
  }

  private static List<Effect.Poke> pokes(Piece value) {
    List<Effect.Poke> places = new ArrayList<>();
    Set<Integer> arguments = new HashSet<>();
    for (Piece each : value.split(',')) {
      String prefix = "@arg";
      String text = each.text();
      int equals = text.indexOf('=');
      if (!text.startsWith(prefix) || equals < 0) {
        throw each.expected(POKES);
      }
      int argument = each.part(prefix.length(), equals).number(1, MAX_ARGUMENT) - 1;
      String hex = text.substring(equals + 1);
      if (hex.isEmpty() || hex.length() % 2 != 0 || !hex.chars().allMatch(HexFormat::isHexDigit)) {
        throw each.from(equals + 1).expected("an even number of hexadecimal digits");
      }
      if (!arguments.add(argument)) {
        throw each.expected("each argument only once");
      }
      places.add(new Effect.Poke(argument, hex));
    }
    return List.copyOf(places);
  }

  private static double probability(Piece value) {
    Optional<BigDecimal> number = decimal(value.text());
    if (number.isEmpty() || number.get().compareTo(BigDecimal.ONE) > 0) {
      throw value.expected("a probability from 0 to 1");
    }
    return number.get().doubleValue();
  }

  private static Optional<BigDecimal> decimal(String text) {
    return DECIMAL.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
  }

  private static long seed(Piece value) {
    try {
      return Long.parseLong(value.text());
    } catch (NumberFormatException e) {
      throw value.expected("a whole number of 64 bits");
    }
  }
}
