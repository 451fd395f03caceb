package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class SigInfoTest {
  /** What Linux 6.18 on x86_64 gave for a child that exited with 3. */
  private static byte[] childExited() {
    ByteBuffer bytes = ByteBuffer.allocate(SigInfo.SIZE).order(ByteOrder.nativeOrder());
    bytes.putInt(0, 17).putInt(4, 0).putInt(8, 1).putInt(16, 4711).putInt(20, 1000).putInt(24, 3);
    return bytes.putLong(32, 7).putLong(40, 9).array();
  }

  @Test
  void theFieldsOfAChildsEndAreRead() {
    SigInfo info = new SigInfo(childExited());
    assertEquals(Signal.SIGCHLD, info.signal());
    assertEquals(0, info.errno());
    assertEquals(1, info.code());
    assertEquals(4711, info.pid());
    assertEquals(1000, info.uid());
    assertEquals(3, info.status());
    assertEquals(7, info.userTicks());
    assertEquals(9, info.systemTicks());
  }

  @Test
  void aUserIdIsUnsigned() {
    byte[] bytes = childExited();
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(20, -2);
    assertEquals(4294967294L, new SigInfo(bytes).uid());
  }

  @Test
  void itKeepsACopy() {
    byte[] bytes = childExited();
    SigInfo info = new SigInfo(bytes);
    bytes[0] = 9;
    info.toByteArray()[0] = 9;
    assertEquals(Signal.SIGCHLD, info.signal());
    assertArrayEquals(childExited(), info.toByteArray());
  }

  @Test
  void anotherSizeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new SigInfo(new byte[16]));
  }
}
