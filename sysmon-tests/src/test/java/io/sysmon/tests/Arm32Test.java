package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.SeccompMode;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceException;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** 32-bit ARM programs on a 64-bit kernel: their calls are told by name, and cannot be changed. */
class Arm32Test {
  private static final int ADDRESS = 0x10000;
  private static final int HEADERS_SIZE = 84;
  private static final String TEXT = "arm32\n";

  @TempDir private Path directory;
  private Path program;

  @BeforeEach
  void makeProgram() throws IOException {
    Cpu.AARCH64.assume();
    program = directory.resolve("program");
    Files.write(program, elf());
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** An executable of one segment: getpid, write(1, TEXT, 6), exit(10). */
  private static byte[] elf() {
    int[] code = {
      0xe3a07014, // mov r7, #20
      0xef000000, // svc #0
      0xe3a00001, // mov r0, #1
      0xe28f1014, // add r1, pc, #20
      0xe3a02006, // mov r2, #6
      0xe3a07004, // mov r7, #4
      0xef000000, // svc #0
      0xe3a0000a, // mov r0, #10
      0xe3a07001, // mov r7, #1
      0xef000000, // svc #0
    };
    byte[] text = TEXT.getBytes(StandardCharsets.US_ASCII);
    int size = HEADERS_SIZE + code.length * Integer.BYTES + text.length;
    ByteBuffer elf = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 1, 1, 1, 0}).putLong(0);
    // ET_EXEC, EM_ARM, version, entry, program headers at 52, no sections, EABI 5.
    elf.putShort((short) 2).putShort((short) 40).putInt(1).putInt(ADDRESS + HEADERS_SIZE);
    elf.putInt(52).putInt(0).putInt(0x05000000);
    elf.putShort((short) 52).putShort((short) 32).putShort((short) 1);
    elf.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    // PT_LOAD of all of it, readable and executable.
    elf.putInt(1).putInt(0).putInt(ADDRESS).putInt(ADDRESS).putInt(size).putInt(size);
    elf.putInt(5).putInt(0x1000);
    for (int instruction : code) {
      elf.putInt(instruction);
    }
    return elf.put(text).array();
  }

  private ProcessBuilder command() {
    return new ProcessBuilder(program.toString());
  }

  private static SyscallListener calls(Consumer<String> enter, Consumer<String> exit) {
    return new SyscallListener() {
      @Override
      public Interest interest() {
        return Interest.of("execve", "getpid", "write");
      }

      @Override
      public void onEnter(SyscallEnter call) {
        enter.accept(call.abi() + " " + call.name());
      }

      @Override
      public void onExit(SyscallExit call) {
        exit.accept(call.abi() + " " + call.name() + " " + (call.result() == call.pid()));
      }
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "OFF"})
  void itsCallsAreToldByNameInTheirAbi(SeccompMode mode) {
    List<String> entries = new ArrayList<>();
    List<String> exits = new ArrayList<>();
    Outcome outcome = Outcome.traced(mode, command(), calls(entries::add, exits::add));
    assertEquals(new Outcome(TEXT, "", 10), outcome);
    assertEquals(List.of("aarch64 execve", "arm getpid", "arm write"), entries);
    assertTrue(exits.contains("arm getpid true"), exits::toString);
    assertTrue(exits.contains("arm write false"), exits::toString);
  }

  @Test
  void itsArgumentsAreWordsAndItsMemoryIsRead() {
    List<Object> seen = new ArrayList<>();
    SyscallListener reader =
        SyscallListener.onEnter(
            Interest.enter("write"),
            call -> {
              seen.add(call.arg(0));
              seen.add(new String(call.bytes(1, (int) call.arg(2)), StandardCharsets.US_ASCII));
              seen.add(call.abi().wordSize());
            });
    Outcome.traced(command(), reader);
    assertEquals(List.of(1L, TEXT, Integer.BYTES), seen);
  }

  @Test
  void whatWouldChangeItIsRefusedAndItGoesOn() {
    List<String> refusals = new ArrayList<>();
    SyscallListener changing =
        SyscallListener.onEnter(
            Interest.enter("write"),
            call -> {
              List<Runnable> changes =
                  List.of(
                      () -> call.setArg(0, 2),
                      () -> call.setNumber("getpid"),
                      () -> call.skip(6),
                      () -> call.relocateString(1, "other"),
                      () -> call.syscall("getpid"));
              for (Runnable change : changes) {
                refusals.add(
                    assertThrows(IllegalTraceeStateException.class, change::run).getMessage());
              }
              refusals.add(
                  assertThrows(TraceException.class, () -> call.registers().get("x0"))
                      .getMessage());
            });
    assertEquals(new Outcome(TEXT, "", 10), Outcome.traced(command(), changing));
    assertEquals(6, refusals.size());
    assertTrue(
        refusals.get(0).startsWith("Changing arm calls is not supported"), refusals::toString);
    assertTrue(refusals.get(4).contains("32-bit programs on aarch64"), refusals::toString);
    assertTrue(refusals.get(5).contains("runs 32-bit code"), refusals::toString);
  }
}
