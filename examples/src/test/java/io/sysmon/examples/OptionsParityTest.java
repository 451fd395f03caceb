package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options mean to {@code sysmon strace} what they mean to strace(1), and are refused alike. */
class OptionsParityTest {
  @TempDir private Path directory;

  @BeforeEach
  void straceIsInstalled() {
    assumeTrue(Sysmon.isInstalled("strace"));
  }

  private static String normal(String line) {
    return line.replaceAll(" += (?=[^=]*$)", " = ")
        .replaceAll("0x[0-9a-f]{6,16}", "0xADDRESS")
        .replaceAll("(getrandom\\()(\".*\"|NULL)(\\.\\.\\.)?,", "$1RANDOM,")
        .replaceAll("(tv_sec|tv_nsec|st_[amc]time\\w*)=\\d+", "$1=TIME")
        .replaceAll("si_[us]time=\\d+( /\\* .*? \\*/)?", "TIME");
  }

  private static List<String> words(String options) {
    return Arrays.asList(options.split(" ", -1));
  }

  /** The trace's lines without what differs from run to run, and what is said on standard error. */
  private List<String> trace(List<String> tracer, String options, String... command)
      throws IOException {
    Path file = directory.resolve("trace");
    List<String> words = new ArrayList<>(tracer);
    words.addAll(List.of("-o", file.toString()));
    words.addAll(words(options));
    words.addAll(List.of(command));
    Sysmon.Result result = Sysmon.finish(Sysmon.start(directory, words));
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    lines.addAll(result.errLines());
    lines.replaceAll(
        line ->
            normal(line)
                .replaceAll("^(strace|sysmon): ", "TRACER: ")
                .replaceAll("\\b(kill\\(|si_pid=)\\d+", "$1PID")
                .replaceAll("^((vfork|getp?pid|wait4|set_tid_address)\\(.* = )\\d+$", "$1PID"));
    return lines;
  }

