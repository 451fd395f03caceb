package io.sysmon.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sysmon.decode.CallValues;
import io.sysmon.decode.SockAddr;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.decode.SyscallTable;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPatternTest {
  /** As a program gives it to connect(2). */
  private static Address address(byte[] bytes) {
    SyscallSignature connect = SyscallTable.get().abi("x86_64").byName("connect").orElseThrow();
    CallValues values =
        CallValues.entering(
            connect,
            new long[] {3, 1, bytes.length, 0, 0, 0},
            (address, into, offset, length) -> {
              System.arraycopy(bytes, 0, into, offset, length);
              return length;
            });
    return Address.of(values.value(connect.arguments().get(1), SockAddr.class));
  }

  private static Address address(String text) throws Exception {
    if (text.startsWith("unix:")) {
      byte[] name = text.substring(5).replace('@', '\0').getBytes(StandardCharsets.UTF_8);
      return address(
          ByteBuffer.allocate(2 + name.length)
              .order(ByteOrder.nativeOrder())
              .putShort((short) 1)
              .put(name)
              .array());
    }
    int colon = text.lastIndexOf(':');
    String name = text.substring(0, colon).replace("[", "").replace("]", "");
    byte[] host = InetAddress.getByName(name.replace("::ffff:", "")).getAddress();
    short port = (short) Integer.parseInt(text.substring(colon + 1));
    boolean isMapped = name.startsWith("::ffff:");
    ByteBuffer bytes = ByteBuffer.allocate(28).order(ByteOrder.nativeOrder());
    bytes.putShort(0, (short) (host.length == 4 && !isMapped ? 2 : 10));
    bytes.order(ByteOrder.BIG_ENDIAN).putShort(2, port);
    if (isMapped) {
      bytes.putShort(18, (short) -1).position(20);
      bytes.put(host);
    } else {
      bytes.position(host.length == 4 ? 4 : 8);
      bytes.put(host);
    }
    return address(bytes.array());
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.1.2.3:80, true",
    "10.0.0.0/8, 11.1.2.3:80, false",
    "10.0.0.0/9, 10.128.0.1:80, false",
    "10.0.0.1:22, 10.0.0.1:22, true",
    "10.0.0.1:22, 10.0.0.1:23, false",
    "10.0.0.1:22, [::ffff:10.0.0.1]:22, true",
    "*:25, [::1]:25, true",
    "*:25, 1.2.3.4:26, false",
    "*:25, unix:/run/x, false",
    "*, unix:/run/x, true",
    "*, 1.2.3.4:5, true",
    "[::1], [::1]:7, true",
    "[fe80::/10], [fe80::1]:7, true",
    "[fe80::/10], [::1]:7, false",
    "[::/0], 1.2.3.4:5, false",
    "0.0.0.0/0, 1.2.3.4:5, true",
    "unix:/run/**, unix:/run/docker.sock, true",
    "unix:@x, unix:@x, true"
  })
  void aPatternMatchesWhatItSays(String pattern, String address, boolean matches) throws Exception {
    assertEquals(matches, AddressPattern.of(pattern).matches(address(address)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.org", "10.0.0.0/33", "1.2.3.4:x", "", "[::1", "1.2.3.4.5"})
  void whatIsNoAddressIsRefused(String pattern) {
    assertThrows(BadPolicyException.class, () -> AddressPattern.of(pattern));
  }

  @Test
  void anAddressIsWrittenAsPeopleDo() throws Exception {
    assertEquals("1.2.3.4:80", address("1.2.3.4:80").toString());
    assertEquals("1.2.3.4:80", address("[::ffff:1.2.3.4]:80").toString());
    assertEquals("[::1]:80", address("[::1]:80").toString());
    assertEquals("[::]:80", address("[::]:80").toString());
    assertEquals("[fe80::1:0:0:a]:80", address("[fe80:0:0:0:1:0:0:a]:80").toString());
    assertEquals("unix:@x", address("unix:@x").toString());
    assertEquals("family 16", address(new byte[] {16, 0}).toString());
  }
}
