package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code ./sysmon strace} prints and how it ends, in a process of its own. */
class StraceCommandTest {
  @TempDir private Path directory;

  private Sysmon.Result strace(String... arguments) {
    String[] all = Stream.concat(Stream.of("strace"), Stream.of(arguments)).toArray(String[]::new);
    return Sysmon.run(directory, all);
  }

  private List<String> file(String name) throws IOException {
    return Files.readAllLines(directory.resolve(name));
  }

  private static void assertLines(List<String> patterns, List<String> lines) {
    String text = String.join("\n", lines);
    assertTrue(Pattern.matches(String.join("\n", patterns), text), text);
  }

  @Test
  void theTraceGoesToStandardErrorAndTheCommandsStreamsStayItsOwn() {
    Sysmon.Result result = strace("sh", "-c", "echo out; echo err >&2; exit 3");
    assertEquals(3, result.status());
    assertEquals("out\n", result.out());
    List<String> lines = result.errLines();
    assertTrue(
        Pattern.matches(
            "execve\\(\"/\\S*/sh\", \\[\"sh\", \"-c\", \"echo out; echo err >&2; exit 3\"\\],"
                + " 0x[0-9a-f]+ /\\* \\d+ vars \\*/\\) = 0",
            lines.get(0)),
        lines.get(0));
    assertTrue(lines.contains("write(1, \"out\\n\", 4)                    = 4"), result.err());
    // Both wrote to one pipe, each when it happened.
    assertTrue(result.err().contains("write(1, \"err\\n\", 4err\n)"), result.err());
    assertEquals("exit_group(3)                           = ?", lines.get(lines.size() - 2));
    assertEquals("+++ exited with 3 +++", lines.get(lines.size() - 1));
  }

  @Test
  void aTraceInAFileLeavesStandardErrorToTheCommand() throws IOException {
    Sysmon.Result result = strace("-o", "trace", "cat", "no-such-file");
    assertEquals("cat: no-such-file: No such file or directory\n", result.err());
    assertEquals(1, result.status());
    assertTrue(
        file("trace")
            .contains(
                "openat(AT_FDCWD, \"no-such-file\", O_RDONLY)"
                    + " = -1 ENOENT (No such file or directory)"));
  }

