package io.sysmon.tests.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.SeccompMode;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.fault.CallCondition;
import io.sysmon.fault.FaultInjector;
import io.sysmon.fault.FaultRule;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Stranger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules, carried out on programs. */
class FaultInjectorTest {
  /** What the guest calls. */
  private static final String CALLS = "sched_get_priority_max";

  @TempDir Path directory;

  private static ProcessBuilder guest(Object... arguments) {
    return command(Guest.compile("faults", "-pthread"), arguments);
  }

  private static ProcessBuilder command(Path program, Object... arguments) {
    List<String> words = new ArrayList<>(List.of(program.toString()));
    Arrays.stream(arguments).map(Object::toString).forEach(words::add);
    return new ProcessBuilder(words);
  }

  private static String outputWith(ProcessBuilder command, String... rules) {
    Outcome outcome = Outcome.traced(command, FaultInjector.of(rules));
    assertEquals("", outcome.stderr());
    return outcome.stdout();
  }

  @ParameterizedTest
  @CsvSource({
    "error=EIO:when=2,              + -5 + + + +",
    "error=EIO:when=4+,             + + + -5 -5 -5",
    "error=EIO:when=2..4,           + -5 -5 -5 + +",
    "error=EIO:when=1+2,            -5 + -5 + -5 +",
    "error=EIO:when=2..5+3,         + -5 + + -5 +",
    "error=333,                     -333 -333 -333 -333 -333 -333",
    "retval=4711:when=2,            + 4711 + + + +",
    "drop:when=3,                   + + 0 + + +",
    "syscall=getuid:retval=7:when=1, 7 + + + + +",
    "delay_enter=1ms:delay_exit=1ms,+ + + + + +",
    "delay_exit=1ms:error=EIO:when=6, + + + + + -5",
  })
  void theChosenCallsFareAsTheRuleSays(String what, String line) {
    assertEquals(" " + line + ", 0 signals\n", outputWith(guest("calls", 6), CALLS + ":" + what));
  }

  @ParameterizedTest
  @EnumSource(SeccompMode.class)
  void rulesWorkWithAFilterAndWithout(SeccompMode mode) {
    FaultInjector faults = FaultInjector.of(CALLS + ":error=EIO:signal=SIGUSR1:when=2");
    Outcome outcome = Outcome.traced(mode, guest("calls", 3), faults);
    assertEquals(" + -5 +, 1 signals\n", outcome.stdout());
  }

  @Test
  void severalRulesForACallTakePlaceInTheirOrder() {
    String[] rules = {
      CALLS + ":error=EIO:when=2+",
      CALLS + ":delay_enter=1ms:signal=USR1:when=2",
      CALLS + ":error=ENOSPC:delay_enter=1ms:when=2..3",
    };
    assertEquals(" + -28 -28 -5, 1 signals\n", outputWith(guest("calls", 4), rules));
  }

  @Test
  void eachNameIsCountedByItselfUnlessTheTreeIs() {
    assertEquals(" + + uid gid + +\n", outputWith(guest("two"), "getuid,getgid:error=EIO:when=2"));
    assertEquals(
        " + + uid + + +\n", outputWith(guest("two"), "getuid,getgid:error=EIO:when=3:count=tree"));
  }

  @Test
  void eachTaskIsCountedByItselfUnlessTheTreeIs() {
    assertEquals(
        " + + -5 +\n + + -5 +\n", outputWith(guest("threads"), CALLS + ":error=EIO:when=3"));
    assertEquals(
        " + + + +\n -5 + + +\n",
        outputWith(guest("threads"), CALLS + ":error=EIO:when=5:count=tree"));
  }

  @Test
  void childrenBeginWithCountsOfTheirOwn() {
    String third = " + +\n + + -5\nchild 0\n";
    assertEquals(third, outputWith(guest("child"), CALLS + ":error=EIO:when=3"));
    assertEquals(third, outputWith(guest("child"), CALLS + ":error=EIO:when=5:count=tree"));
  }

