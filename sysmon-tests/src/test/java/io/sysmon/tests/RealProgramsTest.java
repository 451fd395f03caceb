package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs as they are used every day do what they do when nobody watches. */
class RealProgramsTest {
  @TempDir private Path base;

  private static Outcome shell(String script) {
    Outcome outcome = Alike.run(new ProcessBuilder("sh", "-c", script));
    assertEquals("", outcome.stderr());
    return outcome;
  }

  private Outcome inFreshDirectory(String script) {
    return Alike.run(
        base, directory -> new ProcessBuilder("sh", "-c", script).directory(directory.toFile()));
  }

  private static boolean isThere(String program) {
    return Outcome.bare(new ProcessBuilder("sh", "-c", "command -v " + program)).exitValue() == 0;
  }

  private static void write(Path file, String... lines) {
    try {
      Files.write(file, List.of(lines));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void lsListsADirectory() throws IOException {
    for (int i = 0; i < 50; i++) {
      write(base.resolve("file " + i), "content");
    }
    Files.createSymbolicLink(base.resolve("link"), Path.of("file 1"));
    Outcome outcome = Alike.run(new ProcessBuilder("ls", "-l", "-a", base.toString()));
    assertEquals(54, outcome.stdout().lines().count());
  }

  @Test
  void aPipelineOfManyStages() {
    assertEquals(
        "9\n8\n7\n",
        shell("seq 1 1000 | grep -v 0 | sort -rn | cut -c1 | uniq | head -3 | cat").stdout());
  }

  @Test
  void aPipelineWhoseReaderLeavesEarly() {
    Outcome outcome = Alike.run(new ProcessBuilder("sh", "-c", "yes | head -2; echo $?"));
    assertEquals(new Outcome("y\ny\n0\n", "", 0), outcome);
  }

  @Test
  void subshellsAndCommandSubstitutions() {
    assertEquals(
        new Outcome("a b 3\ncode 4\n", "", 6),
        shell(
            "x=$(echo a; (echo b); echo $(( $(echo 1) + 2 ))); echo $x; (exit 4); echo code $?; exit 6"));
  }

  @Test
  void trapsRunWhenTheirSignalsCome() {
    assertEquals(
        new Outcome("usr1\nusr2\nend\n", "", 3),
        shell(
            "trap 'echo usr1' USR1; trap 'echo usr2' USR2; trap 'echo end' EXIT;"
                + " kill -USR1 $$; sh -c \"kill -USR2 $$\"; exit 3"));
  }

  @Test
  void backgroundJobsAreWaitedForWithTheirCodes() {
    assertEquals(
        "1 2 3 4 5 6 7 8 9 10 ",
        shell(
                "for i in 1 2 3 4 5 6 7 8 9 10; do (exit $i) & pids=\"$pids $!\"; done;"
                    + " for p in $pids; do wait $p; printf '%d ' $?; done")
            .stdout());
  }

  @Test
  void aBackgroundJobIsKilled() {
    assertEquals("143\n", shell("sleep 1000 & kill $!; wait $! 2>/dev/null; echo $?").stdout());
  }

  @Test
  void hereDocumentsAndRedirections() {
    Outcome outcome =
        inFreshDirectory(
            """
            cat <<EOF >one
            line 1
            line 2
            EOF
            tr a-z A-Z <one >two; cat one two >three; wc -l <three; cat <&- 2>/dev/null; echo $?""");
    assertEquals(new Outcome("4\n1\n", "", 0), outcome);
  }

  @Test
  void aProgramThatIsNotThereGivesTheShellsCode() {
    Outcome outcome = Alike.run(new ProcessBuilder("sh", "-c", "/no/such/program 2>/dev/null"));
    assertEquals(127, outcome.exitValue());
  }

  @Test
  void gccCompilesAndLinksAProgramThatRuns() {
    Outcome outcome =
        Alike.run(
            base,
            directory -> {
              write(
                  directory.resolve("hello.c"),
                  "#include <stdio.h>",
                  "int main(void) { printf(\"hello\\n\"); return 42; }");
              return new ProcessBuilder("sh", "-c", "gcc -O2 -Wall -o hello hello.c && ./hello")
                  .directory(directory.toFile());
            });
    assertEquals(new Outcome("hello\n", "", 42), outcome);
  }

  @Test
  void gccReportsAnError() {
    Outcome outcome =
        inFreshDirectory("echo 'int main(void) { return x; }' >bad.c; LC_ALL=C gcc bad.c");
    assertEquals(1, outcome.exitValue());
    assertTrue(outcome.stderr().contains("'x' undeclared"), outcome.stderr());
  }

  @Test
  void makeBuildsInParallel() {
    assumeTrue(isThere("make"));
    Outcome outcome =
        Alike.run(
            base,
            directory -> {
              write(
                  directory.resolve("a.c"),
                  "int b(void); int c(void); int main(void) { return b() + c(); }");
              write(directory.resolve("b.c"), "int b(void) { return 20; }");
              write(directory.resolve("c.c"), "int c(void) { return 3; }");
              write(directory.resolve("Makefile"), "all: a.o b.o c.o", "\t$(CC) -o $@ $^");
              return new ProcessBuilder("sh", "-c", "make -s -j2 && ./all")
                  .directory(directory.toFile());
            });
    assertEquals(new Outcome("", "", 23), outcome);
  }

  @Test
  void findWalksATree() throws IOException {
    for (int i = 0; i < 10; i++) {
      Path directory = Files.createDirectories(base.resolve("tree/" + i + "/deep"));
      write(directory.resolve("found"), "content " + i);
    }
    Outcome outcome =
        Alike.run(
            new ProcessBuilder(
                "find", base.toString(), "-name", "found", "-exec", "wc", "-c", "{}", ";"));
    assertEquals(10, outcome.stdout().lines().count());
  }

  @Test
  void tarAndGzipPackATreeAndUnpackIt() {
    Outcome outcome =
        inFreshDirectory(
            "mkdir -p in/sub out; seq 1 10000 >in/numbers; echo x >in/sub/x;"
                + " tar cf - in | gzip >in.tar.gz && gzip -dc in.tar.gz | (cd out && tar xf -);"
                + " cd out && cat in/numbers in/sub/x | cksum");
    assertEquals(0, outcome.exitValue());
    assertEquals("", outcome.stderr());
  }

  @Test
  void gitMakesARepositoryAndCommits() {
    assumeTrue(isThere("git"));
    Outcome outcome =
        inFreshDirectory(
            "export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD GIT_AUTHOR_DATE='@1000000000 +0000' GIT_COMMITTER_DATE='@1000000000 +0000';"
                + " git -c init.defaultBranch=main init -q . && seq 1 100 >file && git add file &&"
                + " git -c user.name=n -c user.email=e commit -q -m message && git log --format=%H");
    assertEquals("", outcome.stderr());
    assertEquals(41, outcome.stdout().length());
  }

  private static String python() {
    // Not a version manager's shell script of that name.
    Outcome outcome =
        Outcome.bare(
            new ProcessBuilder("sh", "-c", "python3 -c 'import sys; print(sys.executable)'"));
    assumeTrue(outcome.exitValue() == 0, "There is no python3");
    return outcome.stdout().trim();
  }

  private static Outcome runPython(String... lines) {
    Outcome outcome = Alike.run(new ProcessBuilder(python(), "-c", String.join("\n", lines)));
    assertEquals("", outcome.stderr());
    return outcome;
  }

  @Test
  void pythonRunsThreads() {
    assertEquals(
        new Outcome("4950\n", "", 0),
        runPython(
            "import threading",
            "total, lock = 0, threading.Lock()",
            "def add(n):",
            "  global total",
            "  with lock: total += n",
            "threads = [threading.Thread(target=add, args=(i,)) for i in range(100)]",
            "[t.start() for t in threads]",
            "[t.join() for t in threads]",
            "print(total)"));
  }

  @Test
  void pythonRunsSubprocesses() {
    assertEquals(
        new Outcome("out in\n[0, 1, 2, 3, 4]\n-15\n", "", 8),
        runPython(
            "import subprocess, sys",
            "print(subprocess.run(['cat'], input='out in', capture_output=True, text=True).stdout)",
            "print([subprocess.call(['sh', '-c', f'exit {i}']) for i in range(5)])",
            "p = subprocess.Popen(['sleep', '1000']); p.terminate(); print(p.wait())",
            "sys.exit(8)"));
  }

  @Test
  void pythonForksAPoolOfProcesses() {
    assertEquals(
        new Outcome("328350\n", "", 0),
        runPython(
            "import multiprocessing as m",
            "def square(x): return x * x",
            "with m.get_context('fork').Pool(3) as pool: print(sum(pool.map(square, range(100))))"));
  }

  @Test
  void pythonHandlesSignals() {
    assertEquals(
        new Outcome("usr1\nalarm\ninterrupted\n", "", 0),
        runPython(
            "import os, signal, time",
            "signal.signal(signal.SIGUSR1, lambda n, f: print('usr1'))",
            "os.kill(os.getpid(), signal.SIGUSR1)",
            "signal.signal(signal.SIGALRM, lambda n, f: print('alarm'))",
            "signal.setitimer(signal.ITIMER_REAL, 0.01)",
            "time.sleep(0.1)",
            // Whoever runs these tests in the background has it ignored.
            "signal.signal(signal.SIGINT, signal.default_int_handler)",
            "try: os.kill(os.getpid(), signal.SIGINT); time.sleep(10)",
            "except KeyboardInterrupt: print('interrupted')"));
  }

  @Test
  void aJvmTellsItsVersion() {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Outcome outcome = Alike.run(new ProcessBuilder(java.toString(), "-Xshare:auto", "-version"));
    assertEquals(0, outcome.exitValue());
    assertTrue(outcome.stderr().contains("version"), outcome.stderr());
  }

  /** What a traced JVM runs. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      int sum = IntStream.range(0, 1000).parallel().sum();
      Process process = new ProcessBuilder("sh", "-c", "echo from a child; exit 7").start();
      String line =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      System.out.print(sum + " " + line + process.waitFor() + "\n");
      System.gc();
      System.exit(arguments.length);
    }
  }

  @Test
  void aJvmRunsThreadsAndAChildProcess() {
    Outcome outcome = Alike.run(ChildJvm.of(Program.class, "a", "b", "c"));
    assertEquals("499500 from a child\n7\n", outcome.stdout());
    assertEquals(3, outcome.exitValue());
  }

  @Test
  void aProcessIsNumberOneOfAPidNamespace() {
    ProcessBuilder unshare =
        new ProcessBuilder(
            "unshare", "-pf", "sh", "-c", "echo $$; sh -c 'exit 3'; echo $?; exit 4");
    assumeTrue(Outcome.bare(unshare).exitValue() == 4, "Namespaces are not allowed here");
    assertEquals(new Outcome("1\n3\n", "", 4), Alike.run(unshare));
  }
}