  @Test
  void whatCannotBeWrittenToAClosedDescriptorIsLost() {
    for (String closed : List.of("2>&-", "<&- >&- 2>&-")) {
      List<String> words = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" " + closed, "sh"));
      words.addAll(Sysmon.words("strace", "sh", "-c", "exit 3"));
      Sysmon.Result result = Sysmon.finish(Sysmon.start(directory, words));
      assertEquals(new Sysmon.Result(3, "", ""), result);
    }
  }

  @Test
  void processIdsOfANamespaceAreTranslatedOnRequest() throws IOException {
    String[] inside = {"unshare", "-pf", "sh", "-c", "(exit 3)"};
    assumeTrue(Sysmon.runOther(directory, inside).status() == 3, "Namespaces are not allowed here");
    String[] options = {"-f", "-o", "trace", "--pidns-translation"};
    strace(Stream.of(options, inside).flatMap(Stream::of).toArray(String[]::new));
    List<String> lines = file("trace");
    String first = lines.get(0).replaceFirst(" .*", "");
    // unshare itself counts as its tracer does.
    assertTrue(
        lines.stream().anyMatch(line -> line.matches(first + " .*(clone|vfork)\\b.* = \\d+")),
        lines::toString);
    assertTrue(
        lines.stream()
            .anyMatch(
                line -> line.matches("(\\d+) +getpid\\(\\) += 1 /\\* \\1 in strace's PID NS \\*/")),
        lines::toString);
    assertTrue(
        lines.stream()
            .anyMatch(
                line -> line.matches(".*(clone|vfork)\\b.* = 2 /\\* \\d+ in strace's PID NS \\*/")),
        lines::toString);
  }

  @Test
  void optionsAfterTheCommandAreTheCommands() {
    Sysmon.Result result = strace("-qqe", "trace=none", "echo", "-f", "--help", "--", "@x", "-e");
    assertEquals("-f --help -- @x -e\n", result.out());
    assertEquals("", result.err());
  }

  @Test
  void withoutFollowingOnlyTheFirstTaskIsShown() {
    Sysmon.Result result =
        strace("-e", "trace=execve,exit_group", "sh", "-c", "true; /bin/true; :");
    assertLines(
        List.of(
            "execve\\(\"\\S+/sh\", .*\\) = 0",
            "--- SIGCHLD \\{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=\\d+, si_uid=\\d+,"
                + " si_status=0, si_utime=\\d+.*, si_stime=\\d+.*\\} ---",
            "exit_group\\(0\\) +=\\ \\?",
            "\\+\\+\\+ exited with 0 \\+\\+\\+"),
        result.errLines());
  }

  @Test
  void followingTellsWhoIsWhoWhileThereAreSeveral() {
    Sysmon.Result result = strace("-fe", "trace=exit_group", "sh", "-c", "/bin/true; exit 4");
    assertEquals(4, result.status());
    assertLines(
        List.of(
            "sysmon: Process (\\d+) attached",
            "\\[pid +\\1\\] exit_group\\(0\\) +=\\ \\?",
            "\\[pid +\\1\\] \\+\\+\\+ exited with 0 \\+\\+\\+",
            "--- SIGCHLD .* ---",
            "exit_group\\(4\\) +=\\ \\?",
            "\\+\\+\\+ exited with 4 \\+\\+\\+"),
        result.errLines());
  }

  @ParameterizedTest
  @CsvSource({"-f, 6", "-fq, 5", "-fqq, 3"})
  void quietLeavesOutWhatIsNoCall(String option, int lines) {
    Sysmon.Result result =
        strace(option, "-e", "trace=exit_group", "sh", "-c", "/bin/true; exit 4");
    // A call that is cut off has two lines.
    long shown = result.errLines().stream().filter(line -> !line.contains("resumed")).count();
    assertEquals(lines, shown, result.err());
  }

  @Test
  void filesHaveTheTaskInFrontOfEachLine() throws IOException {
    strace("-fo", "trace", "-e", "trace=exit_group", "sh", "-c", "/bin/true; exit 4");
    assertLines(
        List.of(
            "(\\d+) {1,5}exit_group\\(0\\) +=\\ \\?",
            "\\1 +\\+\\+\\+ exited with 0 \\+\\+\\+",
            "(\\d+) +--- SIGCHLD .* ---",
            "\\2 +exit_group\\(4\\) +=\\ \\?",
            "\\2 +\\+\\+\\+ exited with 4 \\+\\+\\+"),
        file("trace"));
  }

  @Test
  void separateFilesHaveOneTaskEach() throws IOException {
    strace("-ffo", "trace", "-e", "trace=exit_group", "sh", "-c", "/bin/true; exit 4");
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> traces = files.filter(file -> !file.endsWith("sub")).sorted().toList();
      assertEquals(2, traces.size());
      for (Path trace : traces) {
        String text = Files.readString(trace);
        assertTrue(text.contains("\n+++ exited with "), text);
        assertFalse(text.contains("unfinished"), text);
      }
    }
  }

  @Test
  void aFatalSignalIsShownAndBecomesTheStatus() {
    Sysmon.Result result = strace("-e", "trace=kill", "sh", "-c", "kill -TERM $$");
    assertEquals(143, result.status());
    assertLines(
        List.of(
            "kill\\((\\d+), SIGTERM\\) +=\\ 0",
            "--- SIGTERM \\{si_signo=SIGTERM, si_code=SI_USER, si_pid=\\1, si_uid=\\d+\\} ---",
            "\\+\\+\\+ killed by SIGTERM \\+\\+\\+"),
        result.errLines());
  }

  @Test
  void aTaskKilledInACallEndsItsLine() {
    Sysmon.Result result = strace("-e", "trace=kill", "sh", "-c", "kill -KILL $$");
    assertEquals(137, result.status());
    assertLines(
        List.of("kill\\(\\d+, SIGKILL\\) +=\\ \\?", "\\+\\+\\+ killed by SIGKILL \\+\\+\\+"),
        result.errLines());
  }

  @Test
  void stopsContinuationsAndRestartsAreShown() throws IOException {
    Path guest =
        guest(
            "stopped",
            """
            int child = fork();
            if (!child) { nanosleep(&(struct timespec){1, 0}, 0); _exit(0); }
            usleep(300000); kill(child, SIGSTOP); waitpid(child, 0, WUNTRACED);
            kill(child, SIGCONT); waitpid(child, 0, 0);
            """);
    strace("-fo", "trace", guest.toString());
    String text = String.join("\n", file("trace"));
    for (String part :
        List.of(
            "= ? ERESTART_RESTARTBLOCK (Interrupted by signal)",
            "--- SIGSTOP {si_signo=SIGSTOP, si_code=SI_USER, si_pid=",
            "--- stopped by SIGSTOP ---",
            "si_code=CLD_STOPPED",
            "--- SIGCONT {si_signo=SIGCONT, si_code=SI_USER, si_pid=",
            "restart_syscall(<... resuming interrupted clock_nanosleep ...>")) {
      assertTrue(text.contains(part), part + " in\n" + text);
    }
  }

  @Test
  void anExecveOfAThreadTakesTheLeadersPlace() throws IOException {
    Path guest =
        guest(
            "execing",
            """
            pthread_t thread;
            pthread_create(&thread, 0, run, 0);
            pause();
            """,
            """
            static void *run(void *x) { usleep(300000);
              execl("/bin/true", "true", (char *) 0); return 0; }
            """);
    strace("-fo", "trace", "-e", "trace=execve,pause", guest.toString());
    assertLines(
        List.of(
            "(\\d+) +execve\\(\"\\S+/execing\", .*\\) = 0",
            "\\1 +pause\\( <unfinished ...>",
            "(\\d+) +execve\\(\"/bin/true\", .* <unfinished ...>",
            "\\1 +<... pause resumed>\\) +=\\ \\?",
            "\\1 +\\+\\+\\+ superseded by execve in pid \\2 \\+\\+\\+",
            "\\1 +<... execve resumed>\\) +=\\ 0",
            "\\1 +\\+\\+\\+ exited with 0 \\+\\+\\+"),
        file("trace"));
  }

  @Test
  void callsOfThreadsAreFinishedWhenTheProcessExits() throws IOException {
    Path guest =
        guest(
            "threads",
            """
            pthread_t thread;
            pthread_create(&thread, 0, run, 0);
            usleep(300000); exit(7);
            """,
            """
            static void *run(void *x) { char c; int ends[2]; pipe(ends);
              read(ends[0], &c, 1); return 0; }
            """);
    Sysmon.Result result =
        strace("-fo", "trace", "-e", "trace=exit_group,pipe2,read", guest.toString());
    assertEquals(7, result.status());
    List<String> lines = file("trace");
    assertLines(
        List.of(
            "(\\d+) +<... read resumed> <unfinished ...>\\) = \\?",
            "\\1 +\\+\\+\\+ exited with 7 \\+\\+\\+",
            "(\\d+) +<... exit_group resumed>\\) +=\\ \\?",
            "\\2 +\\+\\+\\+ exited with 7 \\+\\+\\+"),
        lines.subList(lines.size() - 4, lines.size()));
  }

  private Path guest(String name, String main, String... functions) throws IOException {
    assumeTrue(Sysmon.isInstalled("gcc"));
    String headers =
        """
        #include <pthread.h>
        #include <signal.h>
        #include <stdlib.h>
        #include <time.h>
        #include <unistd.h>
        #include <sys/wait.h>
        """;
    String body = "int main(void) {\n" + main + "return 0; }\n";
    return Sysmon.compile(directory, name, headers + String.join("", functions) + body);
  }

  @Test
  void stringsAreCutAtTheLimit() {
    Sysmon.Result result = strace("-qqs", "3", "-e", "write", "echo", "abcdef");
    assertEquals("write(1, \"abc\"..., 7)                   = 7\n", result.err());
  }

  @Test
  void resultsStandInTheColumnAskedFor() {
    Sysmon.Result result = strace("-qqa", "0", "-e", "write", "echo", "x");
    assertEquals("write(1, \"x\\n\", 2) = 2\n", result.err());
  }

  @ParameterizedTest
  @CsvSource({
    "-t,    '\\d\\d:\\d\\d:\\d\\d write.* = 2'",
    "-tt,   '\\d\\d:\\d\\d:\\d\\d\\.\\d{6} write.* = 2'",
    "-ttt,  '\\d{10}\\.\\d{6} write.* = 2'",
    "-r,    '     0\\.000000 write.* = 2'",
    "-T,    'write.* = 2 <0\\.\\d{6}>'",
    "-ttrT, '\\d\\d:\\d\\d:\\d\\d\\.\\d{6} \\(\\+     0\\.000000\\) write.* = 2 <0\\.\\d{6}>'"
  })
  void timesStandWhereStraceHasThem(String option, String pattern) {
    Sysmon.Result result = strace("-qq", option, "-e", "write", "echo", "x");
    assertLines(List.of(pattern), result.errLines());
  }

  @Test
  void theSummaryReplacesTheLines() throws IOException {
    strace("-c", "-o", "table", "-e", "write,close", "echo", "x");
    List<String> lines = file("table");
    assertEquals("% time     seconds  usecs/call     calls    errors syscall", lines.get(0));
    assertTrue(lines.get(lines.size() - 1).startsWith("100.00 "), lines.toString());
    assertEquals(6, lines.size(), lines.toString());
  }

  @Test
  void theSummaryCanFollowTheLines() {
    Sysmon.Result result = strace("-C", "-e", "write", "echo", "x");
    List<String> lines = result.errLines();
    assertTrue(lines.get(0).startsWith("write(1, "), result.err());
    assertEquals("+++ exited with 0 +++", lines.get(1));
    assertTrue(lines.get(lines.size() - 1).endsWith(" total"), result.err());
  }

  @Test
  void theEnvironmentIsChangedAsAskedFor() {
    Sysmon.Result result =
        strace("-e", "none", "-E", "SET=a=b", "-E", "LC_ALL", "sh", "-c", "echo $SET,$LC_ALL");
    assertEquals("a=b,\n", result.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no-such-program|Can't stat 'no-such-program': No such file or directory",
        "/tmp|Can't exec '/tmp': Permission denied",
        "-e trace=opena true|invalid system call 'opena'; did you mean open, openat?",
        "-e read=1 true|-e read= is not supported",
        "-o /no/such true|Can't open '/no/such': No such file or directory"
      })
  void whatTheUserCanMendIsOneLineAndStatusOne(String arguments, String message) {
    StringWriter err = new StringWriter();
    int status =
        SysmonCommand.commandLine()
            .setErr(new PrintWriter(err, true))
            .execute(("strace " + arguments).split(" ", -1));
    assertEquals("sysmon: " + message + "\n", err.toString());
    assertEquals(1, status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-such-option", "-s x", "-o"})
  void badOptionsPointToTheHelp(String arguments) {
    Sysmon.Result result = strace(arguments.split(" ", -1));
    assertEquals(1, result.status());
    assertTrue(
        result.err().endsWith("\nTry 'sysmon strace --help' for more information.\n"),
        result.err());
  }

  @Test
  void helpIsNoError() {
    Sysmon.Result result = strace("--help");
    assertEquals(0, result.status());
    assertTrue(result.out().startsWith("Usage: sysmon strace "), result.out());
  }

  @Test
  void aTraceThatNobodyReadsEndsTheCommand() throws Exception {
    Process process =
        Sysmon.start(
            directory,
            List.of(
                "sh",
                "-c",
                String.join(" ", Sysmon.words("strace", "-e", "write"))
                    + " yes 2>&1 >/dev/null | head -n 3 >/dev/null"));
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
  }

  @Test
  void aFullDiskIsToldOnceAndEndsTheCommand() {
    assumeTrue(Files.isWritable(Path.of("/dev/full")));
    Sysmon.Result result = strace("-o", "/dev/full", "sh", "-c", "while :; do /bin/true; done");
    assertEquals("sysmon: Can't write the trace: No space left on device\n", result.err());
    assertEquals(1, result.status());
  }

  @Test
  void aFileOfOneTaskThatCannotBeOpenedIsToldAndEndsTheCommand() {
    Sysmon.Result result = strace("-ff", "-o", "missing/trace", "echo", "text");
    assertTrue(result.err().contains("Can't open 'missing/trace."), result.err());
    assertFalse(result.err().contains("internal error"), result.err());
    assertEquals(1, result.status());
  }

  @Test
  void writingTheTraceToACommandIsRefused() {
    Sysmon.Result result = strace("-o", "|cat", "true");
    assertEquals("sysmon: -o '|cat': writing to a command is not supported\n", result.err());
    assertEquals(1, result.status());
    assertFalse(Files.exists(directory.resolve("|cat")));
  }

  @Test
  void anInterruptionIsLeftToTheCommandWhenTheTraceGoesToAFile() throws Exception {
    Process process =
        Sysmon.start(
            directory, "strace", "-o", "trace", "sh", "-c", "echo ready; read x; echo $x; exit 5");
    BufferedReader out = process.inputReader();
    assertEquals("ready", out.readLine());
    signal("-TERM", process);
    process.outputWriter().append("go on\n").close();
    assertEquals("go on", out.readLine());
    assertEquals(5, process.waitFor());
    List<String> lines = file("trace");
    assertEquals("+++ exited with 5 +++", lines.get(lines.size() - 1));
  }

  @Test
  void anInterruptionEndsTheCommandWhenTheTraceIsWatched() throws Exception {
    Process process =
        Sysmon.start(
            directory, "strace", "-e", "trace=none", "sh", "-c", "echo ready; exec sleep 1000");
    BufferedReader out = process.inputReader();
    assertEquals("ready", out.readLine());
    signal("-TERM", process);
    assertEquals(143, process.waitFor());
    assertTrue(
        process.errorReader().lines().anyMatch("+++ killed by SIGTERM +++"::equals), "the end");
  }

  private void signal(String signal, Process process) {
    Sysmon.runOther(directory, "kill", signal, Long.toString(process.pid()));
  }
}
