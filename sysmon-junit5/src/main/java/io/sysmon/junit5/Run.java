package io.sysmon.junit5;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.decode.SockAddr;
import io.sysmon.fault.FaultRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a command did. Immutable. What is told of files, programs and connections comes from the
 * calls, and lacks what was not recorded; assertions say so.
 *
 * @param words the command
 * @param status how its first process ended
 * @param stdout what it wrote, as UTF-8
 * @param stderr what it wrote, as UTF-8
 * @param calls the recorded system calls of all its processes, in the order in which they ended
 * @param recorded which calls were recorded
 * @param rules the fault rules
 * @param injections how often each rule has chosen a call
 * @param pids the ids of all its tasks
 */
public record Run(
    List<String> words,
    ExitStatus status,
    String stdout,
    String stderr,
    List<RecordedCall> calls,
    Interest recorded,
    List<FaultRule> rules,
    List<Long> injections,
    Set<Integer> pids) {
  /** Copies the collections. */
  public Run {
    words = List.copyOf(words);
    calls = List.copyOf(calls);
    rules = List.copyOf(rules);
    injections = List.copyOf(injections);
    pids = Set.copyOf(pids);
  }

  /**
   * Begins assertions on this run.
   *
   * @return an object of which each method asserts something and gives it back
   */
  public RunAssert check() {
    return new RunAssert(this);
  }

  /**
   * The exit value.
   *
   * @return the code, or 128 plus the signal's number
   */
  public int exitValue() {
    return status.exitValue();
  }

  /**
   * The files that were opened.
   *
   * @return absolute paths, each once, sorted
   */
  public Set<String> opened() {
    Set<String> files = new TreeSet<>();
    for (RecordedCall call : calls) {
      if (call.succeeded() && FileCalls.opens(call)) {
        files.addAll(call.paths());
      }
    }
    return files;
  }

  /**
   * What was connected to, or tried to be: the addresses of connect(2).
   *
   * @return for example {@code 127.0.0.1:80}, {@code [::1]:80}, {@code "/run/socket"},
   *     {@code @"abstract"}; the whole call for an address of another family, or one that could not
   *     be read
   */
  public List<String> connected() {
    return calls.stream().filter(call -> call.name().equals("connect")).map(Run::address).toList();
  }

  private static String address(RecordedCall call) {
    SockAddr address = call.address().orElse(null);
    if (address instanceof SockAddr.Inet inet) {
      return inet.address().getHostAddress() + ":" + inet.port();
    }
    if (address instanceof SockAddr.Inet6 inet6) {
      return "[" + inet6.host() + "]:" + inet6.port();
    }
    if (address instanceof SockAddr.Unix unix) {
      return (unix.isAbstract() ? "@\"" : "\"") + unix.path().utf8() + "\"";
    }
    return call.line();
  }

  /**
   * The programs that were executed, the command first.
   *
   * @return the successful calls of execve(2) and execveat(2): {@link RecordedCall#paths} has the
   *     file, {@link RecordedCall#words} the arguments
   */
  public List<RecordedCall> executed() {
    return calls.stream()
        .filter(call -> call.name().startsWith("execve") && call.succeeded())
        .toList();
  }

  /**
   * The bytes that were written to files, in the order of the calls, wherever in the file.
   *
   * @param glob the files, as for {@link io.sysmon.fault.CallCondition#path}
   * @return a character is a byte (ISO 8859-1)
   */
  public String written(String glob) {
    Paths files = new Paths(glob);
    StringBuilder bytes = new StringBuilder();
    for (RecordedCall call : calls) {
      if (call.descriptors().stream().anyMatch(files::include)) {
        call.written().ifPresent(written -> bytes.append(written.text()));
      }
    }
    return bytes.toString();
  }

  /**
   * The rules that have chosen no call.
   *
   * @return in their order
   */
  public List<FaultRule> unmatched() {
    List<FaultRule> never = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      if (injections.get(i) == 0) {
        never.add(rules.get(i));
      }
    }
    return never;
  }

  /**
   * What was written to standard output, with {@code PID} in place of each number that is a task's
   * of this run.
   *
   * @return the same text for runs that differ in these numbers only
   */
  public String stdoutWithoutPids() {
    return Pattern.compile("\\b\\d+\\b")
        .matcher(stdout)
        .replaceAll(number -> isPid(number.group()) ? "PID" : number.group());
  }

  private boolean isPid(String number) {
    return number.length() <= 9 && pids.contains(Integer.parseInt(number));
  }
}
