package io.sysmon.junit5;

import io.sysmon.ExitStatus;
import io.sysmon.fault.FaultRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.opentest4j.AssertionFailedError;

/**
 * Assertions on a {@link Run}. A failure shows the lines of the trace that it is about, at most
 * {@value #SHOWN} of them.
 *
 * <p>Only what was recorded can be seen: {@link TracedCommand#record}. An assertion that would
 * hold, or fail, just because calls are not in the record throws {@link IllegalStateException} with
 * their names.
 */
public final class RunAssert {
  /** How many lines a failure shows. */
  public static final int SHOWN = 20;

  /**
   * What programs read of the system to begin at all: libraries, locales, time zones, /proc, /dev.
   * For {@link #opensOnly}.
   */
  public static final List<String> SYSTEM =
      List.of(
          "/lib*/**",
          "/usr/lib*/**",
          "/usr/share/**",
          "/etc/ld.so.*",
          "/etc/localtime",
          "/proc/**",
          "/sys/**",
          "/dev/**",
          "/etc/nsswitch.conf",
          "/etc/passwd",
          "/etc/gai.conf");

  /** AF_INET, AF_INET6, AF_PACKET and AF_VSOCK, linux/socket.h. */
  private static final Set<Integer> NETWORK_FAMILIES = Set.of(2, 10, 17, 40);

  private final Run run;

  RunAssert(Run run) {
    this.run = run;
  }

  /**
   * The program ended with a code.
   *
   * @param code 0 to 255, or 128 plus a signal's number
   * @return this
   */
  public RunAssert exitsWith(int code) {
    if (run.exitValue() != code) {
      String not = run.status().isExited() ? ", and not with " : ", and did not exit with ";
      throw failure("The program " + end(run.status()) + not + code + output(), run.calls(), true);
    }
    return this;
  }

  /** What follows "the program". */
  static String end(ExitStatus status) {
    return (status.signal() == null ? "" : "was ") + status;
  }

  private String output() {
    if (run.stdout().isEmpty() && run.stderr().isEmpty()) {
      return "; it wrote nothing to its standard streams";
    }
    return (run.stdout().isEmpty() ? "" : "\nIts standard output:\n" + run.stdout())
        + (run.stderr().isEmpty() ? "" : "\nIts standard error:\n" + run.stderr());
  }

  /**
   * The program wrote something to one of its two standard streams.
   *
   * @param text a part of it
   * @return this
   */
  public RunAssert says(String text) {
    if (!run.stdout().contains(text) && !run.stderr().contains(text)) {
      throw failure("The program did not say \"" + text + "\"" + output(), List.of(), true);
    }
    return this;
  }

  /**
   * Files were opened.
   *
   * @param globs each the pattern of a file, as for {@link io.sysmon.fault.CallCondition#path}
   * @return this
   * @throws IllegalArgumentException when none is given
   */
  public RunAssert opens(String... globs) {
    requireSome(globs);
    for (String glob : globs) {
      Paths files = new Paths(glob);
      if (run.opened().stream().noneMatch(files::include)) {
        demand(NeededCalls.OPENING);
        throw failure("No file " + glob + " was opened", calls(FileCalls::opens), true);
      }
    }
    return this;
  }

  /**
   * No other files were opened than these: for a step that has to declare what it reads. An open
   * that did not return, because its process was killed, counts.
   *
   * @param globs patterns of all the files; {@link #SYSTEM} has those of most programs
   * @return this
   */
  public RunAssert opensOnly(List<String> globs) {
    demand(NeededCalls.OPENING);
    Paths files = new Paths(globs.toArray(String[]::new));
    Predicate<RecordedCall> others =
        call ->
            FileCalls.opens(call)
                && call.mayHaveSucceeded()
                && !call.paths().stream().allMatch(files::include);
    return none(others, "Files were opened that are not among " + globs);
  }

