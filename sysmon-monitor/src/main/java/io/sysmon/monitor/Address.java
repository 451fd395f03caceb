package io.sysmon.monitor;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A socket address, from the bytes of {@code struct sockaddr}: of IPv4, IPv6 or a UNIX socket.
 *
 * @param host of IPv4 also where it is written as one of IPv6; null for another family
 * @param port 0 to 65535
 * @param name of a UNIX socket, with {@code @} for the abstract ones; {@code family N} of others
 */
record Address(@Nullable InetAddress host, int port, String name) {
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  static Address of(byte[] bytes) {
    if (bytes.length < 2) {
      return new Address(null, 0, "no address");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int family = buffer.order(ByteOrder.nativeOrder()).getShort(0) & 0xffff;
    buffer.order(ByteOrder.BIG_ENDIAN);
    if (family == AF_INET && bytes.length >= 8) {
      return new Address(host(bytes, 4, 8), buffer.getShort(2) & 0xffff, "");
    }
    if (family == AF_INET6 && bytes.length >= 24) {
      return new Address(host(bytes, 8, 24), buffer.getShort(2) & 0xffff, "");
    }
    return new Address(null, 0, family == AF_UNIX ? unix(bytes) : "family " + family);
  }

  private static InetAddress host(byte[] bytes, int begin, int end) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, begin, end));
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are an address", e);
    }
  }

  private static String unix(byte[] bytes) {
    boolean isAbstract = bytes.length > 2 && bytes[2] == 0;
    int begin = isAbstract ? 3 : 2;
    int end = begin;
    while (end < bytes.length && (isAbstract || bytes[end] != 0)) {
      end++;
    }
    return "unix:"
        + (isAbstract ? "@" : "")
        + new String(bytes, begin, end - begin, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    if (host == null) {
      return name;
    }
    String text = host.getHostAddress();
    return (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + port;
  }
}