  @Test
  void chanceIsTheSameForTheSameSeed() {
    String seven = outputWith(guest("calls", 60), CALLS + ":error=EIO:chance=0.5:seed=7");
    assertEquals(seven, outputWith(guest("calls", 60), CALLS + ":error=EIO:chance=0.5:seed=7"));
    assertNotEquals(seven, outputWith(guest("calls", 60), CALLS + ":error=EIO:chance=0.5:seed=8"));
    long failed = seven.chars().filter(c -> c == '5').count();
    assertTrue(failed > 15 && failed < 45, seven);
    String never = outputWith(guest("calls", 6), CALLS + ":error=EIO:chance=0");
    assertEquals(" + + + + + +, 0 signals\n", never);
  }

  @Test
  void callsAreChosenByThePathsThatTheyAreGiven() throws IOException {
    Files.writeString(directory.resolve("a.db"), "a");
    Files.writeString(directory.resolve("b.txt"), "b");
    ProcessBuilder opens =
        guest("opens", "a.db", "./b.txt", "../a.db").directory(directory.toFile());
    assertEquals(" open + open\n", outputWith(opens, "openat:path=*.db:error=ENOENT"));
    opens = guest("opens", "a.db", "./b.txt").directory(directory.toFile());
    assertEquals(
        " + open\n", outputWith(opens, "openat:path=" + directory + "/b*:error=EACCES:when=1"));
  }

  @Test
  void namesThatAreNoTextAreChosenToo() {
    String make = "(: > \"$(printf '\\377.db')\") 2>/dev/null || echo full";
    ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-c", make).directory(directory.toFile());
    assertEquals("full\n", outputWith(shell, "openat:path=*.db:error=ENOSPC"));
  }

  @Test
  void callsAreChosenByTheFilesOfTheirDescriptors() throws IOException {
    Files.writeString(directory.resolve("a.db"), "a");
    Files.writeString(directory.resolve("b.txt"), "b");
    ProcessBuilder opens = guest("opens", "a.db", "b.txt").directory(directory.toFile());
    assertEquals(" read +\n", outputWith(opens, "read:fd=*.db:error=EIO"));
    assertEquals(" + read\n", outputWith(opens, "read:path=b.txt:error=EIO"));
  }

  @Test
  void callsAreChosenByAConditionInJava() {
    CallCondition ofSixBytes = call -> call.arg(2) == 6;
    FaultRule rule = FaultRule.on("write").where(ofSixBytes).error(Errno.EIO);
    FaultInjector faults = new FaultInjector(List.of(rule));
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", "echo out; echo error >&2; echo $?");
    assertEquals("out\n1\n", Outcome.traced(shell, faults).stdout());
  }

  @Test
  void transfersCanBeShort() {
    String[] lines =
        outputWith(
                guest("transfer", directory.resolve("file")),
                "write:fd=*/file:short=7",
                "writev:fd=*/file:short=6",
                "read:fd=*/file:short=12",
                "readv:short=3")
            .split("\n", -1);
    assertEquals("7 6 12 012345601234 0123456789", lines[0]);
    assertEquals("3 01 2", lines[1]);
  }

  @Test
  void aVectorOf32BitProgramsCanBeShort() {
    ProcessBuilder guest =
        command(Guest32.compile("faults", "-pthread"), "transfer", directory.resolve("file"));
    assertEquals(
        "10 6 16 0123456789012345 0123456789\n3 01 2\n",
        outputWith(guest, "writev:fd=*/file:short=6", "readv:short=3"));
  }

  @ParameterizedTest
  @CsvSource({"write,1", "writev,1", "read,0", "readv,0"})
  void bytesAreCorruptedInACopyOrWhereTheProgramReadsThem(String call, int inFile)
      throws IOException {
    Path file = directory.resolve("file");
    String output = outputWith(guest("transfer", file), call + ":fd=*/file:corrupt=1:seed=3");
    assertEquals("10 10 20 ", output.substring(0, 9));
    assertTrue(output.contains(" 0123456789\n"), output);
    byte[] right = "01234567890123456789".getBytes(StandardCharsets.US_ASCII);
    byte[] written = Files.readAllBytes(file);
    int wrong = 0;
    for (int i = 0; i < right.length; i++) {
      wrong += right[i] == written[i] ? 0 : 1;
    }
    assertEquals(inFile, wrong);
    String undisturbed = "10 10 20 01234567890123456789 0123456789\n20 01 234567890123456789\n";
    assertNotEquals(undisturbed, output);
  }

