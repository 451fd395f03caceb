package io.sysmon.tests.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.decode.SyscallTable;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SyscallConvention;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that kernels gave at the entry of a getppid, which {@code rewrite_registers raw} made with
 * a known value in every register: what {@code PTRACE_GET_SYSCALL_INFO} and {@code NT_PRSTATUS}
 * had.
 */
class CapturedStopsTest {
  private static final String INFO = "internal.sys.Ptrace";

  /**
   * One stop.
   *
   * @param address of the system call instruction, as the guest printed it
   */
  record Captured(
      String architecture, long address, long stackPointer, String info, String registers) {
    @Override
    public String toString() {
      return architecture;
    }

    ByteBuffer infoBytes() {
      return buffer(info);
    }

    ByteBuffer registerBytes() {
      return buffer(registers);
    }

    private static ByteBuffer buffer(String hex) {
      return ByteBuffer.wrap(HexFormat.of().parseHex(hex)).order(ByteOrder.LITTLE_ENDIAN);
    }

    Architecture installed() {
      return ArchitectureContractTest.installed()
          .filter(one -> one.name().equals(architecture))
          .findAny()
          .orElseThrow();
    }
  }

  /** Linux 6.18. */
  private static final Captured X86_64 =
      new Captured(
          "x86_64",
          0x4017e7,
          0x7fffffffe3b0L,
          "010000003e0000c0e917400000000000b0e3ffffff7f00006e0000000000000004100000"
              + "000000000310000000000000021000000000000008100000000000000610000000000000"
              + "0710000000000000",
          "0c100000000000000b100000000000000a10000000000000091000000000000005100000"
              + "000000000110000000000000460200000000000008100000000000000710000000000000"
              + "0610000000000000daffffffffffffffe917400000000000021000000000000003100000"
              + "0000000004100000000000006e00000000000000e9174000000000003300000000000000"
              + "4602000000000000b0e3ffffff7f00002b00000000000000c0a34e000000000000000000"
              + "000000000000000000000000000000000000000000000000000000000000000000000000");

  /** Linux 6.1. */
  private static final Captured AARCH64 =
      new Captured(
          "aarch64",
          0x400730,
          0xffffe696f200L,
          "01000000b70000c0340740000000000000f296e6ffff0000ad0000000000000000100000"
              + "000000000110000000000000021000000000000003100000000000000410000000000000"
              + "0510000000000000",
          "001000000000000001100000000000000210000000000000031000000000000004100000"
              + "00000000051000000000000006100000000000000000000000000000ad00000000000000"
              + "09100000000000000a100000000000000b100000000000000c100000000000000d100000"
              + "000000000e100000000000000f1000000000000010100000000000001110000000000000"
              + "121000000000000013100000000000001410000000000000151000000000000016100000"
              + "000000001710000000000000181000000000000019100000000000001a10000000000000"
              + "1b100000000000001c100000000000001d1000000000000080f396e6ffff000000f296e6"
              + "ffff000034074000000000000010006000000000");

  static Stream<Captured> stops() {
    return Stream.of(X86_64, AARCH64);
  }

  private static int offset(String field) {
    return (int) LibraryConstant.of(INFO, "INFO_" + field + "_OFFSET");
  }

  @ParameterizedTest
  @MethodSource("stops")
  void theInformationOfACallIsWhereTheLibraryReadsIt(Captured stop) {
    Architecture architecture = stop.installed();
    ByteBuffer info = stop.infoBytes();
    assertEquals(LibraryConstant.of(INFO, "SYSCALL_INFO_ENTRY"), info.get(0));
    assertEquals(architecture.abis().get(0).auditArch(), info.getInt(offset("ARCH")));
    int length = architecture.convention(0).orElseThrow().instruction().length;
    assertEquals(stop.address + length, info.getLong(offset("IP")));
    assertEquals(stop.stackPointer, info.getLong(offset("SP")));
    assertEquals(
        SyscallTable.get().abi(stop.architecture).number("getppid"), info.getLong(offset("NR")));
  }

  @ParameterizedTest
  @MethodSource("stops")
  void theRegistersOfTheCallAreTheOnesOfTheConvention(Captured stop) {
    Architecture architecture = stop.installed();
    RegisterLayout layout = architecture.registers();
    SyscallConvention convention = architecture.convention(0).orElseThrow();
    ByteBuffer registers = stop.registerBytes();
    ByteBuffer info = stop.infoBytes();
    assertEquals(layout.size(), registers.capacity());
    assertEquals(info.getLong(offset("IP")), registers.getLong(layout.instructionPointer()));
    assertEquals(info.getLong(offset("SP")), registers.getLong(layout.stackPointer()));
    assertEquals(info.getLong(offset("NR")), registers.getLong(layout.enteredNumber()));
    for (int i = 0; i < 6; i++) {
      assertEquals(
          info.getLong(offset("ARGS") + i * Long.BYTES), registers.getLong(convention.argument(i)));
    }
  }

  @Test
  void eachRegisterOfX86HasItsValue() {
    List<String> names =
        List.of(
            "rax", "rbx", "rdx", "rsi", "rdi", "rbp", "r8", "r9", "r10", "r12", "r13", "r14",
            "r15");
    RegisterLayout layout = X86_64.installed().registers();
    for (String name : names.subList(1, names.size())) {
      assertEquals(
          0x1000 + names.indexOf(name), X86_64.registerBytes().getLong(layout.offset(name)), name);
    }
  }

  @Test
  void eachRegisterOfAarch64HasItsValue() {
    RegisterLayout layout = AARCH64.installed().registers();
    for (int i = 0; i < 30; i++) {
      // x7 tells that it is an entry; x8 has the number.
      long expected = i == 7 ? 0 : i == 8 ? 173 : 0x1000 + i;
      assertEquals(expected, AARCH64.registerBytes().getLong(layout.offset("x" + i)), "x" + i);
    }
  }
}
