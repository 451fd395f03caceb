package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sysmon monitor} on a terminal, which script(1) makes. */
class MonitorTerminalTest {
  private static final String CTRL_C = "\003";

  private static final String CLEAR = "\033[H\033[2J";

  /** Ends a terminal on which nothing comes any more. */
  private static final String LIMIT_SECONDS = "100";

  @TempDir Path directory;

  private final StringBuilder shown = new StringBuilder();

  @BeforeEach
  void thereIsScript() {
    assumeTrue(Sysmon.isInstalled("script"), "There is no script(1)");
  }

  private String file(String name) throws IOException {
    return directory.toRealPath().resolve(name).toString();
  }

  private Process start(String... arguments) {
    String command =
        Sysmon.words(arguments).stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    // What starts the tests may ignore the signal of Ctrl-C.
    return Sysmon.start(
        directory,
        List.of(
            "env",
            "TERM=xterm",
            "timeout",
            "--foreground",
            LIMIT_SECONDS,
            "script",
            "-qefc",
            "exec env --default-signal=INT " + command,
            "/dev/null"));
  }

  /** Reads what the terminal shows until it has shown something since the last time. */
  private void await(Process terminal, String text) throws IOException {
    int from = shown.length();
    InputStream output = terminal.getInputStream();
    while (shown.indexOf(text, from) < 0) {
      int next = output.read();
      assertTrue(next >= 0, shown::toString);
      shown.append((char) next);
    }
  }

  private static void type(Process terminal, String text) throws IOException {
    terminal.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    terminal.getOutputStream().flush();
  }

