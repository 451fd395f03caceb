package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void whatASenderGivesIsWhatIsRead() {
    SigInfo sent = SigInfo.sent(Signal.SIGTERM, 4711, 4294967294L);
    assertEquals(
        List.of(15, 0, 0, 4711),
        List.of(sent.signal().number(), sent.errno(), sent.code(), sent.pid()));
    assertEquals(4294967294L, sent.uid());
    assertEquals(0, sent.value());
    SigInfo queued = SigInfo.queued(Signal.of(40), 4711, 1000, -2);
    assertEquals(Signal.of(40), queued.signal());
    assertEquals(SigInfo.SI_QUEUE, queued.code());
    assertEquals(-2, queued.value());
    assertEquals(-2, queued.intValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "15 | 0   | SIGTERM (code 0, pid 2, uid 1)",
        "11 | -6  | SIGSEGV (code -6, pid 2, uid 1)",
        "11 | 128 | SIGSEGV (code 128, pid 2, uid 1)",
        "34 | -1  | SIGRT_2 (code -1, pid 2, uid 1, value 12884901892)",
        "14 | -2  | SIGALRM (code -2, timer 2, overrun 1, value 12884901892)",
        "11 | 1   | SIGSEGV (code 1, address 0x100000002)",
        "17 | 1   | SIGCHLD (code 1, pid 2, uid 1, status 4)",
        "31 | 1   | SIGSYS (code 1, call 4, arch 0x3)",
        "29 | 1   | SIGIO (code 1, fd 4, band 4294967298)",
        "40 | 6   | SIGRT_8 (code 6, fd 4, band 4294967298)",
        "29 | -5  | SIGIO (code -5, fd 4, band 4294967298)"
      })
  void itsTextHasTheFieldsThatHaveAMeaning(int signal, int code, String text) {
    ByteBuffer bytes = ByteBuffer.allocate(SigInfo.SIZE).order(ByteOrder.nativeOrder());
    bytes.putInt(0, signal).putInt(8, code);
    bytes.putInt(16, 2).putInt(20, 1).putInt(24, 4).putInt(28, 3);
    assertEquals(text, new SigInfo(bytes.array()).toString());
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
