package io.sysmon.examples.parity;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lines without what differs from run to run. Says no more alike than two runs of strace(1) are.
 */
final class NormalForm {
  private record Rule(Pattern pattern, String replacement) {
    static Rule of(String regex, String replacement) {
      return new Rule(Pattern.compile(regex), replacement);
    }

    String apply(String text) {
      return pattern.matcher(text).replaceAll(replacement);
    }
  }

  private static final List<Rule> RULES =
      List.of(
          Rule.of("\\) +(?== )", ") "),
          // Not what stands for a bit without a name.
          Rule.of("0x[0-9a-f]{6,16}(?! /\\* [A-Z]|[0-9a-f])", "ADDRESS"),
          // Names that mkstemp(3) and the like have made.
          Rule.of(
              "(?<=/(?:cc|tmp|tmp\\.|sh-thd\\.|Gm[A-Z]?|etilqs_))[A-Za-z0-9_]{6,16}\\b",
              "TEMPORARY"),
          // /proc/PID/maps.
          Rule.of("\\b[0-9a-f]{8,12}-[0-9a-f]{8,12} ", "RANGE "),
          Rule.of("(?<=getrandom\\()(\".*\"|NULL)(\\.\\.\\.)?(?=,)", "RANDOM"),
          Rule.of("htons\\(\\d{5}\\)", "htons(PORT)"),
          // Pipes and sockets behind descriptors.
          Rule.of("\\b((?:pipe|socket|[A-Z]+(?:-STREAM|v6)?):\\[)\\d{5,}", "$1INODE"),
          Rule.of("(?<=INODE->)\\d{5,}", "INODE"),
          Rule.of("(?<=[\\d\\]]:)\\d{5}(?=->|])", "PORT"),
          Rule.of("si_[us]time=\\d+( /\\* .*? \\*/)?", "TIME"),
          Rule.of(
              "\\b(tv_[nu]?sec|st_[amc]time\\w*|ru_\\w+|tms_\\w+)=\\d+( /\\* .*? \\*/)?",
              "$1=TIME"),
          Rule.of("^(times\\(.*\\) = )\\d+", "$1TIME"),
          // What the machine has left.
          Rule.of(
              "\\b(uptime|freeram|sharedram|bufferram|procs|f_b?free|f_bavail|f_ffree)=\\d+",
              "$1=N"),
          Rule.of("\\bloads=\\[[^]]*\\]", "loads=[N]"));

  private static final Rule OUTSIDE = Rule.of("^(getppid\\(\\) = )\\d+$", "$1OUTSIDE");

  private final Map<String, String> names = new HashMap<>();
  private final Pattern tids;

  /** A form in which tasks are called by their places. */
  NormalForm(Map<Integer, String> places) {
    places.forEach((tid, place) -> names.put(tid.toString(), "TASK" + place));
    tids = Pattern.compile("(?<![\\w.])(" + String.join("|", names.keySet()) + ")\\b");
  }

  String of(String line) {
    String text = line;
    for (Rule rule : RULES) {
      text = rule.apply(text);
    }
    text =
        tids.matcher(text).replaceAll(found -> Matcher.quoteReplacement(names.get(found.group())));
    return OUTSIDE.apply(text);
  }
}