  private void assertSameLines(String options, String... command) throws IOException {
    List<String> expected = trace(List.of("strace"), options, command);
    List<String> actual = trace(Sysmon.words("strace"), options, command);
    assertEquals(String.join("\n", expected), String.join("\n", actual));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-e trace=!mmap,%%stat,getrandom,rseq,%signal -e signal=!chld",
        "-e /^(open|clo) -e signal=none",
        "-e openat -e kill,exit_group",
        "-qqq -e trace=kill -e signal=!usr1",
        "-e trace=kill -e signal=SIGUSR1,17",
        "-e trace=all -e trace=none -e quiet=exit",
        "-z -e %file,exit_group,write",
        "-Z -e %file,exit_group",
        "-e status=!successful -e !getrandom",
        "-e status=unfinished",
        "-e status=none",
        "-v --signal=chld --trace=kill --quiet=exit"
      })
  void whatIsSelectedIsTheSame(String options) throws IOException {
    String script =
        "/bin/true; trap : USR1; kill -USR1 $$; cat no-such-file; kill -CONT $$; exit 3";
    assertSameLines(options, "sh", "-c", script);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-P sub/file",
        "-P ../no/such",
        "-P sub/link -e !read",
        "-P sub/link -e quiet=path-resolution",
        "-P sub -P sub/link -Z",
        "-P /dev/null -e %desc"
      })
  void callsOfAPathAreTheSame(String options) throws IOException {
    Path sub = Files.createDirectories(directory.resolve("sub"));
    Files.writeString(sub.resolve("file"), "text");
    Files.createSymbolicLink(sub.resolve("link"), sub.resolve("file"));
    String script =
        "cat <sub/file >/dev/null; cd sub; test -e file; read x <link; echo $x >/dev/null";
    assertSameLines(options, "bash", "-c", script);
  }

  @Test
  void numbersAndAddressesStandBeforeCallsSignalsAndEnds() throws IOException {
    String script = "trap : URG; kill -URG $$; kill -TERM $$";
    for (String options : List.of("-n -e kill", "-i -e kill", "-i -n -r -T -e kill -a 60")) {
      assertEquals(
          withoutNumbers(trace(List.of("strace"), options, "sh", "-c", script)),
          withoutNumbers(trace(Sysmon.words("strace"), options, "sh", "-c", script)));
    }
  }

  /** Times and addresses differ; how they are written does not. */
  private static List<String> withoutNumbers(List<String> lines) {
    return lines.stream()
        .map(line -> line.replaceAll("\\[[0-9a-f]{16}]", "[ADDRESS]"))
        .map(line -> line.replaceAll("\\d\\.\\d{6}", "TIME"))
        .toList();
  }

  private void assertSameStacks(String options, String... command) throws IOException {
    List<String> tables = new ArrayList<>();
    for (List<String> tracer : List.of(List.of("strace"), Sysmon.words("strace"))) {
      List<String> lines = trace(tracer, options, command);
      // Where strace knows no function, it says so in two ways.
      lines.replaceAll(
          line -> line.replace("(+0x0)", "()").replaceAll("tgkill\\(\\d+, \\d+", "tgkill(PID"));
      tables.add(String.join("\n", lines));
    }
    assertEquals(tables.get(0), tables.get(1));
  }

  @Test
  void stacksAreTheSame() throws IOException {
    // Where the stack of a call that does not return stands is not the same.
    String calls = "!exit_group,getrandom,rseq,rt_sigreturn";
    String script = "trap : USR1; kill -USR1 $$; exec cat /dev/null";
    assertSameStacks("-k -e trace=" + calls, "sh", "-c", script);
  }

  @Test
  void stacksOfHandlersAndGeneratedCodeAreTheSame() throws IOException {
    assumeTrue(Sysmon.isInstalled("gcc"));
    String guest = Sysmon.compile(directory, "stacks", STACKS).toString();
    assertSameStacks("-k -e getpgid,tgkill,execve -e signal=USR1", guest);
    String trace = Files.readString(directory.resolve("trace"));
    assertTrue(trace.contains("stacks(handler+"), trace);
    assertTrue(trace.contains(" > unexpected_backtracing_error ["), trace);
    assertTrue(trace.contains(" > too many stack frames\n"), trace);
  }

  @Test
  void aTableHasNoStacks() {
    Sysmon.Result result = Sysmon.run(directory, "strace", "-k", "-c", "-o", "trace", "true");
    assertEquals("sysmon: -k/--stack-traces has no effect with -c/--summary-only\n", result.err());
  }

  private static final String STACKS =
      """
      #define _GNU_SOURCE
      #include <signal.h>
      #include <string.h>
      #include <sys/mman.h>
      #include <unistd.h>
      void deep(int more) { if (more) deep(more - 1); else getpgid(-1); }
      void handler(int signal) { deep(3); }
      int main(int count, char **words) {
        signal(SIGUSR1, handler);
        raise(SIGUSR1);
        deep(300);
        char *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memcpy(code, "\\x55\\x48\\x89\\xe5\\x83\\xcf\\xff\\xff\\xd6\\x5d\\xc3", 11);
        ((int (*)(int, void *)) code)(0, getpgid);
        if (count < 2) execl(words[0], words[0], "again", (char *) 0);
      }
      """;

  private static final String GUEST =
      """
      #include <arpa/inet.h>
      #include <fcntl.h>
      #include <poll.h>
      #include <sys/select.h>
      #include <sys/socket.h>
      #include <sys/stat.h>
      #include <sys/un.h>
      #include <unistd.h>
      int main(int count, char **words) {
        struct stat status;
        int ends[2];
        char text[99];
        write(open("/dev/null", O_WRONLY), "a\\tb\\1\\377\\"\\\\7\\n", 9);
        write(3, "plain\\n", 6);
        open("/n\\303\\266", 0); open("/plain", 0);
        stat("/etc/passwd", &status); fstat(3, &status); stat("/", &status);
        struct sockaddr_un path = {AF_UNIX, "/no\\nx"};
        connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *) &path, sizeof path);
        symlink("target", "link"); readlink("link", text, 99); unlink("link");
        pipe(ends); dup2(ends[0], 77); fcntl(77, F_DUPFD, 100); openat(open(".", 0), "x<y>", O_CREAT, 0600);
        poll(&(struct pollfd){ends[1], POLLOUT}, 1, 0);
        fd_set set; FD_ZERO(&set); FD_SET(ends[1], &set); select(99, 0, &set, 0, 0);
        int gone = open("gone", O_CREAT | O_RDWR, 0600); unlink("gone"); write(gone, "1", 1);
        int listening = socket(AF_INET, SOCK_STREAM, 0), ipv6 = socket(AF_INET6, SOCK_DGRAM, 0);
        listen(listening, 1);
        struct sockaddr_in6 here = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT};
        bind(ipv6, (void *) &here, sizeof here);
        fchmod(listening, 0600); fchmod(ipv6, 0600); close(listening); close(77);
        if (count < 2) execle(words[0], "x", "b\\1", "c", 0, (char *[]){"A=b", "C=\\2", 0});
      }
      """;

  @ParameterizedTest
  @ValueSource(strings = {"-x", "-xx", "-x -s 3", "-v", "-v -s 1", "-y", "-yy"})
  void callsArePrintedAlike(String options) throws IOException {
    assumeTrue(Sysmon.isInstalled("gcc"));
    String guest = Sysmon.compile(directory, "guest", GUEST).toString();
    List<List<String>> traces = new ArrayList<>();
    for (List<String> tracer : List.of(List.of("strace"), Sysmon.words("strace"))) {
      List<String> lines = trace(tracer, options + " -e trace=!%memory,rseq,getrandom", guest);
      // The environment is in no order, files are made anew, and ports are those that are free.
      lines.remove(0);
      lines.replaceAll(
          line ->
              line.replaceAll("st_ino=\\d+, ", "")
                  .replaceAll("/\\* 20\\d\\d-[^/]*\\*/", "DATE")
                  .replaceAll("_nsec=\\d+|_[acm]time=\\d+|=TIME", "=TIME")
                  .replaceAll("\\[\\d{4,}]", "[INODE]")
                  .replaceAll(":\\d{4,}]", ":PORT]"));
      traces.add(lines);
    }
    assertEquals(String.join("\n", traces.get(0)), String.join("\n", traces.get(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "calls", "syscall_name", "count", "errors", "none"})
  void tablesAreInTheSameOrder(String order) throws IOException {
    List<String> tables = new ArrayList<>();
    for (List<String> tracer : List.of(List.of("strace"), Sysmon.words("strace"))) {
      List<String> lines = trace(tracer, "-c -S " + order, "cat", "no-such-file");
      lines.replaceAll(line -> line.length() < 35 ? line : line.substring(32));
      tables.add(String.join("\n", lines));
    }
    assertEquals(tables.get(0), tables.get(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-e trace=opena true",
        "-e trace= true",
        "-e %foo true",
        "-e all,none true",
        "-e foo=bar true",
        "-e signal=FOO true",
        "-e signal= true",
        "-e signal=all,1 true",
        "-e signal=256 true",
        "-e status=foo true",
        "-e status=successful,all true",
        "-e quiet=foo true",
        "-s x true",
        "-s -1 true",
        "-a x true",
        "-a -1 true",
        "-c -C true",
        "-c -ff -o x true",
        "-w true",
        "-c -S foo true",
        "-q -e quiet=exit true",
        "-p 0 true",
        "-p abc",
        "-f",
        "--foo",
        "-o",
        "-e",
        "--trace"
      })
  void whatIsRefusedIsRefusedInTheSameWords(String options) {
    List<String> words = new ArrayList<>(List.of("strace"));
    words.addAll(words(options));
    Sysmon.Result expected = Sysmon.finish(Sysmon.start(directory, words));
    StringWriter err = new StringWriter();
    int status =
        SysmonCommand.commandLine("strace")
            .setErr(new PrintWriter(err, true))
            .execute(words.toArray(String[]::new));
    String[] expectedLines = expected.err().split("\n", -1);
    String[] lines = err.toString().split("\n", -1);
    String first = expectedLines[0].replaceFirst("strace", "sysmon");
    // What may have been meant is added to strace's words.
    assertTrue(lines[0].equals(first) || lines[0].startsWith(first + ";"), err + expected.err());
    assertEquals(expectedLines.length, lines.length, err + expected.err());
    assertEquals(
        expectedLines[1].replace("strace -h", "sysmon strace --help"), lines[1], err.toString());
    assertEquals(expected.status(), status);
  }
}
