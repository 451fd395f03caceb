package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.decode.EventFormat.Field;
import java.util.List;
import org.junit.jupiter.api.Test;

/** For kernels whose formats cannot be read here. */
class EventFormatTest {
  private static final String COMMON =
      """
      name: sys_enter_NAME
      ID: 782
      format:
      \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
      \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
      \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
      \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

      \tfield:int __syscall_nr;\toffset:8;\tsize:4;\tsigned:1;
      """;

  private static List<Field> arguments(String own) {
    return EventFormat.parse((COMMON + own).lines().toList()).arguments();
  }

  @Test
  void argumentsAreTheFieldsAfterTheNumber() {
    String openat =
        """
        \tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;
        \tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;
        \tfield:int flags;\toffset:32;\tsize:8;\tsigned:0;
        \tfield:umode_t mode;\toffset:40;\tsize:8;\tsigned:0;

        print fmt: "dfd: 0x%08lx, filename: 0x%08lx", ((unsigned long)(REC->dfd))
        """;
    List<Field> arguments = arguments(openat);
    assertEquals(
        List.of(
            new Field("int", "dfd"),
            new Field("const char *", "filename"),
            new Field("int", "flags"),
            new Field("umode_t", "mode")),
        arguments);
    assertTrue(arguments.get(1).isPointer() && !arguments.get(0).isPointer());
  }

  @Test
  void aCallMayHaveNoArguments() {
    assertEquals(List.of(), arguments("\nprint fmt: \"\"\n"));
  }

  @Test
  void whatIsCopiedFromTheProgramIsNoArgument() {
    String write =
        """
        \tfield:unsigned int fd;\toffset:16;\tsize:8;\tsigned:0;
        \tfield:const char * buf;\toffset:24;\tsize:8;\tsigned:0;
        \tfield:size_t count;\toffset:32;\tsize:8;\tsigned:0;
        \tfield:__data_loc char[] __buf_val;\toffset:40;\tsize:4;\tsigned:0;
        """;
    assertEquals(
        List.of("fd", "buf", "count"), arguments(write).stream().map(Field::name).toList());
  }

  @Test
  void pointersToStructuresKeepTheirTypes() {
    String readv = "\tfield:const struct iovec * vec;\toffset:24;\tsize:8;\tsigned:0;\n";
    assertEquals(List.of(new Field("const struct iovec *", "vec")), arguments(readv));
  }
}
