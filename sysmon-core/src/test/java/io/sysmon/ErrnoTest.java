package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ErrnoTest {
  @Test
  void everyErrorIsFoundByItsNumber() {
    for (Errno errno : Errno.values()) {
      assertEquals(errno, Errno.of(errno.number()));
      assertEquals(errno, Errno.find(errno.number()).orElseThrow());
    }
  }

  @Test
  void theMessageIsTheOneOfTheCLibrary() {
    assertEquals("No such file or directory", Errno.ENOENT.message());
    assertEquals(2, Errno.ENOENT.number());
    assertEquals("Memory page has hardware error", Errno.EHWPOISON.message());
    assertEquals(133, Errno.EHWPOISON.number());
  }

  @Test
  void numbersWithoutANameAreNotFound() {
    for (int number : new int[] {-1, 0, 41, 58, 134, 512, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      assertTrue(Errno.find(number).isEmpty(), () -> "number " + number);
      assertThrows(IllegalArgumentException.class, () -> Errno.of(number));
    }
  }
}
