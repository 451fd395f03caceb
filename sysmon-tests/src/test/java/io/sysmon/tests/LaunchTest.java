package io.sysmon.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a launched program finds when it begins. */
class LaunchTest {
  private static final String UMLAUTS = "\u00e4\u00f6\u00fc \u20ac \ud83d\ude00";

  @Test
  void argumentsArriveExactlyAsGiven() {
    List<String> words =
        List.of("", " ", "a b", "'\"\\$(x)`*?", "\n\t", "-", "--", "x".repeat(100_000), UMLAUTS);
    ProcessBuilder command = args(words);
    Outcome traced = Outcome.traced(command);
    assertEquals(words, values(traced, "arg").subList(1, words.size() + 1));
    assertEquals(Outcome.bare(command), traced);
  }

  @Test
  void environmentIsTheBuildersAndNothingElse() {
    ProcessBuilder command = args(List.of());
    command.environment().clear();
    assertEquals(List.of(), values(Outcome.traced(command), "env"));
    command.environment().putAll(Map.of("ONE", "1", "EMPTY", "", "EQUALS", "a=b", "TEXT", UMLAUTS));
    Outcome traced = Outcome.traced(command);
    assertEquals(
        List.of("EMPTY=", "EQUALS=a=b", "ONE=1", "TEXT=" + UMLAUTS),
        values(traced, "env").stream().sorted().toList());
    assertEquals(Outcome.bare(command), traced);
  }

  @Test
  void environmentOfTheJvmIsPassedOnUnlessTheBuilderIsChanged() {
    ProcessBuilder command = args(List.of());
    Outcome traced = Outcome.traced(command);
    assertFalse(values(traced, "env").isEmpty());
    assertEquals(Outcome.bare(command), traced);
  }

  @Test
  void aJvmInTheCLocalePassesOnNonAsciiTextUnharmed() {
    ProcessBuilder jvm = ChildJvm.of(InTheCLocale.class, Guest.compile("args").toString());
    jvm.environment().put("LC_ALL", "C");
    jvm.environment().put("INHERITED", UMLAUTS);
    Outcome outcome = Outcome.bare(jvm);
    assertEquals("", outcome.stderr());
    assertEquals("argument " + UMLAUTS, values(outcome, "arg").get(1));
    List<String> environment = values(outcome, "env");
    assertTrue(environment.contains("INHERITED=" + UMLAUTS), environment::toString);
    assertTrue(environment.contains("SET=" + UMLAUTS), environment::toString);
  }

  static final class InTheCLocale {
    private InTheCLocale() {}

    public static void main(String[] args) {
      ProcessBuilder command = new ProcessBuilder(args[0], "argument " + UMLAUTS);
      command.environment().put("SET", UMLAUTS);
      System.out.print(Outcome.traced(command).stdout());
    }
  }

  @Test
  void programRunsInTheBuildersDirectory(@TempDir Path directory) throws IOException {
    Path deep = Files.createDirectories(directory.resolve("one/t w\u00f6"));
    ProcessBuilder pwd = new ProcessBuilder("/bin/pwd", "-P").directory(deep.toFile());
    assertEquals(deep.toRealPath() + "\n", Outcome.traced(pwd).stdout());
  }

  @Test
  void programRunsInTheJvmsDirectoryWhenTheBuilderHasNone() throws IOException {
    assertEquals(
        Path.of("").toRealPath() + "\n",
        Outcome.traced(new ProcessBuilder("/bin/pwd", "-P")).stdout());
  }

  /** The first socket that is closed makes the JDK open one that it keeps. */
  @BeforeAll
  static void openWhatTheJdkKeeps() throws IOException {
    InetAddress local = InetAddress.getLoopbackAddress();
    try (ServerSocket listening = new ServerSocket(0, 1, local);
        Socket connected = new Socket(local, listening.getLocalPort())) {
      assertTrue(connected.isConnected());
    }
    Pipe pipe = Pipe.open();
    pipe.source().close();
    pipe.sink().close();
  }

  @Test
  void noDescriptorOfTheJvmReachesTheProgram(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "content");
    Pipe pipe = Pipe.open();
    try (FileInputStream opened = new FileInputStream(file.toFile());
        ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket connected = new Socket(listening.getInetAddress(), listening.getLocalPort());
        Tracer tracer = Tracer.builder().build()) {
      assertTrue(opened.available() > 0 && connected.isConnected());
      // Its pipes are in the JVM while the other program is launched.
      TraceeHandle other = tracer.launch(new ProcessBuilder("cat"));
      Outcome ls = Outcome.traced(tracer, new ProcessBuilder("ls", "-l", "/proc/self/fd"));
      Map<Integer, String> open = new TreeMap<>();
      ls.stdout()
          .lines()
          .filter(line -> line.contains(" -> "))
          .map(line -> line.substring(0, line.indexOf(" -> ")).trim())
          .map(line -> Integer.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
          .forEach(fd -> open.put(fd, ls.stdout()));
      // Its own three, and the directory that it is listing.
      assertEquals(List.of(0, 1, 2, 3), List.copyOf(open.keySet()), ls.stdout());
      other.process().getOutputStream().close();
      assertEquals(0, other.waitFor());
    } finally {
      pipe.source().close();
      pipe.sink().close();
    }
  }

