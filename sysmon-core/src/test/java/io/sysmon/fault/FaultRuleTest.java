package io.sysmon.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of rules. */
class FaultRuleTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "write:error=ENOSPC",
        "write:error=333:when=3",
        "write:retval=16:when=2+",
        "write,read:error=EIO:when=2+3",
        "%file:error=EIO:when=2..5",
        "write:error=EIO:when=1..65534+65535",
        "write:signal=SIGSEGV",
        "write:signal=SIGRT_5",
        "write:syscall=getpid:error=EIO",
        "write:delay_enter=10000us",
        "write:delay_exit=1500ns",
        "write:poke_enter=@arg2=4142,@arg1=00",
        "write:poke_exit=@arg6=aB",
        "write:short=3:corrupt=2",
        "write:corrupt=1:seed=7",
        "write:kill_enter=tree",
        "write:kill_exit=process:when=9",
        "write:drop:count=tree",
        "write:path=/data/*.db:fd=a\\:b:error=EIO",
        "write:error=EIO:chance=0.25:seed=-3",
        "!write:error=EIO",
        "/^pre:error=EIO",
      })
  void whatIsReadIsWrittenAgain(String text) {
    assertEquals(text, FaultRule.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "write:error=eio, write:error=EIO",
    "write:error=5, write:error=EIO",
    "write:retval=0x10, write:retval=16",
    "write:retval=010, write:retval=8",
    "write:retval=-1, write:retval=18446744073709551615",
    "write:signal=segv, write:signal=SIGSEGV",
    "write:signal=11, write:signal=SIGSEGV",
    "write:delay_enter=10, write:delay_enter=10us",
    "write:delay_enter=1.5ms, write:delay_enter=1500us",
    "write:delay_enter=1e3, write:delay_enter=1000us",
    "write:error=EIO:when=3..3, write:error=EIO:when=3",
    "write:error=EIO:when=3..5+, write:error=EIO:when=3..5",
    "write:error=EIO:, write:error=EIO",
    "inject=write:error=EIO, write:error=EIO",
    "fault=write, write:error=ENOSYS",
    "fault=write:error=EIO:when=2, write:error=EIO:when=2",
    "fault=write:syscall=getpid, write:syscall=getpid:error=ENOSYS",
  })
  void theSameIsSaidInSeveralWays(String text, String canonical) {
    assertEquals(canonical, FaultRule.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wriite:error=EIO | 1 | the name of a system call, %class or /regex (perhaps write",
        "write,%fil:error=EIO | 7 | the name of a system call, %class or /regex",
        ":error=EIO | 1 | the name of a system call, %class or /regex",
        "!,:error=EIO | 2 | the name of a system call, %class or /regex",
        "/(a:error=EIO | 4 | a regular expression (Unclosed group)",
        "write | 6 | something to do, such as :error=ENOSPC",
        "write:when=3 | 13 | something to do, such as :error=ENOSPC",
        "write: | 7 | error=, retval=, signal=, syscall=,",
        "write:eror=EIO | 7 | error=, retval=, signal=, syscall=,",
        "write:error=ENOSPACE | 13 | an error such as ENOSPC, or a number from 1 to 4095",
        "write:error=0 | 13 | a number from 1 to 4095",
        "write:error=4096 | 13 | a number from 1 to 4095",
        "write:error= | 13 | an error such as ENOSPC, or a number from 1 to 4095",
        "write:error=EIO:error=EIO | 17 | 'error' only once",
        "write:error=EIO:retval=1 | 17 | only one of error=, retval= and drop",
        "write:retval=1x | 14 | a number from 0 to 18446744073709551615",
        "write:retval=18446744073709551616 | 14 | a number from 0 to 18446744073709551615",
        "write:signal=65 | 14 | a number from 1 to 64",
        "write:signal=SIGFOO | 14 | a signal such as SIGTERM, or a number from 1 to 64",
        "write:syscall=openat:error=EIO | 15 | a call without effects (%pure), such as getpid",
        "write:syscall=getpid | 21 | error= or retval= beside syscall=",
        "write:delay_enter=1m | 19 | a time such as 10ms, in s, ms, us or ns",
        "write:delay_exit=-1 | 18 | a time such as 10ms, in s, ms, us or ns",
        "write:delay_enter=1e9999999s | 19 | a time such as 10ms, in s, ms, us or ns",
        "write:delay_enter=１ms | 19 | a time such as 10ms, in s, ms, us or ns",
        "write:retval=٣ | 14 | a number from 0 to 18446744073709551615",
        "write:poke_enter=@arg2=４２ | 24 | an even number of hexadecimal digits",
        "write:poke_enter=arg2=41 | 18 | @argN=HEX",
        "write:poke_enter=@arg7=41 | 22 | a number from 1 to 6",
        "write:poke_enter=@arg2=414 | 24 | an even number of hexadecimal digits",
        "write:poke_enter=@arg2=41,@arg2=42 | 27 | each argument only once",
        "write:error=EIO:when=2:when=3 | 24 | 'when' only once",
        "write:error=EIO:when=0 | 22 | a number from 1 to 65535",
        "write:error=EIO:when=65536 | 22 | a number from 1 to 65535",
        "write:error=EIO:when=2++ | 24 | a number from 1 to 65535",
        "write:error=EIO:when=2+0 | 24 | a number from 1 to 65535",
        "write:error=EIO:when=4..2 | 25 | a number from 4 to 65534",
        "write:error=EIO:when=1..65535 | 25 | a number from 1 to 65534",
        "write:error=EIO:count=process | 23 | task or tree",
        "write:error=EIO:chance=2 | 24 | a probability from 0 to 1",
        "write:error=EIO:seed=x | 22 | a whole number of 64 bits",
        "write:short=0 | 13 | a number from 1 to 999999999",
        "write:kill_enter=thread | 18 | process or tree",
        "write:path=/a{b:error=EIO | 14 | a group with its }",
        "write:path=[a:error=EIO | 12 | a set of characters with its ]",
        "write:drop=1 | 7 | error=, retval=, signal=, syscall=,",
        "fault=write:signal=3 | 13 | error=, syscall=, when=,",
        "inject=write:error=NO | 20 | an error such as ENOSPC",
      })
  void aBadTextTellsWhereAndWhatWasExpected(String text, int column, String expected) {
    BadFaultRuleException bad =
        assertThrows(BadFaultRuleException.class, () -> FaultRule.parse(text));
    assertEquals(1, bad.line());
    assertEquals(column, bad.column(), bad::getMessage);
    assertTrue(bad.expected().startsWith(expected), bad::getMessage);
    assertTrue(
        bad.getMessage().startsWith("line 1, column " + column + ": expected " + expected),
        bad::getMessage);
  }

  @Test
  void aPatternThatIsTooLongIsRefusedAsOne() {
    String text = "write:error=EIO:path=" + "*".repeat(100_000);
    BadFaultRuleException bad =
        assertThrows(BadFaultRuleException.class, () -> FaultRule.parse(text));
    assertEquals(22, bad.column());
  }

  @Test
  void aFileOfRulesHasOneALine() {
    String file =
        "# the disk is full\n\n  fault=write:error=ENOSPC\n\tinject=fsync:error=EIO:when=2\n";
    assertEquals(
        List.of("write:error=ENOSPC", "fsync:error=EIO:when=2"),
        FaultRule.parseAll(file).stream().map(FaultRule::toString).toList());
    BadFaultRuleException bad =
        assertThrows(
            BadFaultRuleException.class,
            () -> FaultRule.parseAll("# nothing\nwrite:error=EIO\n  fsync:error=EEE\n"));
    assertEquals(3, bad.line());
    assertEquals(15, bad.column());
  }

  @Test
  void aRuleIsPutTogetherAsItIsWritten() {
    FaultRule rule =
        FaultRule.on("write,pwrite64")
            .where(CallCondition.path("a:b*"))
            .when(When.between(2, 8).by(3))
            .counting(Counting.TREE)
            .chance(0.5, 7)
            .error(Errno.ENOSPC)
            .signal(Signal.SIGUSR1)
            .delayEnter(Duration.ofMillis(5));
    String text =
        "write,pwrite64:path=a\\:b*:error=ENOSPC:signal=SIGUSR1:delay_enter=5000us"
            + ":chance=0.5:seed=7:count=tree:when=2..8+3";
    assertEquals(text, rule.toString());
    assertEquals(text, FaultRule.parse(text).toString());
    assertEquals(Set.of("write", "pwrite64"), rule.calls());
    assertThrows(IllegalArgumentException.class, () -> rule.retval(3));
    assertThrows(IllegalArgumentException.class, () -> rule.delayEnter(Duration.ZERO));
  }

  @Property
  void whatIsWrittenOfAnyNumbersIsReadAgain(
      @ForAll @IntRange(min = 1, max = 65534) int first,
      @ForAll @IntRange(min = 0, max = 65534) int more,
      @ForAll @IntRange(min = 1, max = 65535) int step) {
    When range = When.between(first, Math.min(65534, first + more));
    for (When when : List.of(range, range.by(step), When.from(first), When.from(first).by(step))) {
      When read = When.parse(when.toString());
      for (int call = first - 2; call < first + 3 * Math.min(step, 100); call++) {
        assertEquals(when.includes(call), read.includes(call), when.toString());
      }
    }
  }

  @Property
  void theNextCallIsTheFirstThatIsIncluded(
      @ForAll @IntRange(min = 1, max = 40) int first,
      @ForAll @IntRange(max = 40) int more,
      @ForAll @IntRange(min = 1, max = 9) int step,
      @ForAll @IntRange(max = 100) int after) {
    for (When when : List.of(new When(first, first + more, step), When.from(first).by(step))) {
      long next =
          LongStream.range(after + 1, 200)
              .filter(when::includes)
              .findFirst()
              .orElse(Long.MAX_VALUE);
      assertEquals(next, when.next(after), when.toString());
    }
  }

  @Test
  void aRangeWithoutAnEndHasNone() {
    assertTrue(When.from(1).includes(Integer.MAX_VALUE + 1L));
  }

  @Property
  void anyTextIsARuleOrTellsWhereItIsNot(@ForAll @From("nearlyRules") String text) {
    try {
      String written = FaultRule.parse(text).toString();
      assertEquals(written, FaultRule.parse(written).toString());
    } catch (BadFaultRuleException e) {
      assertTrue(e.column() >= 1 && e.column() <= text.length() + 1, e::getMessage);
      assertFalse(e.expected().isEmpty());
    }
  }

  @Provide
  Arbitrary<String> nearlyRules() {
    Arbitrary<String> parts =
        Arbitraries.of(
            "write",
            "inject=",
            "fault=",
            ":",
            ":",
            "error=",
            "EIO",
            "when=",
            "3",
            "..",
            "+",
            "7",
            "path=",
            "*",
            "[",
            "{",
            "}",
            "\\",
            "short=",
            "poke_exit=",
            "@arg1=",
            "41",
            ",",
            "!",
            "%desc",
            "drop",
            "delay_exit=",
            "ms",
            "0x",
            "-",
            "/",
            "é",
            "retval=",
            "chance=",
            ".");
    return parts.list().ofMaxSize(12).map(list -> String.join("", list));
  }

  @ParameterizedTest
  @CsvSource({
    "*.db, /tmp/a.db, true",
    "*.db, /tmp/a.db/b, false",
    "a?c, /x/abc, true",
    "a?c, /x/a/c, false",
    "/tmp/**, /tmp/a/b, true",
    "/tmp/*, /tmp/a/b, false",
    "tmp/*, /x/tmp/a, true",
    "tmp/*, /xtmp/a, false",
    "[!a-c]x, /dx, true",
    "[!a-c]x, /ax, false",
    "[^a]x, /^x, true",
    "'{a,b*}.txt', /bcd.txt, true",
    "'{a,b*}.txt', /c.txt, false",
    "a.b, /axb, false",
    "\\*, /*, true",
    "\\*, /a, false",
  })
  void patternsMatchPaths(String glob, String path, boolean matches) {
    assertEquals(matches, PathPattern.parse(glob).matches(path));
  }
}