  /**
   * Nothing outside of some directories was made, changed or removed, nor opened to be changed. A
   * call that did not return, because its process was killed, counts.
   *
   * @param directories these and all in them may change, and so may /dev and /proc
   * @return this
   */
  public RunAssert touchesNothingOutside(Path... directories) {
    demand(NeededCalls.CHANGING_NAMES);
    List<String> allowed =
        Arrays.stream(directories).map(path -> path.toAbsolutePath().normalize() + "/").toList();
    Predicate<String> isOutside =
        path -> FileCalls.isFile(path) && allowed.stream().noneMatch((path + "/")::startsWith);
    return none(
        call ->
            call.mayHaveSucceeded()
                && FileCalls.changesNames(call)
                && call.paths().stream().anyMatch(isOutside),
        "Files outside of " + Arrays.toString(directories) + " were touched");
  }

  /**
   * The program connected to an address, or tried to.
   *
   * @param address as {@link Run#connected} has it
   * @return this
   */
  public RunAssert connectsTo(String address) {
    if (!run.connected().contains(address)) {
      demand(NeededCalls.CONNECTING);
      throw failure(
          "There was no connection to " + address,
          calls(call -> call.name().equals("connect")),
          true);
    }
    return this;
  }

  /**
   * The program made no socket by which another machine, or this one's network stack, can be
   * reached. Sockets of files (AF_UNIX) and the kernel's own (AF_NETLINK) may be made.
   *
   * @return this
   */
  public RunAssert makesNoNetworkCall() {
    demand(NeededCalls.MAKING_SOCKETS);
    return none(
        call ->
            call.family().isPresent()
                && NETWORK_FAMILIES.contains((int) call.family().get().value()),
        "Network calls were made");
  }

  /**
   * A program was executed.
   *
   * @param glob its file
   * @param words its arguments without the first; {@code *} in one stands for any characters. When
   *     none are given, with whichever arguments
   * @return this
   */
  public RunAssert executes(String glob, String... words) {
    Paths files = new Paths(glob);
    return executes(
        call ->
            call.paths().stream().anyMatch(files::include)
                && matches(call.words(), Arrays.asList(words)),
        "The program "
            + glob
            + " was not executed"
            + (words.length == 0 ? "" : " with " + Arrays.toString(words)));
  }

  private RunAssert executes(Predicate<RecordedCall> which, String otherwise) {
    if (run.executed().stream().noneMatch(which)) {
      demand(NeededCalls.EXECUTING);
      throw failure(otherwise, run.executed(), true);
    }
    return this;
  }

  /** Whether the arguments after the first match; any do when there are no patterns. */
  private static boolean matches(List<String> words, List<String> patterns) {
    if (patterns.isEmpty()) {
      return true;
    }
    if (words.size() != patterns.size() + 1) {
      return false;
    }
    for (int i = 0; i < patterns.size(); i++) {
      if (!wildcards(patterns.get(i)).matcher(words.get(i + 1)).matches()) {
        return false;
      }
    }
    return true;
  }

  /**
   * A program was executed with a variable in its environment.
   *
   * @param glob the program's file
   * @param variable {@code NAME=VALUE}
   * @return this
   */
  public RunAssert executesWithEnvironment(String glob, String variable) {
    Paths files = new Paths(glob);
    return executes(
        call ->
            call.paths().stream().anyMatch(files::include) && call.environment().contains(variable),
        "No program " + glob + " was executed with " + variable);
  }

  /**
   * Bytes were written to files, by whichever calls.
   *
   * @param glob the files, as for {@link io.sysmon.fault.CallCondition#path}
   * @param bytes a part of what was written; a character is a byte (ISO 8859-1)
   * @return this
   */
  public RunAssert writes(String glob, String bytes) {
    if (!run.written(glob).contains(bytes)) {
      demand(NeededCalls.WRITING);
      Paths files = new Paths(glob);
      throw failure(
          "\"" + bytes + "\" was not written to " + glob,
          calls(
              call ->
                  call.written().isPresent()
                      && call.descriptors().stream().anyMatch(files::include)),
          true);
    }
    return this;
  }