  @Test
  void noSignalIsBlockedAndNoneIgnoredButWhatTheJvmWasStartedWith() {
    ProcessBuilder cat = new ProcessBuilder("cat", "/proc/self/status");
    String traced = Outcome.traced(cat).stdout();
    assertEquals(0, mask(traced, "SigBlk"));
    assertEquals(0, mask(traced, "SigCgt"));
    // nohup's SIGHUP is passed on, as ProcessBuilder does; glibc's own signals 32 and 33 are not.
    long libc = 1L << 31 | 1L << 32;
    assertEquals(mask(Outcome.bare(cat).stdout(), "SigIgn") & ~libc, mask(traced, "SigIgn"));
  }

  private static long mask(String status, String field) {
    return status
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .map(line -> Long.parseUnsignedLong(line.substring(field.length() + 1).trim(), 16))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aProgramIsToldWhatAnUntracedOneIsTold() {
    // Everything of its status that does not name it, its time or its tracer.
    ProcessBuilder status =
        new ProcessBuilder(
            "grep",
            "-E",
            "^(Umask|Uid|Gid|FDSize|Groups|NSsid|Threads|SigPnd|ShdPnd|Cap|NoNewPrivs|Seccomp"
                + "|Cpus_allowed)",
            "/proc/self/status");
    assertEquals(Outcome.bare(status), Outcome.traced(status));
    for (String limits : List.of("ulimit -a", "cat /proc/self/limits", "id", "nice", "umask")) {
      ProcessBuilder command = new ProcessBuilder("sh", "-c", limits);
      assertEquals(Outcome.bare(command), Outcome.traced(command));
    }
  }

  @Test
  void programIsAChildOfTheJvmInItsProcessGroupAndSession() {
    ProcessBuilder stat =
        new ProcessBuilder("sh", "-c", "cut -d' ' -f5-7 /proc/$$/stat; echo $PPID");
    Outcome traced = Outcome.traced(stat);
    assertTrue(traced.stdout().endsWith("\n" + ProcessHandle.current().pid() + "\n"));
    assertEquals(Outcome.bare(stat), traced);
  }

  @Test
  void listenersSeeTheProgramsOwnCallsAndNoOther() {
    Path tiny = Guest.compile("tiny", "-nostdlib", "-static");
    Recorder recorder = new Recorder();
    Outcome outcome = Outcome.traced(new ProcessBuilder(tiny.toString()), recorder);
    assertEquals(new Outcome("tiny\n", "", 5), outcome);
    assertEquals(
        List.of(
            "Start",
            "Enter execve",
            "Exec",
            "Exit execve",
            "Enter write",
            "Exit write",
            "Enter exit_group",
            "End"),
        recorder.events().stream().map(LaunchTest::shortly).toList());
    assertEquals(0, recorder.exits("execve").get(0).exit().result());
  }

  private static String shortly(Recorder.Event event) {
    String kind = event.getClass().getSimpleName();
    if (event instanceof Recorder.Enter enter) {
      return kind + " " + enter.call().name();
    }
    return event instanceof Recorder.Exit exit ? kind + " " + exit.call().name() : kind;
  }

  @Test
  void firstCallIsTheProgramsExecveWithPathArgumentsAndEnvironmentReadable() {
    List<Object> first = new ArrayList<>();
    SyscallListener reader =
        SyscallListener.onEnter(
            Interest.enter("execve"),
            call -> {
              if (first.isEmpty()) {
                first.addAll(List.of(call.string(0), call.strings(1), call.strings(2)));
              }
            });
    ProcessBuilder command = new ProcessBuilder("env", "echo", "", UMLAUTS);
    command.environment().clear();
    command.environment().put("VARIABLE", UMLAUTS);
    assertEquals(" " + UMLAUTS + "\n", Outcome.traced(command, reader).stdout());
    String path = (String) first.get(0);
    assertTrue(path.startsWith("/") && path.endsWith("/env"), path);
    assertEquals(List.of("env", "echo", "", UMLAUTS), first.get(1));
    assertEquals(List.of("VARIABLE=" + UMLAUTS), first.get(2));
  }

  @Test
  void aLaunchedTraceeHasPassedItsExecve() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      for (int i = 0; i < 20; i++) {
        TraceeHandle sleep = tracer.launch(new ProcessBuilder("sleep", "1000"));
        assertTrue(
            Files.readString(Path.of("/proc/" + sleep.pid() + "/cmdline")).startsWith("sleep\0"));
        sleep.kill();
        assertEquals(137, sleep.waitFor());
      }
    }
  }

  @Test
  void launchesFromManyThreadsDoNotMixUpTheirStreams() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      List<Thread> threads = new ArrayList<>();
      List<Throwable> failures = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        String name = "thread " + t;
        Thread thread =
            new Thread(
                () -> {
                  for (int i = 0; i < Effort.rounds(25); i++) {
                    String text = name + " launch " + i;
                    Outcome echo =
                        Outcome.traced(
                            tracer, new ProcessBuilder("sh", "-c", "echo $0; echo $0 >&2", text));
                    assertEquals(new Outcome(text + "\n", text + "\n", 0), echo);
                  }
                });
        thread.setUncaughtExceptionHandler(
            (dead, failure) -> {
              synchronized (failures) {
                failures.add(failure);
              }
            });
        threads.add(thread);
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(List.of(), failures);
    }
  }

  private static ProcessBuilder args(List<String> words) {
    return new ProcessBuilder(
        Stream.concat(Stream.of(Guest.compile("args").toString()), words.stream()).toList());
  }

  private static List<String> values(Outcome outcome, String kind) {
    return outcome
        .stdout()
        .lines()
        .filter(line -> line.startsWith(kind + " "))
        .map(line -> new String(HexFormat.of().parseHex(line.substring(kind.length() + 1)), UTF_8))
        .toList();
  }
}
