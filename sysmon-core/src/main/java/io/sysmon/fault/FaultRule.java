package io.sysmon.fault;

import io.sysmon.Errno;
import io.sysmon.Signal;
import io.sysmon.decode.BadSyscallSetException;
import io.sysmon.decode.SyscallSet;
import io.sysmon.fault.Effect.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Which calls, when, and what happens to them. Immutable: each method gives a new rule.
 *
 * <pre>{@code
 * FaultRule.parse("write,pwrite64:path=*.db:error=ENOSPC:when=3+");
 * FaultRule.on("write,pwrite64").where(CallCondition.path("*.db")).when(When.from(3)).error(Errno.ENOSPC);
 * }</pre>
 *
 * <p>A call is chosen when its name is in the set, all conditions hold, its number is among those
 * of {@link #when}, where only calls are counted whose conditions hold, and chance is for it.
 *
 * <p>The text is that of strace(1)'s {@code -e inject=}, with these additions: {@code path=GLOB},
 * {@code fd=GLOB}, {@code count=tree}, {@code chance=0.5}, {@code seed=NUMBER}, {@code
 * short=BYTES}, {@code corrupt=BYTES}, {@code kill_enter=process|tree}, {@code
 * kill_exit=process|tree} and {@code drop}. A colon in a pattern is written {@code \:}.
 */
public final class FaultRule {
  /** In which order effects take place, and are written. */
  private static final List<String> ORDER =
      List.of(
          "poke_enter",
          "short",
          "corrupt",
          "syscall",
          "error",
          "retval",
          "drop",
          "signal",
          "poke_exit",
          "delay_enter",
          "delay_exit",
          "kill_enter",
          "kill_exit");

  private final String set;
  private final Set<String> names;
  private final List<CallCondition> conditions;
  private final When when;
  private final Counting counting;
  private final double chance;
  private final long seed;
  private final List<Effect> effects;

  private FaultRule(
      String set,
      Set<String> names,
      List<CallCondition> conditions,
      When when,
      Counting counting,
      double chance,
      long seed,
      List<Effect> effects) {
    this.set = set;
    this.names = names;
    this.conditions = List.copyOf(conditions);
    this.when = when;
    this.counting = counting;
    this.chance = chance;
    this.seed = seed;
    this.effects = List.copyOf(effects);
  }

  /**
   * A rule that does nothing yet to any call of a set.
   *
   * @param calls a set as {@link SyscallSet#parse} takes it. Calls without a name are not among
   *     them, nor can a number or an ABI be given
   * @return the rule
   * @throws BadFaultRuleException when there is no such call
   */
  public static FaultRule on(String calls) {
    return on(new Piece(calls, 1, 1));
  }

  static FaultRule on(Piece calls) {
    return new FaultRule(
        calls.text(), names(calls), List.of(), When.ALWAYS, Counting.TASK, 1, 0, List.of());
  }

  private static Set<String> names(Piece calls) {
    try {
      return Set.copyOf(SyscallSet.parse(calls.text()).names());
    } catch (BadSyscallSetException e) {
      BadFaultRuleException bad = calls.part(e.begin(), e.end()).expected(e.expected());
      bad.initCause(e);
      throw bad;
    }
  }

  /**
   * Reads a rule.
   *
   * @param text {@code [inject=]SET:WHAT[:WHAT]...} or {@code fault=SET[:error=ERRNO][:when=EXPR]},
   *     which fails with {@code ENOSYS} if it says nothing else
   * @return the rule
   * @throws BadFaultRuleException when it makes no sense
   */
  public static FaultRule parse(String text) {
    return RuleParser.parse(new Piece(text, 1, 1));
  }

  /**
   * Reads a rule from each line; empty lines and those that begin with {@code #} say nothing.
   *
   * @param text for example what is in a file
   * @return the rules, in their order
   * @throws BadFaultRuleException when a line makes no sense
   */
  public static List<FaultRule> parseAll(String text) {
    List<FaultRule> rules = new ArrayList<>();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      int begin = 0;
      while (begin < lines[i].length() && Character.isWhitespace(lines[i].charAt(begin))) {
        begin++;
      }
      String line = lines[i].substring(begin).stripTrailing();
      if (!line.isEmpty() && !line.startsWith("#")) {
        rules.add(RuleParser.parse(new Piece(line, i + 1, begin + 1)));
      }
    }
    return rules;
  }

  /**
   * Chooses only calls of which this holds, besides what held before.
   *
   * @param condition asked at each entry
   * @return the rule
   */
  public FaultRule where(CallCondition condition) {
    List<CallCondition> more = new ArrayList<>(conditions);
    more.add(Objects.requireNonNull(condition, "condition"));
    return new FaultRule(set, names, more, when, counting, chance, seed, effects);
  }

  /**
   * Chooses only some of the calls, by their number.
   *
   * @param which in place of what was said before
   * @return the rule
   */
  public FaultRule when(When which) {
    return new FaultRule(set, names, conditions, which, counting, chance, seed, effects);
  }

  /**
   * Chooses one call by its number.
   *
   * @param number from 1
   * @return the rule
   */
  public FaultRule when(int number) {
    return when(When.nth(number));
  }

  /**
   * Says what is counted.
   *
   * @param what by default {@link Counting#TASK}
   * @return the rule
   */
  public FaultRule counting(Counting what) {
    return new FaultRule(set, names, conditions, when, what, chance, seed, effects);
  }

  /**
   * Chooses each call, of those that are left, by chance. The same calls in the same order are
   * chosen again when the seed is the same.
   *
   * @param probability from 0 to 1
   * @param from the seed
   * @return the rule
   */
  public FaultRule chance(double probability, long from) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("A probability is from 0 to 1, not " + probability);
    }
    return new FaultRule(set, names, conditions, when, counting, probability, from, effects);
  }

  /**
   * Lets the call fail without being made.
   *
   * @param errno the error
   * @return the rule
   * @throws IllegalArgumentException when the rule has a result already
   */
  public FaultRule error(Errno errno) {
    return with(Effect.error(errno.number()));
  }

  /**
   * Lets the call return a value without being made.
   *
   * @param value what the program sees
   * @return the rule
   * @throws IllegalArgumentException when the rule has a result already
   */
  public FaultRule retval(long value) {
    return with(Effect.retval(value));
  }

  /**
   * Lets the call succeed without being made: it returns the number of bytes that it was to
   * transfer, or 0.
   *
   * @return the rule
   * @throws IllegalArgumentException when the rule has a result already
   */
  public FaultRule drop() {
    return with(Effect.drop());
  }

  /**
   * Sends a signal to the task at the entry.
   *
   * @param signal which
   * @return the rule
   */
  public FaultRule signal(Signal signal) {
    return with(Effect.send(signal));
  }

  /**
   * Lets the call begin later; other tasks go on.
   *
   * @param time how much later
   * @return the rule
   */
  public FaultRule delayEnter(Duration time) {
    return with(Effect.delay(Moment.ENTRY, time));
  }

  /**
   * Lets the call return later; other tasks go on.
   *
   * @param time how much later
   * @return the rule
   */
  public FaultRule delayExit(Duration time) {
    return with(Effect.delay(Moment.EXIT, time));
  }

  /**
   * Writes bytes to where an argument points, before the call.
   *
   * @param argument 0 to 5 (the text counts from 1)
   * @param bytes what to write
   * @return the rule
   */
  public FaultRule pokeEnter(int argument, byte[] bytes) {
    return with(poke(Moment.ENTRY, argument, bytes));
  }

  /**
   * Writes bytes to where an argument points, after the call.
   *
   * @param argument 0 to 5 (the text counts from 1)
   * @param bytes what to write
   * @return the rule
   */
  public FaultRule pokeExit(int argument, byte[] bytes) {
    return with(poke(Moment.EXIT, argument, bytes));
  }

  private static Effect poke(Moment moment, int argument, byte[] bytes) {
    Objects.checkIndex(argument, 6);
    String hex = HexFormat.of().formatHex(bytes);
    return Effect.poke(moment, List.of(new Effect.Poke(argument, hex)));
  }

  /**
   * Lets the call transfer less: a read(2) or write(2), one of their kin, sendfile(2) and alike.
   *
   * @param bytes how many at most, 1 or more
   * @return the rule, which does nothing to other calls
   */
  public FaultRule shortTo(int bytes) {
    return with(Effect.shorten(atLeastOne(bytes)));
  }

  /**
   * Changes bytes of what the call transfers, by the seed of {@link #chance}. What is written is
   * changed in a copy.
   *
   * @param bytes how many at most, 1 or more
   * @return the rule, which does nothing to calls without a buffer
   */
  public FaultRule corrupt(int bytes) {
    return with(Effect.corrupt(atLeastOne(bytes)));
  }

  private static int atLeastOne(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("At least one byte, not " + bytes);
    }
    return bytes;
  }

  /**
   * Kills by {@code SIGKILL} before the call is made.
   *
   * @param victim whom
   * @return the rule
   */
  public FaultRule killEnter(Victim victim) {
    return with(Effect.kill(Moment.ENTRY, victim));
  }

  /**
   * Kills by {@code SIGKILL} when the call was made, before the program knows its result.
   *
   * @param victim whom
   * @return the rule
   */
  public FaultRule killExit(Victim victim) {
    return with(Effect.kill(Moment.EXIT, victim));
  }

  FaultRule with(Effect effect) {
    if (has(effect.key()) || (effect.isResult() && effects.stream().anyMatch(Effect::isResult))) {
      throw new IllegalArgumentException(
          "'" + effect.key() + "' comes on top of what is there: " + this);
    }
    List<Effect> more = new ArrayList<>(effects);
    more.add(effect);
    more.sort(Comparator.comparingInt(each -> ORDER.indexOf(each.key())));
    return new FaultRule(set, names, conditions, when, counting, chance, seed, more);
  }

  boolean has(String key) {
    return effects.stream().anyMatch(effect -> effect.key().equals(key));
  }

  /**
   * The names of the calls.
   *
   * @return those of all ABIs
   */
  public Set<String> calls() {
    return names;
  }

  List<CallCondition> conditions() {
    return conditions;
  }

  /**
   * Which of the calls.
   *
   * @return by default {@link When#ALWAYS}
   */
  public When when() {
    return when;
  }

  /**
   * What is counted.
   *
   * @return by default {@link Counting#TASK}
   */
  public Counting counting() {
    return counting;
  }

  double chance() {
    return chance;
  }

  long seed() {
    return seed;
  }

  List<Effect> effects() {
    return effects;
  }

  /** The text that {@link #parse} takes, if all conditions are those of {@link CallCondition}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(set);
    for (CallCondition condition : conditions) {
      text.append(':').append(condition);
    }
    for (Effect effect : effects) {
      text.append(':').append(effect.key());
      text.append(effect.value().isEmpty() ? "" : "=").append(effect.value());
    }
    text.append(chance == 1 ? "" : ":chance=" + chance);
    text.append(seed == 0 ? "" : ":seed=" + seed);
    text.append(counting == Counting.TASK ? "" : ":count=tree");
    text.append(when.equals(When.ALWAYS) ? "" : ":when=" + when);
    return text.toString();
  }
}
