package io.sysmon.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RegisterLayoutTest {
  private static RegisterLayout.Builder toy() {
    return RegisterLayout.inOrder("a", "b", "c", "d", "e", "f", "nr", "pc", "sp")
        .pointers("pc", "sp")
        .number("nr", "nr")
        .result("a");
  }

  @Test
  void registersLieOneAfterTheOther() {
    RegisterLayout layout = toy().build();
    assertEquals(72, layout.size());
    assertEquals(0, layout.result());
    assertEquals(48, layout.callNumber());
    assertEquals(56, layout.instructionPointer());
    assertEquals(64, layout.stackPointer());
  }

  @Test
  void anUnknownRegisterIsRefusedWithTheKnownOnes() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> toy().build().offset("rax"));
    assertTrue(String.valueOf(e.getMessage()).contains("pc"), e.getMessage());
  }

  @Test
  void aRoleWithoutRegisterIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> RegisterLayout.inOrder("a").pointers("a", "a").number("a", "a").build());
  }

  @Test
  void aNameGivenTwiceIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> RegisterLayout.inOrder("a", "a"));
  }
}
