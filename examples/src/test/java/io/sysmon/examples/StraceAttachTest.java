package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code ./sysmon strace -p} prints, and how it leaves what it was attached to. */
class StraceAttachTest {
  private static final String SLEEPING = "S (sleeping)";
  private static final String READ = "read\\(0, *";
  private static final String DETACHED = " <detached \\.\\.\\.>";

  @TempDir private Path directory;

  private Attached strace(Object... arguments) {
    return Attached.sysmon(
        directory, Stream.of(arguments).map(Object::toString).toArray(String[]::new));
  }

  private static void assertLines(List<String> lines, String... patterns) {
    String text = String.join("\n", lines);
    assertTrue(Pattern.matches(String.join("\n", patterns), text), text);
  }

  private List<String> file(String name) throws IOException {
    return Files.readAllLines(directory.resolve(name));
  }

  private Path guest(String name, String main, String... functions) throws IOException {
    assumeTrue(Sysmon.isInstalled("gcc"));
    String headers =
        """
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/wait.h>
        #include <unistd.h>
        """;
    String body = "int main(void) {\n" + main + "return 0; }\n";
    return Sysmon.compile(directory, name, headers + String.join("", functions) + body);
  }

  /** Has two threads beside the first, each of which echoes what it reads. */
  private Target threads() throws Exception {
    Path guest =
        guest(
            "threads",
            """
            pthread_t thread;
            for (int i = 0; i < 2; i++) pthread_create(&thread, 0, echo, 0);
            puts("ready"); fflush(stdout);
            pause();
            """,
            """
            static void *echo(void *x) {
              char line[64];
              for (long n; (n = syscall(SYS_read, 0, line, sizeof line)) > 0;)
                syscall(SYS_write, 1, line, n);
              return 0;
            }
            """);
    return Target.telling(guest.toString());
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
  void anInterruptionDetachesAndTheProgramSleepsOn(String signal, int status) throws Exception {
    try (Target cat = Target.reading("cat");
        Attached strace = strace("-p", cat)) {
      Sysmon.Result result = strace.await(READ).end(signal);
      assertEquals(status, result.status());
      assertLines(
          result.errLines(),
          "sysmon: Process " + cat + " attached",
          READ + DETACHED,
          "sysmon: Process " + cat + " detached");
      cat.assertUntouched(SLEEPING);
      cat.asks("text", "text");
    }
  }

  @Test
  void callsOfABusyProgramAreShownAndNoneIsLost() throws Exception {
    Path guest =
        guest(
            "busy",
            """
            pthread_t thread;
            pthread_create(&thread, 0, end, 0);
            puts("ready"); fflush(stdout);
            while (!ended) if (dup2(1, 9) != 9) return 1;
            """,
            """
            static volatile int ended;
            static void *end(void *x) { getchar(); ended = 1; return 0; }
            """);
    try (Target busy = Target.telling(guest.toString());
        Attached strace = strace("-p", busy)) {
      Sysmon.Result result = strace.await("(dup2\\(1, 9\\) += 9\n){100}").end("INT");
      assertEquals(130, result.status());
      assertEquals("0", Target.status(busy.pid(), "TracerPid"));
      assertEquals(0, busy.end());
      List<String> lines = result.errLines();
      List<String> calls = lines.subList(1, lines.size() - 1);
      Pattern call = Pattern.compile("dup2\\(1, 9(\\) += 9|\\) += \\?| <detached \\.\\.\\.>)");
      assertEquals(List.of(), calls.stream().filter(l -> !call.matcher(l).matches()).toList());
    }
  }

  @Test
  void withoutFollowingOnlyTheNamedThreadIsShown() throws Exception {
    try (Target target = threads();
        Attached strace = strace("-p", target)) {
      strace.await("pause\\(");
      target.asks("x", "x");
      assertLines(
          strace.end("INT").errLines(),
          "sysmon: Process " + target + " attached",
          "pause\\( *" + DETACHED,
          "sysmon: Process " + target + " detached");
      target.asks("y", "y");
    }
  }

  @Test
  void aThreadCanBeNamedToo() throws Exception {
    try (Target target = threads()) {
      int thread = target.threads().get(0);
      try (Attached strace = strace("-p", thread)) {
        assertLines(
            strace.await(READ).end("INT").errLines(),
            "sysmon: Process " + thread + " attached",
            READ + DETACHED,
            "sysmon: Process " + thread + " detached");
      }
      assertEquals("0", Target.status(thread, "TracerPid"));
    }
  }

  @Test
  void theTraceOfAThreadEndsWithIt() throws Exception {
    Path guest =
        guest(
            "ending",
            """
            pthread_t thread;
            pthread_create(&thread, 0, ending, 0);
            puts("ready"); fflush(stdout);
            pthread_join(thread, 0);
            puts("joined"); fflush(stdout);
            pause();
            """,
            "static void *ending(void *x) { getchar(); syscall(SYS_exit, 0); return 0; }\n");
    try (Target target = Target.telling(guest.toString())) {
      int thread = target.threads().get(0);
      try (Attached strace = strace("-e", "trace=exit", "-p", thread)) {
        strace.await("attached");
        target.asks("", "joined");
        assertLines(
            strace.end().errLines(),
            "sysmon: Process " + thread + " attached",
            "exit\\(0\\) += \\?",
            "\\+\\+\\+ exited with 0 \\+\\+\\+");
      }
      target.assertUntouched(SLEEPING);
    }
  }

  @Test
  void followingShowsAllThreads() throws Exception {
    try (Target target = threads();
        Attached strace = strace("-f", "-p", target)) {
      strace.await("(?s)read\\(0.*read\\(0.*").await("pause\\(");
      Sysmon.Result result = strace.end("INT");
      String text = result.err();
      assertTrue(text.startsWith("sysmon: Process " + target + " attached with 3 threads\n"), text);
      for (int tid : target.threads()) {
        assertTrue(text.contains("[pid " + String.format("%5d", tid) + "] read(0"), text);
        assertTrue(text.contains("sysmon: Process " + tid + " detached\n"), text);
        assertEquals("0", Target.status(tid, "TracerPid"));
      }
      assertTrue(text.contains(" <detached ...>\nsysmon: Process "), text);
      target.asks("x", "x");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-p;A,B", "-p;A;-p;B"})
  void severalCanBeNamed(String option) throws Exception {
    try (Target a = Target.reading("cat");
        Target b = Target.reading("cat")) {
      String[] words =
          Stream.of(option.split(";", -1))
              .map(word -> word.replace("A", "" + a).replace("B", "" + b))
              .toArray(String[]::new);
      try (Attached strace = Attached.sysmon(directory, words)) {
        strace.await("(?s)read\\(0.*read\\(0");
        a.asks("x", "x");
        b.asks("y", "y");
        String text = strace.end("INT").err();
        for (Target target : List.of(a, b)) {
          String pid = "[pid " + String.format("%5d", target.pid()) + "] ";
          assertTrue(text.contains("sysmon: Process " + target + " attached\n"), text);
          assertTrue(text.contains(pid + "read(0"), text);
          assertTrue(text.contains(pid + "write(1, \"" + (target == a ? 'x' : 'y')), text);
          assertTrue(text.contains("sysmon: Process " + target + " detached\n"), text);
          target.assertUntouched(SLEEPING);
        }
      }
    }
  }

  @Test
  void parentAndChildCanBothBeNamed() throws Exception {
    try (Target parent = Target.telling("sh", "-c", "sleep 1000 & echo ready; wait; exit 5")) {
      int child =
          (int) ProcessHandle.of(parent.pid()).orElseThrow().children().toList().get(0).pid();
      try (Attached strace = strace("-f", "-qq", "-p", parent, "-p", child)) {
        strace.await("rt_sigsuspend\\(").await("clock_nanosleep\\(");
        Sysmon.runOther(directory, "kill", "-TERM", Integer.toString(child));
        Sysmon.Result result = strace.end();
        assertEquals(0, result.status());
        assertTrue(result.err().contains("--- SIGTERM {si_signo=SIGTERM"), result.err());
        assertTrue(result.err().contains("exit_group(5) "), result.err());
      }
      assertEquals(5, parent.end());
    }
  }

  @Test
  void withoutFollowingChildrenAreLetGoAtOnce() throws Exception {
    String shell = "read x; sh -c 'echo $$; exec sleep 1000' & wait $!; exit 6";
    try (Target target = Target.reading("sh", "-c", shell);
        Attached strace = strace("-e", "trace=exit_group,clock_nanosleep", "-p", target)) {
      strace.await("attached");
      int child = Integer.parseInt(target.answer(""));
      assertEquals("0", Target.status(child, "TracerPid"));
      assertNotEquals("0", Target.status(target.pid(), "TracerPid"));
      Sysmon.runOther(directory, "kill", Integer.toString(child));
      assertEquals(6, target.end());
      String text = strace.end().err();
      assertFalse(text.contains("clock_nanosleep"), text);
      assertTrue(text.contains("exit_group(6)"), text);
    }
  }

  @Test
  void aProgramThatEndsEndsTheTrace() throws Exception {
    try (Target target = Target.reading("sh", "-c", "read x; exit 7");
        Attached strace = strace("-e", "trace=exit_group", "-p", target)) {
      strace.await("attached");
      assertEquals(7, target.end());
      Sysmon.Result result = strace.end();
      assertEquals(0, result.status());
      assertLines(
          result.errLines(),
          "sysmon: Process " + target + " attached",
          "exit_group\\(7\\) += \\?",
          "\\+\\+\\+ exited with 7 \\+\\+\\+");
    }
  }

  @Test
  void aStoppedProgramStaysStopped() throws Exception {
    try (Target cat = Target.reading("cat")) {
      cat.signal("STOP");
      try (Attached strace = strace("-f", "-p", cat)) {
        assertLines(
            strace.await("stopped by").end("INT").errLines(),
            "sysmon: Process " + cat + " attached",
            "--- stopped by SIGSTOP ---",
            "sysmon: Process " + cat + " detached");
      }
      cat.assertUntouched("T (stopped)");
      cat.signal("CONT");
      cat.asks("text", "text");
    }
  }

  @Test
  void aCallWhoseEntryWasNotSeenIsPrintedWhenItReturns() throws Exception {
    Path guest =
        guest(
            "vforking",
            """
            puts("ready"); fflush(stdout);
            if (!vfork()) { char c; read(0, &c, 1); _exit(0); }
            pause();
            """);
    try (Target target = Target.telling(guest.toString())) {
      // It waits for its child, uninterruptibly: it joins when that has gone.
      target.awaitStatus("State", "D (disk sleep)"::equals);
      try (Attached strace = strace("-e", "trace=vfork,pause", "-p", target)) {
        target.awaitStatus("TracerPid", tracer -> !tracer.equals("0"));
        target.tell("x");
        assertLines(
            strace.await("pause\\(").end("INT").errLines(),
            "sysmon: Process " + target + " attached",
            "vfork\\(\\) += (\\d+)",
            "--- SIGCHLD .*si_pid=\\1, .* ---",
            "pause\\( *" + DETACHED,
            "sysmon: Process " + target + " detached");
      }
    }
  }

  @Test
  void aTraceInAFileLeavesTheMessagesOnStandardError() throws Exception {
    try (Target a = Target.reading("cat");
        Target b = Target.reading("cat");
        Attached strace = strace("-o", "trace", "-p", a + "," + b)) {
      Attached.await(directory.resolve("trace"), "(?s)read\\(0.*read\\(0");
      assertEquals(4, strace.end("INT").errLines().size());
      for (Target target : List.of(a, b)) {
        assertTrue(
            file("trace").stream().anyMatch(line -> line.matches(target + " +read\\(0.*")),
            file("trace").toString());
      }
    }
  }

  @Test
  void separateFilesHaveOneTaskEach() throws Exception {
    try (Target target = threads();
        Attached strace = strace("-ff", "-o", "trace", "-p", target)) {
      strace.await("attached with 3 threads");
      for (int tid : target.threads()) {
        Attached.await(directory.resolve("trace." + tid), READ);
      }
      strace.end("INT");
      for (int tid : target.threads()) {
        assertLines(file("trace." + tid), READ + DETACHED);
      }
    }
  }

  @Test
  void quietLeavesTheMessagesOut() throws Exception {
    try (Target cat = Target.reading("cat");
        Attached strace = strace("-q", "-p", cat)) {
      assertLines(strace.await(READ).end("INT").errLines(), READ + DETACHED);
    }
  }

  @Test
  void theSummaryCountsTheCallsThatReturned() throws Exception {
    try (Target cat = Target.reading("cat");
        Attached strace = strace("-c", "-p", cat)) {
      strace.await("attached");
      cat.asks("x", "x");
      cat.asks("y", "y");
      cat.awaitRead();
      String table = strace.end("INT").err();
      assertTrue(Pattern.compile(" 2 +read\n").matcher(table).find(), table);
      assertTrue(Pattern.compile(" 2 +write\n").matcher(table).find(), table);
    }
  }

  @Test
  void aCommandIsTracedBesideAndGivesTheStatus() throws Exception {
    try (Target target = Target.reading("sh", "-c", "read x; exit 7");
        Attached strace =
            strace("-e", "trace=exit_group", "-p", target, "sh", "-c", "echo hello; exit 3")) {
      strace.await("exited with 3");
      target.end();
      Sysmon.Result result = strace.end();
      assertEquals(3, result.status());
      assertEquals("hello\n", result.out());
      assertLines(
          result.errLines(),
          "sysmon: Process " + target + " attached",
          "\\[pid +(\\d+)\\] exit_group\\(3\\) += \\?",
          "\\[pid +\\1\\] \\+\\+\\+ exited with 3 \\+\\+\\+",
          "exit_group\\(7\\) += \\?",
          "\\+\\+\\+ exited with 7 \\+\\+\\+");
    }
  }

  @Test
  void anInterruptionEndsTheCommandAndLeavesTheProcess() throws Exception {
    try (Target cat = Target.reading("cat");
        Attached strace =
            strace("-e", "trace=none", "-p", cat, "sh", "-c", "echo now >&2; exec sleep 1000")) {
      strace.await("now\n");
      Sysmon.Result result = strace.end("TERM");
      assertTrue(result.err().contains("sysmon: Process " + cat + " detached\n"), result.err());
      assertEquals(143, result.status());
      cat.assertUntouched(SLEEPING);
    }
  }

  @Test
  void whatIsMissingIsToldAndTheRestIsTraced() throws Exception {
    int gone = ended();
    try (Target cat = Target.reading("cat");
        Attached strace = strace("-p", gone, "-p", cat)) {
      String text = strace.await("read\\(0").end("INT").err();
      assertTrue(text.startsWith("sysmon: attach: There is no process " + gone), text);
      assertTrue(text.contains("\nsysmon: Process " + cat + " attached\n"), text);
    }
  }

  private static int ended() throws Exception {
    try (Target target = Target.reading("cat")) {
      target.end();
      return target.pid();
    }
  }

  private static Sysmon.Result here(String... arguments) {
    StringWriter err = new StringWriter();
    String[] all = Stream.concat(Stream.of("strace"), Stream.of(arguments)).toArray(String[]::new);
    int status = SysmonCommand.commandLine().setErr(new PrintWriter(err, true)).execute(all);
    return new Sysmon.Result(status, "", err.toString());
  }

  @Test
  void whatCannotBeAttachedIsToldWithTheReason() throws Exception {
    int gone = ended();
    assertEquals(
        new Sysmon.Result(1, "", "sysmon: attach: There is no process " + gone + "\n"),
        here("-p", "" + gone));
    try (Target child = Target.reading("cat")) {
      Sysmon.Result result = here("-p", "" + child);
      assertEquals(1, result.status());
      assertTrue(
          result.err().startsWith("sysmon: attach: Process " + child + " is a child of this JVM"),
          result.err());
    }
    Sysmon.Result self = here("-p", "" + ProcessHandle.current().pid());
    assertEquals(1, self.status());
    assertTrue(self.err().startsWith("sysmon: attach: "), self.err());
  }

  @ParameterizedTest
  @CsvSource({"0", "x", "-1", "1;2", "99999999999"})
  void whatIsNoProcessIdIsRefused(String word) {
    assertEquals(
        new Sysmon.Result(1, "", "sysmon: Invalid process id: '" + word + "'\n"), here("-p", word));
  }

  @Test
  void noProcessAtAllIsRefused() {
    assertEquals(
        new Sysmon.Result(
            1,
            "",
            "sysmon: must have PROG [ARGS] or -p PID\nTry 'sysmon strace --help' for more information.\n"),
        here("-p", " "));
  }

  @Test
  void aFullDiskEndsTheTraceAndLeavesTheProcess() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/full")));
    try (Target cat = Target.reading("cat");
        Attached strace = strace("-o", "/dev/full", "-p", cat)) {
      strace.await("attached");
      Sysmon.Result result = strace.end();
      assertEquals(1, result.status());
      assertTrue(result.err().contains("Can't write the trace: No space left on device\n"));
      cat.assertUntouched(SLEEPING);
      cat.asks("text", "text");
    }
  }

  @Test
  void aTraceThatNobodyReadsLeavesTheProcess() throws Exception {
    try (Target cat = Target.reading("cat")) {
      String strace = String.join(" ", Sysmon.words("strace", "-p", "" + cat));
      Process shell = Sysmon.start(directory, List.of("sh", "-c", strace + " 2>&1 | head -n 1"));
      while (shell.isAlive()) {
        cat.asks("text", "text");
      }
      assertEquals("sysmon: Process " + cat + " attached\n", Sysmon.finish(shell).out());
      cat.assertUntouched(SLEEPING);
      cat.asks("text", "text");
    }
  }
}
