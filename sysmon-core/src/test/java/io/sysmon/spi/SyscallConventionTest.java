package io.sysmon.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SyscallConventionTest {
  private static final byte[] TRAP = {1, 2};

  private final RegisterLayout layout =
      RegisterLayout.inOrder("a", "b", "c", "d", "e", "f", "nr", "pc", "sp")
          .pointers("pc", "sp")
          .number("nr", "nr")
          .result("a")
          .build();

  @Test
  void argumentsAreWhereTheLayoutHasTheirRegisters() {
    SyscallConvention convention =
        new SyscallConvention(layout, TRAP, "b", "a", "d", "c", "f", "e");
    assertEquals(8, convention.argument(0));
    assertEquals(0, convention.argument(1));
    assertEquals(32, convention.argument(5));
  }

  @Test
  void fiveArgumentsAndRegistersThatDoNotExistAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new SyscallConvention(layout, TRAP, "a", "b", "c", "d", "e"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SyscallConvention(layout, TRAP, "a", "b", "c", "d", "e", "g"));
  }

  @Test
  void nobodyCanChangeTheInstruction() {
    SyscallConvention convention =
        new SyscallConvention(layout, TRAP, "a", "b", "c", "d", "e", "f");
    convention.instruction()[0] = 9;
    assertArrayEquals(TRAP, convention.instruction());
  }
}
