package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import org.junit.jupiter.api.Test;

class TableParserTest {
  private static final String READ = "read 0 3 63 desc size fd:fd buf:buf_out(len=ret) count:size";

  @Test
  void aLineDescribesACallOnEveryAbi() {
    SyscallTable table = SyscallTable.parse("t", List.of("# comment", "", READ + " # more"));
    assertEquals(
        "read(fd:fd, buf:buf_out(len=ret), count:size) = size [desc]",
        table.abi("i386").byNumber(3).toString());
  }

  @Test
  void anOverrideReplacesResultAndArgumentsOnOneAbi() {
    SyscallTable table = SyscallTable.parse("t", List.of(READ, "read@i386 int arg:hex"));
    assertEquals("read(arg:hex) = int [desc]", table.abi("i386").byNumber(3).toString());
    assertEquals(3, table.abi("x86_64").byNumber(0).arguments().size());
  }

  @Test
  void theMessageSaysWhereAndWhat() {
    assertProblem("t:1:1: a line has at least 6 columns, this one 3", "read 0 3");
    assertProblem("t:2:1: 'read' is described twice", READ, READ);
    assertProblem("t:1:6: 'zero' is not a number", "read zero - - - int");
    assertProblem("t:1:6: '70000' is not a system call number", "read 70000 - - - int");
    assertProblem("t:2:7: x86_64 number 0 is already read", READ, "write 0 - - - int");
    assertProblem("t:1:18: an argument is written name:kind", "read 0 - - - int fd");
    assertProblem("t:1:18: an argument is written name:kind", "read 0 - - - int fd:");
    assertProblem(
        "t:1:29: 'count' is neither an argument, nor a number, nor 'ret'",
        "read 0 - - - int b:buf_in(n=count)");
    assertProblem("t:1:23: 'F' is no part of a name", "read 0 - - - int fd:flFd");
    assertProblem("t:1:26: ')' is missing", "read 0 - - - int f:flags(x");
    assertProblem("t:1:26: a name is missing", "read 0 - - - int f:flags()");
    assertProblem(
        "t:1:28: only the first word in parentheses has no key", "read 0 - - - int f:flags(x,y)");
    assertProblem(
        "t:1:28: 'z' is none of [by, len, n, opt, size, when]", "read 0 - - - int f:flags(x,z=1)");
    assertProblem(
        "t:1:31: the condition is 'ret', 'interrupted' or 'always'",
        "read 0 - - - int b:out(x,when=never)");
    assertProblem("t:1:1: an override follows the line of its call", "read@i386 int");
    assertProblem("t:2:6: 'sparc' is not an ABI of this table", READ, "read@sparc int");
    assertProblem("t:2:1: i386 has no such call", "read 0 - - - int", "read@i386 int");
    assertProblem(
        "t:1:12: classes are different words with commas between them", "read 0 - - a,,b int");
    assertProblem(
        "t:1:44: there are only six argument registers",
        "read 0 - - - int b:int c:int d:int e:loff2 f:loff2");
    assertProblem("t:1:26: registers go up from 1 to 5", "read 0 - - - int a:int b@0:int");
    assertProblem("t:1:20: registers go up from 0 to 5", "read 0 - - - int a@6:int");
  }

  private static void assertProblem(String message, String... lines) {
    BadTableException e =
        assertThrows(
            BadTableException.class,
            () -> SyscallTable.parse("t", List.of(lines)),
            () -> String.join("\n", lines));
    assertEquals(message, e.getMessage());
  }

  @Property
  void anyTextIsATableOrABadTable(@ForAll List<@CharRange(from = ' ', to = '~') String> lines) {
    try {
      SyscallTable.parse("t", lines);
    } catch (BadTableException e) {
      assertEquals(lines.get(e.line() - 1).isEmpty(), false);
    }
  }
}
