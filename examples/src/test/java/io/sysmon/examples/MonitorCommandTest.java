package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MonitorCommandTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int monitor(String... arguments) {
    List<String> words = new ArrayList<>(List.of("monitor"));
    words.addAll(List.of(arguments));
    CommandLine line = SysmonCommand.commandLine(words.toArray(String[]::new));
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return line.execute(words.toArray(String[]::new));
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(directory.toRealPath().resolve(name), text);
  }

  @Test
  void theEventsOfACommandAreLinesAndItsStatusIsTheExitStatus() throws Exception {
    Path file = directory.toRealPath().resolve("file");
    assertEquals(3, monitor("/bin/sh", "-c", "echo x > " + file + "; exit 3"));
    assertTrue(out.toString().contains(" file.write path=" + file + " "), out::toString);
    assertTrue(out.toString().contains(" process.exit code=3\n"), out::toString);
    assertTrue(err.toString().contains(" events, 0 dropped"), err::toString);
  }

  @Test
  void jsonIsOneObjectALine() throws Exception {
    Path to = directory.resolve("events");
    assertEquals(0, monitor("--json", "-o", to.toString(), "/bin/true"));
    List<String> lines = Files.readAllLines(to);
    assertEquals(2, lines.size(), lines::toString);
    assertTrue(lines.get(0).matches("\\{\"time\":\"[^\"]*Z\",\"event\":\"process.start\",.*}"));
    assertTrue(lines.get(1).endsWith(",\"code\":0}"), lines::toString);
  }

  private Sysmon.Result shell(String script) {
    String sysmon = String.join(" ", Sysmon.words("monitor"));
    return Sysmon.runOther(directory, "/bin/sh", "-c", script.replace("MONITOR", sysmon));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-o /dev/full CMD", "CMD > /dev/full", "--top CMD > /dev/full"})
  void aFullDiskIsToldOnceAndEndsTheCommand(String arguments) {
    assumeTrue(Files.isWritable(Path.of("/dev/full")));
    Sysmon.Result result =
        shell("MONITOR " + arguments.replace("CMD", "sh -c 'while :; do /bin/true; done'"));
    assertEquals("sysmon: Can't write the events: No space left on device\n", result.err());
    assertEquals(1, result.status());
  }

  @Test
  void whatNobodyReadsEndsTheCommandQuietly() {
    Sysmon.Result result =
        shell("(MONITOR sh -c 'while :; do /bin/true; done'; echo $? >&2) | head -1");
    assertEquals("141\n", result.err());
    assertEquals(1, result.outLines().size(), result::out);
  }

  @Test
  void aFileThatCannotBeOpenedIsToldWithTheReason() {
    assertEquals(1, monitor("-o", "/none/x", "/bin/true"));
    assertEquals("sysmon: Can't open /none/x (No such file or directory)\n", err.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "--top --json, --top and --json exclude each other",
    "--shed=foo, 'foo' is neither narrow nor release",
    "--shed=nothing, 'nothing' is neither narrow nor release"
  })
  void whatCannotBeMeantIsRefused(String options, String message) {
    assertEquals(1, monitor((options + " /bin/true").split(" ", -1)));
    assertTrue(err.toString().contains(message), err::toString);
    assertEquals("", out.toString());
  }

  @Test
  void aPolicyFileDenies() throws Exception {
    Path secret = file("secret", "old");
    Path policy =
        file("policy", "rules: [{events: file.write, paths: '" + secret + "', verdict: deny}]");
    assertEquals(
        2,
        monitor("--policy", policy.toString(), "/bin/sh", "-c", "echo x 2>/dev/null > " + secret));
    assertEquals("old", Files.readString(secret));
    assertTrue(out.toString().contains("verdict=deny rule=\"Rule 1\" error=EPERM"), out::toString);
  }

  @Test
  void aPolicyThatCannotBeUnderstoodIsAnError() throws Exception {
    Path policy = file("policy", "rules: [{verdict: deny}]");
    assertEquals(1, monitor("--policy", policy.toString(), "/bin/true"));
    assertEquals("sysmon: " + policy + ": line 1: Rule 1 needs 'events'\n", err.toString());
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  /** At once, as an editor does. */
  private void replace(Path policy, String text) throws Exception {
    Files.move(file("next", text), policy, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  @Timeout(60)
  void aPolicyFileThatChangesIsReadAgainAndABadOneChangesNothing() throws Exception {
    Path policy = file("policy", "events: process");
    Path written = directory.toRealPath().resolve("written");
    Path goOn = directory.resolve("go-on");
    String write = "(: > " + written + ") 2>/dev/null";
    String script =
        "while " + write + "; do :; done; until test -e " + goOn + "; do :; done; ! " + write;
    CompletableFuture<Integer> status =
        CompletableFuture.supplyAsync(
            () -> monitor("--policy", policy.toString(), "/bin/sh", "-c", script));
    await(() -> Files.exists(written) || status.isDone());
    replace(policy, "rules: [{events: file.write, paths: '" + written + "', verdict: deny}]");
    await(() -> err.toString().contains("sysmon: the policy was read again\n") || status.isDone());
    replace(policy, "rules: [{verdict: deny}]");
    await(() -> err.toString().contains("stays as it was") || status.isDone());
    Files.createFile(goOn);
    assertEquals(0, status.get(), err::toString);
    String told = "sysmon: the policy stays as it was: " + policy + ": line 1: Rule 1 needs";
    assertEquals(1, err.toString().split(told, -1).length - 1, err::toString);
  }

  @Test
  void aPolicyFileThatIsNotThereIsAnError() {
    String policy = directory.resolve("none").toString();
    assertEquals(1, monitor("--policy", policy, "/bin/true"));
    assertTrue(err.toString().startsWith("sysmon: " + policy + ": there is no"), err::toString);
  }

  @Test
  void aPolicyThatDeniesLetsNoProcessGo() throws Exception {
    Path policy = file("policy", "rules: [{events: net, verdict: deny}]");
    assertEquals(1, monitor("--shed=release", "--policy", policy.toString(), "/bin/true"));
    assertTrue(err.toString().contains("--shed=narrow does not"), err::toString);
    assertEquals(0, monitor("--shed=narrow", "--policy", policy.toString(), "/bin/true"));
  }

  @Test
  void withoutATerminalTheTableIsWrittenAgainAndAgain() {
    assertEquals(0, monitor("--top", "/bin/sh", "-c", "sleep 2.5"));
    assertTrue(out.toString().contains("1 processes") || out.toString().contains("2 processes"));
    assertTrue(out.toString().contains("EVENTS  PROGRAM"), out::toString);
  }

  @Test
  void whenItIsToldToEndAllGoOnAndTheExitStatusIsZero() throws Exception {
    Process sleep = new ProcessBuilder("sleep", "1000").start();
    Process monitor =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                SysmonCommand.class.getName(),
                "monitor",
                "-p",
                Long.toString(sleep.pid()))
            .start();
    try (BufferedReader errors = monitor.errorReader()) {
      Path status = Path.of("/proc/" + sleep.pid() + "/status");
      while (Files.readString(status).contains("TracerPid:\t0\n")) {
        assertTrue(monitor.isAlive());
        Thread.onSpinWait();
      }
      // Process.destroy() would close its streams, too.
      monitor.toHandle().destroy();
      assertEquals(0, monitor.waitFor());
      assertTrue(errors.readLine().endsWith(" dropped"));
      assertTrue(Files.readString(status).contains("TracerPid:\t0\n"));
      assertTrue(sleep.isAlive());
    } finally {
      monitor.destroyForcibly().waitFor();
      sleep.destroyForcibly().waitFor();
    }
  }
}