  /**
   * Calls were made in this order, others between them.
   *
   * @param lines patterns of the lines of strace(1), of which {@code *} stands for any characters:
   *     {@code pwrite64(*}, {@code openat(*, "*.db-journal"*) = 3}
   * @return this
   * @throws IllegalArgumentException when none is given
   */
  public RunAssert callsInOrder(String... lines) {
    requireSome(lines);
    int next = 0;
    for (String line : lines) {
      Pattern pattern = wildcards(line);
      int from = next;
      while (next < run.calls().size()
          && !pattern.matcher(run.calls().get(next).line()).matches()) {
        next++;
      }
      if (next == run.calls().size()) {
        List<RecordedCall> after = run.calls().subList(from, run.calls().size());
        String name = line.split("[(*]", 2)[0];
        demand(named(name, line.startsWith(name + "(")));
        List<RecordedCall> alike = after.stream().filter(call -> call.name().equals(name)).toList();
        throw failure(
            "No call " + line + " was made" + (from == 0 ? "" : " after the ones before it"),
            alike.isEmpty() ? after : alike,
            false);
      }
      next++;
    }
    return this;
  }

  private static List<String> named(String name, boolean isWhole) {
    return FaultRule.on("all").calls().stream()
        .filter(call -> isWhole ? call.equals(name) : call.startsWith(name))
        .toList();
  }

  private static Pattern wildcards(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split("\\*", -1)) {
      parts.add(Pattern.quote(part));
    }
    return Pattern.compile(String.join(".*", parts), Pattern.DOTALL);
  }

  /**
   * Each fault rule has chosen a call: what was to be tested has happened.
   *
   * @return this
   * @throws IllegalStateException when the command had no rules
   */
  public RunAssert meetsAllFaults() {
    if (run.rules().isEmpty()) {
      throw new IllegalStateException("No faults to meet: the command was given no rules");
    }
    List<FaultRule> never = run.unmatched();
    if (!never.isEmpty()) {
      throw failure(
          "No call was chosen by " + never,
          calls(call -> never.stream().anyMatch(rule -> rule.calls().contains(call.name()))),
          true);
    }
    return this;
  }

  private static void requireSome(String[] patterns) {
    if (patterns.length == 0) {
      throw new IllegalArgumentException("Nothing is asserted: a pattern is needed");
    }
  }

  private void demand(List<String> calls) {
    NeededCalls.demand(run.recorded(), calls);
  }

  private RunAssert none(Predicate<RecordedCall> forbidden, String what) {
    List<RecordedCall> found = calls(forbidden);
    if (!found.isEmpty()) {
      throw failure(what, found, false);
    }
    return this;
  }

  private List<RecordedCall> calls(Predicate<RecordedCall> which) {
    return run.calls().stream().filter(which).toList();
  }

  private AssertionFailedError failure(String what, List<RecordedCall> about, boolean last) {
    return new AssertionFailedError(
        what + lines("The calls of " + String.join(" ", run.words()), about, last));
  }

  /** Some lines of a trace, for a message. */
  static String lines(String title, List<RecordedCall> calls, boolean last) {
    if (calls.isEmpty()) {
      return "";
    }
    int from = last ? Math.max(0, calls.size() - SHOWN) : 0;
    int to = Math.min(calls.size(), from + SHOWN);
    StringBuilder text = new StringBuilder("\n").append(title);
    if (to - from < calls.size()) {
      text.append(last ? " (the last " : " (the first ").append(SHOWN).append(" of ");
      text.append(calls.size()).append(')');
    }
    text.append(':');
    for (RecordedCall call : calls.subList(from, to)) {
      text.append("\n  ").append(call);
    }
    return text.toString();
  }
}
