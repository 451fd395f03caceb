package io.sysmon.arch.x86_64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Abi;
import io.sysmon.decode.SyscallTable;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SyscallConvention;
import java.util.HexFormat;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Facts from sys/user.h, asm/unistd.h, linux/audit.h and the System V ABI's syscall convention. */
class X86_64Test {
  private final Architecture architecture = new X86_64();
  private final RegisterLayout registers = architecture.registers();

  @ParameterizedTest
  @CsvSource({
    "r15, 0",
    "r14, 8",
    "r13, 16",
    "r12, 24",
    "rbp, 32",
    "rbx, 40",
    "r11, 48",
    "r10, 56",
    "r9, 64",
    "r8, 72",
    "rax, 80",
    "rcx, 88",
    "rdx, 96",
    "rsi, 104",
    "rdi, 112",
    "orig_rax, 120",
    "rip, 128",
    "cs, 136",
    "eflags, 144",
    "rsp, 152",
    "ss, 160",
    "fs_base, 168",
    "gs_base, 176",
    "ds, 184",
    "es, 192",
    "fs, 200",
    "gs, 208"
  })
  void aRegisterLiesWhereUserRegsStructHasIt(String name, int offset) {
    assertEquals(offset, registers.offset(name));
  }

  /** The order of the System V ABI is not that of the instruction set. */
  @ParameterizedTest
  @CsvSource({
    "0, rax", "1, rdx", "2, rcx", "3, rbx", "4, rsi", "5, rdi", "6, rbp", "7, rsp", "8, r8",
    "12, r12", "13, r13", "14, r14", "15, r15", "16, rip"
  })
  void aRegisterHasTheNumberThatDwarfGivesIt(int number, String name) {
    assertEquals(name, architecture.dwarfRegisters().names().get(number));
  }

  @Test
  void framesAreFoundByRspAndRbp() {
    assertEquals(7, architecture.dwarfRegisters().stackPointer());
    assertEquals(6, architecture.dwarfRegisters().framePointer());
  }

  @Test
  void theSetHasTheSizeOfUserRegsStruct() {
    assertEquals(216, registers.size());
  }

  private SyscallConvention convention(String abi) {
    List<String> names = architecture.abis().stream().map(Abi::name).toList();
    return architecture.convention(names.indexOf(abi)).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "x86_64, rdi rsi rdx r10 r8 r9",
    "i386, rbx rcx rdx rsi rdi rbp",
    "x32, rdi rsi rdx r10 r8 r9"
  })
  void anArgumentIsInItsRegister(String abi, String names) {
    int[] offsets = Stream.of(names.split(" ", -1)).mapToInt(registers::offset).toArray();
    assertArrayEquals(offsets, IntStream.range(0, 6).map(convention(abi)::argument).toArray());
  }

  @Test
  void numberResultAndPointersAreInTheirRegisters() {
    assertEquals(registers.offset("rax"), registers.callNumber());
    assertEquals(registers.offset("orig_rax"), registers.enteredNumber());
    assertEquals(registers.offset("rax"), registers.result());
    assertEquals(registers.offset("rip"), registers.instructionPointer());
    assertEquals(registers.offset("rsp"), registers.stackPointer());
    assertEquals(0, architecture.numberRegset());
  }

  @ParameterizedTest
  @CsvSource({
    "0xC000003E, 0, x86_64",
    "0xC000003E, 471, x86_64",
    "0xC000003E, -1, x86_64",
    "0x40000003, 4, i386",
    "0xC000003E, 0x40000001, x32"
  })
  void theConventionFollowsFromArchAndNumber(String arch, String number, String abi) {
    int index = architecture.abiIndex(Long.decode(arch).intValue(), Long.decode(number));
    assertEquals(abi, architecture.abis().get(index).name());
  }

  @ParameterizedTest
  @CsvSource({"x86_64, 0f05", "i386, cd80", "x32, 0f05"})
  void theInstructionIsSyscallOrInt0x80(String abi, String bytes) {
    assertArrayEquals(HexFormat.of().parseHex(bytes), convention(abi).instruction());
  }

  @ParameterizedTest
  @CsvSource({
    "0f05, true",
    "0f34, true",
    "cd80, true",
    "cd81, false",
    "0f0b, false",
    "cc05, false"
  })
  void syscallSysenterAndInt0x80MakeSystemCalls(String bytes, boolean makes) {
    assertEquals(makes, architecture.isSyscallInstruction(HexFormat.of().parseHex(bytes)));
  }

  @Test
  void everyTasksRegistersHaveTheOneLayout() {
    assertTrue(architecture.hasGetRegs());
  }

  @ParameterizedTest
  @CsvSource({
    "x86_64, read, 0", "x86_64, execve, 59", "x86_64, ppoll, 271", "x86_64, close_range, 436",
    "i386, read, 3", "i386, execve, 11", "i386, socketcall, 102", "x32, read, 0x40000000",
    "x32, execve, 0x40000208"
  })
  void aCallHasItsNumber(String abi, String name, String number) {
    assertEquals(Integer.decode(number), SyscallTable.get().abi(abi).number(name));
  }

  @Test
  void itIsForTheNamesThatJvmsGiveThisCpu() {
    assertTrue(architecture.isHost("amd64"));
    assertTrue(architecture.isHost("x86_64"));
    assertFalse(architecture.isHost("x86"));
    assertFalse(architecture.isHost("aarch64"));
  }

  @Test
  void itIsFoundByServiceLoader() {
    assertTrue(
        ServiceLoader.load(Architecture.class).stream()
            .anyMatch(provider -> provider.type() == X86_64.class));
  }
}