  @Test
  void bytesArePokedBeforeTheCallAndAfter() {
    assertEquals(
        "10 10 20 XY23456789AB23456789 AB23456789\n20 AB 23456789AB23456789\n",
        outputWith(
            guest("transfer", directory.resolve("file")),
            "write:fd=*/file:poke_enter=@arg2=4142",
            "read:fd=*/file:poke_exit=@arg2=5859"));
  }

  @Test
  void droppedWritesSeemToHaveBeenMade() throws IOException {
    Path file = directory.resolve("file");
    assertEquals(
        "10 10 10 0123456789 0123456789\n10 01 23456789\n",
        outputWith(guest("transfer", file), "writev:drop"));
    assertEquals("0123456789", Files.readString(file));
  }

  @ParameterizedTest
  @CsvSource({"kill_enter,first\\n", "kill_exit,first\\nsecond\\n"})
  void aProcessIsKilledBeforeTheCallOrAfterIt(String key, String written) throws IOException {
    Path file = directory.resolve("file");
    ProcessBuilder shell =
        new ProcessBuilder(
            "sh", "-c", "echo first > $0; echo second >> $0; echo third >> $0", file.toString());
    Outcome outcome =
        Outcome.traced(shell, FaultInjector.of("write:path=*/file:" + key + "=process:when=2"));
    assertEquals(137, outcome.exitValue());
    assertEquals(written.replace("\\n", "\n"), Files.readString(file));
  }

  @Test
  void aTreeIsKilled() {
    String script = "sleep 100 & sh -c 'echo $$ > /dev/null; echo never'; echo never";
    Outcome outcome =
        Outcome.traced(
            new ProcessBuilder("sh", "-c", script),
            FaultInjector.of("write:fd=pipe*:kill_enter=tree"));
    assertEquals("", outcome.stdout());
    assertEquals(137, outcome.exitValue());
  }

  @Test
  void rulesTellHowOftenTheyChoseACall() {
    FaultInjector faults =
        FaultInjector.of(CALLS + ":error=EIO:when=2+", CALLS + ":error=EIO:when=9", "mount:drop");
    Outcome.traced(guest("calls", 4), faults);
    assertEquals(List.of(3L, 0L, 0L), faults.injections());
    assertEquals(
        List.of(CALLS + ":error=EIO:when=9", "mount:drop"),
        faults.unmatched().stream().map(FaultRule::toString).toList());
  }

  @Test
  void theLaunchItselfIsLeftAlone() throws Exception {
    FaultInjector faults = FaultInjector.of("execve:error=ENOENT:when=1");
    try (Tracer tracer = Tracer.builder().listener(faults).build()) {
      Outcome outcome =
          Outcome.traced(tracer, new ProcessBuilder("sh", "-c", "exec /bin/true; echo $?"));
      assertEquals(127, outcome.exitValue());
    }
    assertEquals(List.of(1L), faults.injections());
  }

  @ParameterizedTest
  @ValueSource(strings = {"delay_enter", "delay_exit"})
  void otherTasksGoOnWhileOneIsDelayed(String key) {
    String script = "(exec 3<$0; echo never) & echo ready; kill -9 $!; wait";
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", script, "/etc/hostname");
    assertEquals("ready\n", outputWith(shell, "openat:path=/etc/hostname:" + key + "=100s"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"delay_enter", "delay_exit"})
  void whoIsDelayedCanBeLetGo(String key) throws Exception {
    try (Stranger echo = Stranger.program(new ProcessBuilder("/bin/cat"));
        Tracer tracer =
            Tracer.builder().listener(FaultInjector.of("write:" + key + "=100s")).build()) {
      TraceeHandle cat = tracer.attach(echo.pid());
      echo.say("hello");
      cat.detach();
      assertEquals("hello", echo.line());
    }
  }
}
