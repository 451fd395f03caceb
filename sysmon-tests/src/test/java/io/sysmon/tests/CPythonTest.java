package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Observer;
import io.sysmon.tests.support.Outcome;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * CPython's own tests of what a program does with its system, from the distribution's package of
 * them: each case has the same result traced as untraced. One that fails untraced may fail. {@code
 * docs/transparency.md} has the numbers.
 */
@Tag("transparency")
class CPythonTest {
  /** The distribution's own: a version manager's has other tests, or none. */
  private static final String PYTHON = "/usr/bin/python3";

  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** It forks a thousand times, and does nothing that others do not. */
  private static final String TOO_LONG = "test_leaking_fds_on_error*";

  /**
   * Skips itself when a minute has not brought it 0.3 s of CPU time in user mode. It asks for the
   * time in between: where that is a system call, a traced one on a busy machine may not get it.
   */
  private static final String OF_USER_TIME = "test.test_signal.ItimerTest.test_itimer_virtual";

  @TempDir private Path directory;

  private ProcessBuilder tests(String module, Path results) {
    ProcessBuilder command =
        new ProcessBuilder(
                PYTHON, "-m", "test", "--junit-xml", results.toString(), "-i", TOO_LONG, module)
            .directory(directory.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true);
    command.environment().clear();
    command
        .environment()
        .putAll(
            Map.of(
                "PATH", "/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME", directory.toString(),
                "TMPDIR", directory.toString()));
    return command;
  }

  /** The result of each case: passed, skipped, failed or in error. */
  private static Map<String, String> results(Path file) throws Exception {
    NodeList cases =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getElementsByTagName("testcase");
    Map<String, String> results = new TreeMap<>();
    for (int i = 0; i < cases.getLength(); i++) {
      Element testCase = (Element) cases.item(i);
      List<String> marks = new ArrayList<>();
      for (String mark : List.of("skipped", "failure", "error")) {
        if (testCase.getElementsByTagName(mark).getLength() > 0) {
          marks.add(mark);
        }
      }
      results.put(testCase.getAttribute("name"), marks.isEmpty() ? "passed" : marks.toString());
    }
    return results;
  }

  private static Map<String, String> different(
      Map<String, String> bare, Map<String, String> traced) {
    Map<String, String> different = new TreeMap<>();
    for (Map<String, String> either : List.of(bare, traced)) {
      for (String name : either.keySet()) {
        if (!String.valueOf(bare.get(name)).equals(traced.get(name))) {
          different.put(name, bare.get(name) + " untraced, " + traced.get(name) + " traced");
        }
      }
    }
    return different;
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {"test_os", "test_posix", "test_signal", "test_subprocess", "test_threading"})
  @Timeout(600)
  void everyCaseHasTheSameResult(String module) throws Exception {
    assumeTrue(
        Outcome.bare(new ProcessBuilder(PYTHON, "-c", "import test." + module)).exitValue() == 0,
        "CPython's tests are not installed");
    Path ofBare = directory.resolve("bare.xml");
    Path ofTraced = directory.resolve("traced.xml");
    // At the same time: most of what they do is to sleep.
    CompletableFuture<Outcome> untraced =
        Background.call(() -> Outcome.bare(LIMIT, tests(module, ofBare)));
    Outcome traced = Outcome.traced(LIMIT, tests(module, ofTraced), new Observer());
    Outcome bare = untraced.get();
    Map<String, String> expected = results(ofBare);
    Map<String, String> different = different(expected, results(ofTraced));
    different.remove(OF_USER_TIME, "passed untraced, [skipped] traced");
    assertEquals(Map.of(), different, traced::stdout);
    assertEquals(bare.exitValue(), traced.exitValue());
    assertTrue(expected.values().stream().filter("passed"::equals).count() > 30, bare::stdout);
  }
}
