package io.sysmon.tests.arch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Abi;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallTable;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SyscallConvention;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the engine takes for granted of every architecture, whichever is installed. */
class ArchitectureContractTest {
  private static final int ARGUMENTS = 6;

  /** What a thread's off-heap block has room for. */
  private static final int MOST_REGISTER_BYTES = 1024;

  private static final int AUDIT_ARCH_64BIT = 0x80000000;

  /** What is injected into every launched program's process. */
  private static final List<String> INJECTED =
      List.of(
          "chdir",
          "close",
          "close_range",
          "dup3",
          "execve",
          "madvise",
          "mmap",
          "munmap",
          "openat",
          "ppoll",
          "prctl",
          "rt_sigaction",
          "seccomp");

  static Stream<Architecture> installed() {
    return ServiceLoader.load(Architecture.class).stream().map(ServiceLoader.Provider::get);
  }

  /** The installed ones, and the sketch of another one. */
  static Stream<Architecture> all() {
    return Stream.concat(installed(), Stream.of(new Riscv64()));
  }

  @Test
  void bothModulesAreInstalled() {
    assertEquals(
        Set.of("x86_64", "aarch64"), Set.copyOf(installed().map(Architecture::name).toList()));
  }

  @Test
  void eachIsForItsOwnCpuOnly() {
    for (String osArch : List.of("amd64", "x86_64", "aarch64", "riscv64")) {
      assertEquals(1, all().filter(architecture -> architecture.isHost(osArch)).count(), osArch);
    }
    for (String osArch : List.of("x86", "i386", "arm", "ppc64le", "s390x", "")) {
      assertEquals(0, all().filter(architecture -> architecture.isHost(osArch)).count(), osArch);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theFirstAbiIsTheNativeOneOf64Bits(Architecture architecture) {
    Abi first = architecture.abis().get(0);
    assertEquals(architecture.name(), first.name());
    assertEquals(Long.BYTES, first.wordSize());
    assertTrue((first.auditArch() & AUDIT_ARCH_64BIT) != 0);
    assertEquals(
        architecture.abis().size(), architecture.abis().stream().map(Abi::name).distinct().count());
  }

  @ParameterizedTest
  @MethodSource("all")
  void anAbiIsFoundByItsAuditArchitecture(Architecture architecture) {
    List<Abi> abis = architecture.abis();
    for (Abi abi : abis) {
      for (long number : new long[] {0, 1, 471, -1}) {
        int index = architecture.abiIndex(abi.auditArch(), number);
        assertEquals(abi.auditArch(), abis.get(index).auditArch(), abi.name());
      }
    }
    assertEquals(0, architecture.abiIndex(abis.get(0).auditArch(), 0));
    // A call that a tracer skips.
    assertEquals(0, architecture.abiIndex(abis.get(0).auditArch(), -1));
  }

  @ParameterizedTest
  @MethodSource("all")
  void theRegistersFillTheSetWithoutGaps(Architecture architecture) {
    RegisterLayout layout = architecture.registers();
    Set<Integer> offsets = new HashSet<>();
    for (String name : layout.names()) {
      int offset = layout.offset(name);
      assertTrue(offset >= 0 && offset < layout.size() && offset % Long.BYTES == 0, name);
      offsets.add(offset);
    }
    assertEquals(layout.size(), offsets.size() * Long.BYTES);
    assertTrue(layout.size() <= MOST_REGISTER_BYTES);
  }

  @ParameterizedTest
  @MethodSource("all")
  void theRegistersOfACallAreDifferentOnes(Architecture architecture) {
    RegisterLayout layout = architecture.registers();
    assertNotEquals(layout.instructionPointer(), layout.stackPointer());
    for (int abi = 0; abi < architecture.abis().size(); abi++) {
      SyscallConvention convention = architecture.convention(abi).orElse(null);
      if (convention == null) {
        assertNotEquals(0, abi, "the native calls have a convention");
        continue;
      }
      // The result may come in an argument's register, or in the number's.
      Set<Integer> used =
          new HashSet<>(
              List.of(layout.instructionPointer(), layout.stackPointer(), layout.callNumber()));
      for (int i = 0; i < ARGUMENTS; i++) {
        assertTrue(used.add(convention.argument(i)), "argument " + i + " of ABI " + abi);
      }
      assertNotEquals(layout.instructionPointer(), layout.result());
      assertNotEquals(layout.stackPointer(), layout.result());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aSystemCallInstructionIsKnownByItsBytes(Architecture architecture) {
    SyscallConvention convention = architecture.convention(0).orElseThrow();
    byte[] instruction = convention.instruction();
    assertTrue(instruction.length > 0 && instruction.length <= Integer.BYTES);
    assertTrue(architecture.isSyscallInstruction(instruction));
    assertTrue(architecture.isSyscallInstruction(Arrays.copyOf(instruction, Long.BYTES)));
    instruction[0] ^= 1;
    assertFalse(architecture.isSyscallInstruction(instruction));
    assertTrue(
        architecture.isSyscallInstruction(convention.instruction()), "what was handed out is ours");
  }

  @ParameterizedTest
  @MethodSource("all")
  void aBreakpointIsAnInstructionAndNoSystemCall(Architecture architecture) {
    byte[] breakpoint = architecture.breakpointInstruction();
    assertTrue(breakpoint.length > 0);
    assertTrue(breakpoint.length <= architecture.convention(0).orElseThrow().instruction().length);
    assertFalse(architecture.isSyscallInstruction(Arrays.copyOf(breakpoint, Long.BYTES)));
    int advance = architecture.breakpointAdvance();
    assertTrue(advance == 0 || advance == breakpoint.length);
    breakpoint[0] ^= 1;
    assertFalse(Arrays.equals(breakpoint, architecture.breakpointInstruction()));
  }

  @ParameterizedTest
  @MethodSource("all")
  void theNumberIsWrittenToTheMainSetOrToOneOfItsOwn(Architecture architecture) {
    // NT_PRSTATUS is the main one.
    assertTrue(architecture.numberRegset() == 0 || architecture.numberRegset() > 1);
    assertFalse(architecture.hasGetRegs() && architecture.numberRegset() != 0);
  }

  @ParameterizedTest
  @MethodSource("installed")
  void theTableHasEachAbiByItsName(Architecture architecture) {
    for (int abi = 0; abi < architecture.abis().size(); abi++) {
      String name = architecture.abis().get(abi).name();
      SyscallNumbers numbers = SyscallTable.get().abi(name);
      assertEquals(name, numbers.abi());
      int index = abi;
      numbers
          .all()
          .forEach(
              call ->
                  assertEquals(
                      index,
                      architecture.abiIndex(
                          architecture.abis().get(index).auditArch(), call.number()),
                      call.name()));
    }
  }

  @ParameterizedTest
  @MethodSource("installed")
  void theNativeAbiHasTheCallsThatTheTracerInjects(Architecture architecture) {
    SyscallNumbers numbers = SyscallTable.get().abi(architecture.name());
    assertArrayEquals(
        new String[0],
        INJECTED.stream().filter(name -> numbers.number(name) < 0).toArray(String[]::new));
  }
}
