package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.fault.BadFaultRuleException;
import io.sysmon.fault.FaultRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs meet the same faults under {@code sysmon strace} as under strace(1). */
class FaultParityTest {
  @TempDir private Path directory;

  /** What a program wrote, how it ended, and its trace. */
  private String run(List<String> tracer, String options, String... command) throws IOException {
    Path file = directory.resolve("trace");
    List<String> words = new ArrayList<>(tracer);
    words.addAll(List.of("-o", file.toString(), "-e", "trace=write,openat,execve,chdir"));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of(command));
    Sysmon.Result result = Sysmon.finish(Sysmon.start(directory, words));
    String trace =
        String.join("\n", Files.readAllLines(file))
            .replaceAll(" += (?=[^=]*$)", " = ")
            .replaceAll("0x[0-9a-f]{6,16}", "0xADDRESS")
            .replaceAll("<[0-9.]+>", "<TIME>")
            .replaceAll("si_pid=\\d+", "si_pid=PID")
            // The kernel says that it is the sender when a tracer resumes with a signal.
            .replaceAll("si_code=.*?}", "CODE}");
    return result.out() + result.err() + result.status() + "\n" + trace;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-e inject=write:error=ENOSPC:when=2 -e fault=?nosuch,chdir:error=1:when=1",
        "-e inject=write:retval=0x3:when=2..4+2 -e fault=chdir",
        "-e inject=write:poke_enter=@arg2=4142:when=1..2 -e inject=%file:error=EACCES:when=2",
        "-e inject=/^wri:delay_exit=1:signal=TERM:when=3 -e inject=chdir:delay_enter=2ms",
        "-e inject=execve:error=ENOENT",
        "-T -e inject=write:poke_exit=@arg2=41:error=EIO:delay_enter=1:when=2",
        "-e inject=write:delay_exit=1:retval=1:when=2+2",
        "-P /nowhere -e inject=chdir:error=EACCES",
      })
  void theProgramFaresAlike(String options) throws IOException {
    assumeTrue(Sysmon.isInstalled("strace"));
    // What strace(1) does not show it does not change.
    String script = "echo one; cd /; echo two; echo three; cd /nowhere; exec /bin/echo four";
    String[] command = {"sh", "-c", script};
    assertEquals(
        run(List.of("strace"), options, command), run(Sysmon.words("strace"), options, command));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "write:error=EIO:retval=3",
        "write:error=ENOPE",
        "write:when=3",
        "write:error=EIO:when=0",
        "write:error=EIO:when=65536",
        "write:error=EIO:when=1..65535",
        "write:error=EIO:when=4..2",
        "write:error=EIO:when=1++",
        "write:retval=18446744073709551616",
        "write:signal=65",
        "write:signal=9:signal=9",
        "write:syscall=getpid",
        "write:syscall=openat:error=EIO",
        "write:delay_enter=1m",
        "write:delay_enter=1:delay_enter=2",
        "write:poke_enter=@arg2=414",
        "write:poke_exit=arg2=41",
        "write:poke_exit=@arg2=41,@arg2=42",
        "nosuch:error=EIO",
        ":error=EIO",
        "write:"
      })
  void whatStraceRefusesIsRefused(String rule) {
    assumeTrue(Sysmon.isInstalled("strace"));
    assertEquals(1, Sysmon.runOther(directory, "strace", "-einject=" + rule, "true").status());
    assertThrows(BadFaultRuleException.class, () -> FaultRule.parse(rule));
  }

  @Test
  void aRefusalTellsWhere() {
    Sysmon.Result result = Sysmon.run(directory, "strace", "-einject=write:error=ENOPE", "true");
    assertEquals(1, result.status());
    String told =
        "sysmon: invalid inject argument 'write:error=ENOPE': line 1, column 13: expected an error";
    assertTrue(result.err().startsWith(told), result::err);
  }

  @Test
  void rulesThatChoseNoCallAreTold() {
    Sysmon.Result result =
        Sysmon.run(
            directory, "strace", "-qqq", "-etrace=mount", "-einject=mount:error=EIO", "true");
    assertEquals("sysmon: No call was chosen by inject=mount:error=EIO\n", result.err());
    assertEquals(0, result.status());
  }

  @Test
  void rulesForCallsThatAreNotTracedAreToldWithTheCause() {
    Sysmon.Result result =
        Sysmon.run(directory, "strace", "-qqq", "-etrace=none", "-efault=mount", "true");
    String told =
        "sysmon: No call was chosen by inject=mount:error=ENOSYS:"
            + " only calls that are traced are injected, and -e trace= excludes these\n";
    assertEquals(told, result.err());
  }
}
