package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class SyscallSetTest {
  private static BadSyscallSetException bad(String text) {
    return assertThrows(BadSyscallSetException.class, () -> SyscallSet.parse(text));
  }

  @Test
  void whatIsNamedIsInIt() {
    SyscallSet set = SyscallSet.parse("read,?no_such_call,/^epoll_pwait2?$");
    assertEquals(Set.of("read", "epoll_pwait", "epoll_pwait2"), set.names());
    assertFalse(set.contains("no_such_call"));
  }

  @Test
  void anExclamationMarkMeansAllOthersAlsoThoseWithoutAName() {
    SyscallSet set = SyscallSet.parse("!%file,read");
    assertFalse(set.contains("read"));
    assertFalse(set.contains("openat"));
    assertTrue(set.contains("syscall_0x1f4"));
    assertTrue(set.names().contains("write"));
    assertEquals(SyscallSet.parse("read"), SyscallSet.parse("!!read"));
  }

  @Test
  void allHasWhatHasNoNameAndNoneHasNothing() {
    assertEquals(SyscallSet.ALL, SyscallSet.parse("all"));
    assertEquals(SyscallSet.ALL, SyscallSet.parse("!none"));
    assertTrue(SyscallSet.ALL.contains("syscall_0x1f4"));
    assertEquals(SyscallTable.get().names(), SyscallSet.ALL.names());
    assertEquals(Set.of(), SyscallSet.parse("none").names());
  }

  @Test
  void classesOfStraceThatHaveSeveralAreThere() {
    assertEquals(SyscallSet.parse("%network"), SyscallSet.parse("%net"));
    assertEquals(SyscallSet.parse("%stat,%lstat,%fstat"), SyscallSet.parse("%%stat"));
    assertTrue(SyscallSet.parse("%%statfs").contains("ustat"));
  }

  @Test
  void aCommaInARegularExpressionHasABackslash() {
    assertEquals(Set.of("exit_group"), SyscallSet.parse("/^exit[\\,_]").names());
  }

  @Test
  void whatIsWrongIsToldWithItsPlace() {
    BadSyscallSetException unknown = bad("read,opeat,write");
    assertEquals(5, unknown.begin());
    assertEquals(10, unknown.end());
    assertEquals("openat", unknown.suggestions().get(0));
    assertTrue(unknown.getMessage().endsWith("at character 6 of 'read,opeat,write'"));
    BadSyscallSetException regex = bad("read,/(a");
    assertEquals(8, regex.begin());
    assertInstanceOf(PatternSyntaxException.class, regex.getCause());
    assertEquals(List.of(), bad("%files").suggestions());
    assertEquals(1, bad("!").begin());
    assertEquals(0, bad(",,").begin());
  }

  @Property
  void anyTextIsASetOrTellsWhereItIsNone(
      @ForAll
          @StringLength(max = 12)
          @Chars({'r', 'e', 'a', 'd', ',', '/', '\\', '%', '?', '!', '('})
          String text) {
    try {
      SyscallSet set = SyscallSet.parse(text);
      assertTrue(SyscallTable.get().names().containsAll(set.members()), text);
    } catch (BadSyscallSetException e) {
      assertTrue(0 <= e.begin() && e.begin() <= e.end() && e.end() <= text.length(), text);
    }
  }
}
