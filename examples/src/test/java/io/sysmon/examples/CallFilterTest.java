package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallFilterTest {
  private static final List<String> SOME = List.of("read", "openat", "stat", "fork", "mmap");

  private static String accepted(String expression) {
    CallFilter filter = CallFilter.parse(expression);
    Stream<String> names = SOME.stream().filter(filter::accepts);
    return String.join(" ", names.toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "read;read",
        "read,mmap;read mmap",
        "read,;read",
        "!read,mmap;openat stat fork",
        "!!read;read",
        "!openat;read stat fork mmap",
        "%file;openat stat",
        "file;openat stat",
        "%memory,fork;fork mmap",
        "%%stat;stat",
        "fork,all;read openat stat fork mmap",
        "!%file;read fork mmap",
        "/^(open|st);openat stat",
        "?no_such_call,read;read",
        "all;read openat stat fork mmap",
        "!none;read openat stat fork mmap",
        "none;''",
        "!all;''"
      })
  void expressionsAreStraces(String expression, String expected) {
    assertEquals(expected, accepted(expression));
  }

  @Test
  void theInterestCoversWhatIsAccepted() {
    for (String expression : List.of("read", "!read", "all", "%file", "/o")) {
      CallFilter filter = CallFilter.parse(expression);
      for (String name : SOME) {
        boolean wanted = filter.interest().wantsEnter(name) && filter.interest().wantsExit(name);
        assertTrue(wanted || !filter.accepts(name), expression + " and " + name);
      }
    }
    assertTrue(CallFilter.parse("none").interest().isEmpty());
    assertFalse(CallFilter.parse("read").interest().wantsEnter("mmap"));
    assertFalse(CallFilter.parse("!mmap").interest().wantsEnter("mmap"));
    assertTrue(CallFilter.parse("!mmap").interest().wantsEnter("syscall_0x1f4"));
  }

  @Test
  void aCallWithoutANameIsAcceptedUnlessCallsAreNamed() {
    assertTrue(CallFilter.all().accepts("syscall_0x1f4"));
    assertTrue(CallFilter.parse("!read").accepts("syscall_0x1f4"));
    assertFalse(CallFilter.parse("read").accepts("syscall_0x1f4"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "opena|invalid system call 'opena'; did you mean open, openat?",
        "''|invalid system call ''",
        ",|invalid system call ','",
        "!|invalid system call '!'",
        "qqqqqqqqq|invalid system call 'qqqqqqqqq'",
        "read,none|invalid system call 'none'",
        "/(|regcomp: (: Unclosed group"
      })
  void whatCannotBeMeantIsAnError(String expression, String message) {
    UserException e = assertThrows(UserException.class, () -> CallFilter.parse(expression));
    assertEquals(message, e.getMessage());
  }

  @Test
  void anUnknownClassIsAnsweredWithTheClasses() {
    UserException e = assertThrows(UserException.class, () -> CallFilter.parse("%files"));
    assertTrue(e.getMessage().startsWith("invalid system call '%files'; the classes are %"));
    assertTrue(e.getMessage().contains("%file, "));
  }
}
