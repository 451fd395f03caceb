package io.sysmon.examples.parity;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints what comparisons have found. */
final class Report {
  private record Row(String name, Comparison comparison, @Nullable Comparison chance) {}

  private final PrintStream out;
  private final int examples;
  private final boolean hasChance;
  private final List<Row> rows = new ArrayList<>();

  /**
   * A report.
   *
   * @param out where to print
   * @param examples how many lines to show of each kind of difference
   * @param hasChance whether strace was compared with itself too
   */
  Report(PrintStream out, int examples, boolean hasChance) {
    this.out = out;
    this.examples = examples;
    this.hasChance = hasChance;
  }

  /** Prints one comparison: its share, and the differences by call and kind. */
  void add(String name, Comparison comparison, @Nullable Comparison chance) {
    rows.add(new Row(name, comparison, chance));
    own(name, comparison);
    if (chance != null && !chance.differences().isEmpty()) {
      out.printf("  strace and strace: %s%n", text(chance));
      differences(chance, "  ");
    }
  }

  private void own(String name, Comparison comparison) {
    out.printf("%s: %s%n", name, text(comparison));
    differences(comparison, "");
  }

  /** Prints the comparison again that has the most differences, for it is the end that is read. */
  void worst() {
    rows.stream()
        .max(Comparator.comparingInt(row -> row.comparison.differences().size()))
        .ifPresent(row -> own(row.name, row.comparison));
  }

  private static String text(Comparison comparison) {
    return String.format("%.2f %% of %d lines are identical", comparison.share(), comparison.all());
  }

  private void differences(Comparison comparison, String indent) {
    Map<String, List<Difference>> groups = new LinkedHashMap<>();
    for (Difference difference : comparison.differences()) {
      String group = difference.call() + ", " + difference.kind().name().toLowerCase(Locale.ROOT);
      groups.computeIfAbsent(group, unused -> new ArrayList<>()).add(difference);
    }
    groups.entrySet().stream()
        .sorted(Comparator.comparing(group -> -group.getValue().size()))
        .forEach(
            group -> {
              out.printf("%s  %d of %s%n", indent, group.getValue().size(), group.getKey());
              group.getValue().stream()
                  .limit(examples)
                  .forEach(
                      each ->
                          out.println(each.toString().indent(4 + indent.length()).stripTrailing()));
            });
  }

  /** Over all lines of all commands, in percent. */
  double share() {
    return total().share();
  }

  private Comparison total() {
    return rows.stream()
        .map(Row::comparison)
        .reduce(new Comparison(0, 0, List.of()), Comparison::plus);
  }

  private Comparison totalChance() {
    Comparison sum = new Comparison(0, 0, List.of());
    for (Row row : rows) {
      sum = row.chance == null ? sum : sum.plus(row.chance);
    }
    return sum;
  }

  /** Prints the shares of all. */
  void end(boolean markdown) {
    String format = markdown ? "| %s | %s | %s | %s |%n" : "%-22s %7s %10s %10s%n";
    out.println();
    out.printf(format, "Command", "Lines", "Identical", hasChance ? "By chance" : "");
    if (markdown) {
      out.println("|---|---:|---:|---:|");
    }
    for (Row row : rows) {
      row(format, row.name.lines().findFirst().orElse(""), row.comparison, row.chance);
    }
    row(format, "all", total(), hasChance ? totalChance() : null);
  }

  private void row(String format, String name, Comparison comparison, @Nullable Comparison chance) {
    out.printf(
        format,
        name,
        comparison.all(),
        String.format("%.2f %%", comparison.share()),
        chance == null ? "" : String.format("%.2f %%", chance.share()));
  }
}