  /** Its exit status. */
  private int end(Process terminal) throws Exception {
    shown.append(new String(terminal.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    return terminal.waitFor();
  }

  private String asking(String more) throws IOException {
    Path policy =
        Files.writeString(
            directory.resolve("policy"),
            "rules: [{events: file.write, paths: '"
                + file("file")
                + "*', verdict: ask, "
                + more
                + "}]");
    return policy.toString();
  }

  @Test
  void whoIsAtTheTerminalIsAskedAndHisAnswerCounts() throws Exception {
    String write = "for i in 1 2; do (echo new > " + file("file") + "$i); done; exit 0";
    Process terminal = start("monitor", "--policy", asking("timeout: 10m"), "/bin/sh", "-c", write);
    try {
      await(terminal, "file.write path=" + file("file1"));
      await(terminal, "-- allow? [y/N] ");
      type(terminal, "y\n");
      await(terminal, "-- allow? [y/N] ");
      type(terminal, "yonder\n");
      await(terminal, "-- allow? [y/N] ");
      type(terminal, "n\n");
      assertEquals(0, end(terminal), shown::toString);
    } finally {
      terminal.destroyForcibly().waitFor();
    }
    assertEquals("new\n", Files.readString(Path.of(file("file1"))));
    assertTrue(Files.notExists(Path.of(file("file2"))), shown::toString);
    assertTrue(shown.toString().contains("verdict=\"ask: allow\""), shown::toString);
    assertTrue(shown.toString().contains("verdict=\"ask: deny\""), shown::toString);
  }

  private Path policy(String... rules) throws IOException {
    String text = "rules:\n- " + String.join("\n- ", rules) + "\n";
    return Files.writeString(directory.resolve("policy"), text);
  }

  private String rule(String name, String rest) throws IOException {
    return "{events: file.write, paths: '" + file(name) + "', verdict: " + rest + "}";
  }

  @Test
  void anAnswerThatComesTooLateIsNotTakenForTheNextOne() throws Exception {
    Path policy =
        policy(
            rule("late", "ask, timeout: 2s, default: allow"),
            rule("next", "ask, timeout: 10m"),
            rule("last", "ask, timeout: 10m, default: allow"));
    String write = "for i in late next last; do (echo new > " + file("$i") + "); done; exit 0";
    Process terminal = start("monitor", "--policy", policy.toString(), "/bin/sh", "-c", write);
    try {
      await(terminal, "file.write path=" + file("late"));
      await(terminal, "-- allow? [Y/n] ");
      type(terminal, "y");
      await(terminal, "sysmon: no answer in time: allowed: ");
      await(terminal, "file.write path=" + file("next"));
      await(terminal, "-- allow? [y/N] ");
      type(terminal, "\n");
      await(terminal, "may have been meant for the question before");
      await(terminal, "-- allow? [y/N] ");
      type(terminal, "\n");
      await(terminal, "file.write path=" + file("last"));
      await(terminal, "-- allow? [Y/n] ");
      type(terminal, "\n");
      assertEquals(0, end(terminal), shown::toString);
    } finally {
      terminal.destroyForcibly().waitFor();
    }
    assertTrue(Files.exists(Path.of(file("late"))), shown::toString);
    assertTrue(Files.notExists(Path.of(file("next"))), shown::toString);
    assertTrue(Files.exists(Path.of(file("last"))), shown::toString);
    assertTrue(shown.toString().contains("verdict=\"ask: allow (no answer)\""), shown::toString);
  }

  @Test
  void theTableStandsStillWhileAQuestionIsOpen() throws Exception {
    String ask = rule("asked", "ask, timeout: 10m");
    Path policy = policy(ask, rule("one", "deny"), rule("two", "deny"));
    String write =
        "(: > %s) & for i in one two; do until (: > %s) 2>/dev/null; do sleep .1; done; echo $i; done; wait"
            .formatted(file("asked"), file("$i"));
    Process terminal =
        start("monitor", "--top", "--policy", policy.toString(), "/bin/sh", "-c", write);
    try {
      await(terminal, "-- allow? [y/N] ");
      int asked = shown.length();
      // Whoever looks at the policy once a second draws, too.
      policy(ask, rule("two", "deny"));
      await(terminal, "one");
      policy(ask);
      await(terminal, "two");
      assertEquals(-1, shown.indexOf(CLEAR, asked), shown::toString);
      type(terminal, "n\n");
      end(terminal);
      assertTrue(Files.notExists(Path.of(file("asked"))), shown::toString);
    } finally {
      terminal.destroyForcibly().waitFor();
    }
  }

  @Test
  void aTableSaysWhatNobodyHasAnswered() throws Exception {
    Path policy = policy(rule("asked", "ask, timeout: 2s"));
    String write = "(: > " + file("asked") + ") 2>/dev/null; cat";
    Process terminal =
        start("monitor", "--top", "--policy", policy.toString(), "/bin/sh", "-c", write);
    try {
      await(terminal, "sysmon: no answer in time: denied: ");
      await(terminal, CLEAR);
      await(terminal, "WRITES  FILE");
      await(terminal, "sysmon: no answer in time: denied: ");
      type(terminal, CTRL_C);
      end(terminal);
    } finally {
      terminal.destroyForcibly().waitFor();
    }
  }

  @Test
  void aProcessWhoseCallsWaitForAnswersIsToldToBeSlowedAndNarrowed() throws Exception {
    String write = "while :; do : > " + file("file") + "; done";
    Process terminal =
        start(
            "monitor",
            "--shed=narrow",
            "--policy",
            asking("timeout: 400ms, default: allow"),
            "/bin/sh",
            "-c",
            write);
    try {
      await(terminal, "monitor message=\"slowed by tracing: ");
      await(terminal, "; its calls are not looked at any more\"");
      type(terminal, CTRL_C);
      assertEquals(130, end(terminal), shown::toString);
    } finally {
      terminal.destroyForcibly().waitFor();
    }
    assertTrue(
        shown.toString().contains("the calls of 1 processes were not looked at any more, for "),
        shown::toString);
  }

  @Test
  void theTableIsRenewedUntilCtrlCWhichLeavesAllAsItWas() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "1000").start();
    Path status = Path.of("/proc/" + sleep.pid() + "/status");
    Process terminal = start("monitor", "--top", "-p", Long.toString(sleep.pid()));
    try {
      for (int i = 0; i < 2; i++) {
        await(terminal, CLEAR);
        await(terminal, "1 processes, 1 threads, ");
        await(terminal, "WRITES  FILE");
      }
      type(terminal, CTRL_C);
      assertEquals(0, end(terminal), shown::toString);
      assertTrue(shown.toString().contains(" events, 0 dropped"), shown::toString);
      assertTrue(Files.readString(status).contains("TracerPid:\t0\n"));
      assertTrue(Files.readString(status).contains("State:\tS"), Files.readString(status));
    } finally {
      terminal.destroyForcibly().waitFor();
      sleep.destroyForcibly().waitFor();
    }
  }
}
