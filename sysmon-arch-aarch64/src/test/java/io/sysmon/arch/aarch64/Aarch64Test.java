package io.sysmon.arch.aarch64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.decode.SyscallTable;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SyscallConvention;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Facts from arm64's asm/ptrace.h, asm-generic/unistd.h, linux/audit.h and elf.h. */
class Aarch64Test {
  private final Architecture architecture = new Aarch64();
  private final RegisterLayout registers = architecture.registers();

  @ParameterizedTest
  @CsvSource({
    "x0, 0",
    "x1, 8",
    "x7, 56",
    "x8, 64",
    "x29, 232",
    "x30, 240",
    "sp, 248",
    "pc, 256",
    "pstate, 264"
  })
  void aRegisterLiesWhereUserPtRegsHasIt(String name, int offset) {
    assertEquals(offset, registers.offset(name));
  }

  @ParameterizedTest
  @CsvSource({"0, x0", "19, x19", "29, x29", "30, x30", "31, sp"})
  void aRegisterHasTheNumberThatDwarfGivesIt(int number, String name) {
    assertEquals(name, architecture.dwarfRegisters().names().get(number));
  }

  @Test
  void framesAreFoundBySpAndX29() {
    assertEquals(31, architecture.dwarfRegisters().stackPointer());
    assertEquals(29, architecture.dwarfRegisters().framePointer());
  }

  @Test
  void theSetHasTheSizeOfUserPtRegs() {
    assertEquals(272, registers.size());
  }

  @Test
  void argumentsAreTheFirstSixRegisters() {
    SyscallConvention convention = architecture.convention(0).orElseThrow();
    for (int index = 0; index < 6; index++) {
      assertEquals(registers.offset("x" + index), convention.argument(index));
    }
  }

  @Test
  void numberResultAndPointersAreInTheirRegisters() {
    assertEquals(registers.offset("x8"), registers.callNumber());
    assertEquals(registers.offset("x0"), registers.result());
    assertEquals(registers.offset("pc"), registers.instructionPointer());
    assertEquals(registers.offset("sp"), registers.stackPointer());
  }

  @Test
  void theNumberIsWrittenThroughARegisterSetOfItsOwn() {
    assertEquals(0x404, architecture.numberRegset());
  }

  @ParameterizedTest
  @CsvSource({"0xC00000B7, aarch64", "0x40000028, arm"})
  void theConventionFollowsFromArch(String arch, String abi) {
    int index = architecture.abiIndex(Long.decode(arch).intValue(), 3);
    assertEquals(abi, architecture.abis().get(index).name());
  }

  @Test
  void theInstructionIsSvcZero() {
    byte[] instruction = architecture.convention(0).orElseThrow().instruction();
    assertArrayEquals(new byte[] {0x01, 0x00, 0x00, (byte) 0xd4}, instruction);
    assertTrue(architecture.isSyscallInstruction(instruction));
  }

  @Test
  void callsOf32BitProgramsAreToldButHaveNoConvention() {
    int arm = architecture.abiIndex(0x40000028, 3);
    assertTrue(architecture.convention(arm).isEmpty());
    assertFalse(architecture.hasGetRegs());
  }

  @ParameterizedTest
  @CsvSource({
    "openat, 56",
    "read, 63",
    "write, 64",
    "ppoll, 73",
    "newfstatat, 79",
    "clone, 220",
    "execve, 221",
    "mmap, 222",
    "close_range, 436",
    "rseq_slice_yield, 471"
  })
  void aCallHasItsNumber(String name, int number) {
    assertEquals(number, SyscallTable.get().abi("aarch64").number(name));
  }

  @ParameterizedTest
  @CsvSource({"open", "stat", "pipe", "fork", "vfork", "access", "poll"})
  void theOldCallsDoNotExist(String name) {
    assertEquals(-1, SyscallTable.get().abi("aarch64").number(name));
  }

  @Test
  void itIsForTheNameThatJvmsGiveThisCpu() {
    assertTrue(architecture.isHost("aarch64"));
    assertFalse(architecture.isHost("amd64"));
    assertFalse(architecture.isHost("arm"));
  }

  @Test
  void itIsFoundByServiceLoader() {
    assertTrue(
        ServiceLoader.load(Architecture.class).stream()
            .anyMatch(provider -> provider.type() == Aarch64.class));
  }
}
