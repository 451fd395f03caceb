package io.sysmon.fault;

/**
 * Which of the calls that a rule is about: strace(1)'s {@code when=}. Calls are counted from 1.
 *
 * @param first the first one, 1 to {@link #MAX}
 * @param last the last one, not before the first; {@link #NO_END} for all that follow
 * @param step how many from each to the next one, 1 to {@link #MAX}
 */
public record When(int first, int last, int step) {
  /** The greatest number that strace(1) takes; of {@code last}, one less. */
  public static final int MAX = 65_535;

  /** The {@code last} of what has none. */
  public static final int NO_END = Integer.MAX_VALUE;

  /** Each call. */
  public static final When ALWAYS = new When(1, NO_END, 1);

  /** Checks the numbers. */
  public When {
    if (first < 1 || first > MAX || step < 1 || step > MAX) {
      throw new IllegalArgumentException(
          "Calls are counted from 1 to " + MAX + ", not " + first + " by " + step);
    }
    if (last < first || (last > MAX && last != NO_END)) {
      throw new IllegalArgumentException("No call from " + first + " to " + last);
    }
  }

  /**
   * One call only.
   *
   * @param number which, from 1
   * @return {@code number}
   */
  public static When nth(int number) {
    return new When(number, number, 1);
  }

  /**
   * One call and all after it.
   *
   * @param first which, from 1
   * @return {@code first+}
   */
  public static When from(int first) {
    return new When(first, NO_END, 1);
  }

  /**
   * Some calls in a row.
   *
   * @param first the first, from 1
   * @param last the last
   * @return {@code first..last}
   */
  public static When between(int first, int last) {
    return new When(first, last, 1);
  }

  /**
   * The same range, but not each of it.
   *
   * @param every how many from each to the next one
   * @return {@code first+step} or {@code first..last+step}
   */
  public When by(int every) {
    return new When(first, last, every);
  }

  /**
   * Reads {@code first[..last][+[step]]}.
   *
   * @param text for example {@code 3}, {@code 3+}, {@code 2..8+3}
   * @return what it says
   * @throws BadFaultRuleException when it says nothing
   */
  public static When parse(String text) {
    return parse(new Piece(text, 1, 1));
  }

  static When parse(Piece expression) {
    String text = expression.text();
    int plus = text.indexOf('+');
    Piece range = plus < 0 ? expression : expression.part(0, plus);
    int step = 1;
    if (plus >= 0 && plus + 1 < text.length()) {
      step = expression.from(plus + 1).number(1, MAX);
    }
    int dots = range.text().indexOf("..");
    if (dots < 0) {
      int first = range.number(1, MAX);
      return new When(first, plus < 0 ? first : NO_END, step);
    }
    int first = range.part(0, dots).number(1, MAX - 1);
    return new When(first, range.from(dots + 2).number(first, MAX - 1), step);
  }

  /**
   * Whether a call is among them.
   *
   * @param number its number, from 1
   * @return true when it is
   */
  public boolean includes(long number) {
    return number >= first && number <= end() && (step == 1 || (number - first) % step == 0);
  }

  /** The first of them after a call; {@link Long#MAX_VALUE} for none. */
  long next(long after) {
    long next = after < first ? first : after + step - (after - first) % step;
    return next <= end() ? next : Long.MAX_VALUE;
  }

  private long end() {
    return last == NO_END ? Long.MAX_VALUE : last;
  }

  /** The expression, which {@link #parse} takes. */
  @Override
  public String toString() {
    String by = step == 1 ? "" : "+" + step;
    if (last == NO_END) {
      return first + (step == 1 ? "+" : by);
    }
    return last == first ? Integer.toString(first) : first + ".." + last + by;
  }
}
