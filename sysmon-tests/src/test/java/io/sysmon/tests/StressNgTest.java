package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.tests.support.Observer;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The stressors of stress-ng(1), which do one thing to the kernel again and again and verify what
 * comes back: as many operations of each, with the same findings, as untraced. {@code
 * docs/transparency.md} tells of those that are not here.
 */
@Tag("transparency")
class StressNgTest {
  private static final Duration LIMIT = Duration.ofSeconds(100);

  /** When it ends by itself, with less done than it was told to. In seconds. */
  private static final String GIVEN_UP = "80";

  private static final Pattern FINDING = Pattern.compile("^stress-ng: (fail|error|warn): .*");
  private static final Pattern METRIC =
      Pattern.compile("^stress-ng: metrc: \\[\\d+] \\S+ +(\\d+) .*");

  @TempDir private Path directory;

  @BeforeAll
  static void stressNgIsThere() {
    assumeTrue(
        Outcome.bare(new ProcessBuilder("sh", "-c", "command -v stress-ng")).exitValue() == 0,
        "stress-ng is not installed");
  }

  /** What has to be the same: the exit value, the findings, and that all was done. */
  private record Result(int exitValue, List<String> findings, boolean complete) {
    static Result of(Outcome outcome, int operations) {
      List<String> findings = new ArrayList<>();
      long done = -1;
      for (String line : (outcome.stdout() + outcome.stderr()).lines().toList()) {
        Matcher metric = METRIC.matcher(line);
        if (FINDING.matcher(line).matches()) {
          findings.add(line.replaceAll("\\[\\d+]", "[pid]"));
        } else if (metric.matches()) {
          done = Long.parseLong(metric.group(1));
        }
      }
      // A stressor of several threads or processes may count a few more.
      return new Result(outcome.exitValue(), findings, done >= operations);
    }
  }

  private void sameAsUntraced(int operations, Function<Path, ProcessBuilder> command)
      throws IOException {
    Outcome bare = Outcome.bare(LIMIT, command.apply(fresh("bare")));
    assumeTrue(
        new Result(0, List.of(), true).equals(Result.of(bare, operations)),
        () -> "It does not succeed untraced: " + bare);
    Outcome traced = Outcome.traced(LIMIT, command.apply(fresh("traced")), new Observer());
    assertEquals(Result.of(bare, operations), Result.of(traced, operations), traced::toString);
  }

  private Path fresh(String name) throws IOException {
    Path created = Files.createDirectory(directory.resolve(name));
    for (Path writable : List.of(directory, created)) {
      Files.setPosixFilePermissions(writable, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    return created;
  }

  private static List<String> stressor(String name, String... options) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "stress-ng", "--" + name, "1", "--verify", "--metrics-brief", "--no-rand-seed"));
    words.addAll(List.of(options));
    return words;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      textBlock =
          """
          fork,           50
          vfork,          50
          clone,         100
          daemon,         20
          exit-group,     20
          pthread,       200
          signal,        500
          sigabrt,        20
          sigchld,        20
          sigfd,         200
          sigfpe,        200
          signest,        20
          sigpending,    200
          sigpipe,        50
          sigq,          200
          sigrt,         100
          sigsegv,       200
          sigsuspend,    200
          sigtrap,       200
          bad-altstack,   20
          kill,           50
          wait,          100
          zombie,         50
          pidfd,          50
          session,        20
          sleep,          20
          nanosleep,      50
          timer,         200
          timerfd,       200
          itimer,        200
          futex,         500
          mutex,         200
          switch,        200
          poll,           50
          epoll,          50
          eventfd,       200
          pipe,          300
          fifo,          200
          sock,           10
          msg,           100
          mq,            100
          sem-sysv,      200
          shm,            10
          shm-sysv,       10
          fault,         100
          mlock,          20
          membarrier,     50
          userfaultfd,     5
          vm-rw,          10
          personality,    20
          prctl,          10
          rlimit,         50
          schedpolicy,    20
          affinity,      100
          seccomp,        20
          landlock,        5
          io-uring,       50
          aio,            20
          """)
  void aStressorFindsAndDoesTheSame(String name, int operations) throws IOException {
    sameAsUntraced(
        operations,
        directory ->
            new ProcessBuilder(
                    stressor(name, "--" + name + "-ops", "" + operations, "--timeout", GIVEN_UP))
                .directory(directory.toFile()));
  }

  /** They count in other units than they are told to stop at. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "context",
        "mmap --mmap-bytes 256k",
        "mremap --mremap-bytes 1m",
        "sem",
        "vforkmany",
        "yield"
      })
  void aStressorOfSomeSecondsFindsTheSame(String nameAndOptions) throws IOException {
    List<String> words = new ArrayList<>(List.of(nameAndOptions.split(" ")));
    List<String> command = stressor(words.remove(0), words.toArray(String[]::new));
    command.addAll(List.of("--timeout", "2"));
    sameAsUntraced(1, directory -> new ProcessBuilder(command).directory(directory.toFile()));
  }

  /** These refuse to be run by root. */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"exec", "spawn"})
  void aStressorOfProgramsFindsTheSame(String name) throws IOException {
    boolean isRoot = Outcome.bare(new ProcessBuilder("id", "-u")).stdout().equals("0\n");
    sameAsUntraced(
        1,
        directory -> {
          List<String> words = stressor(name, "--timeout", "3");
          if (isRoot) {
            words.addAll(0, List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
          }
          return new ProcessBuilder(words).directory(directory.toFile());
        });
  }
}
