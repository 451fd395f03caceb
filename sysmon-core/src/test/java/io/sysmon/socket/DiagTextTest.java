package io.sysmon.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the kernel may answer, written as {@code linux/unix_diag.h} and its like have it. */
class DiagTextTest {
  private static final int NAME = 0;
  private static final int PEER = 2;
  private static final int SHUTDOWN = 6;

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }

  /** {@code struct unix_diag_msg} of inode 4000000000. */
  private static ByteBuffer unix() {
    return buffer(200).put((byte) 1).put(new byte[3]).putInt((int) 4_000_000_000L).putLong(0);
  }

  private static ByteBuffer attribute(ByteBuffer message, int type, byte... value) {
    message.putShort((short) (4 + value.length)).putShort((short) type).put(value);
    return message.position((message.position() + 3) & ~3);
  }

  private static ByteBuffer peer(ByteBuffer message, int inode) {
    return attribute(message, PEER, buffer(4).putInt(inode).array());
  }

  private static Optional<String> text(ByteBuffer message) {
    ByteBuffer whole = buffer(message.position());
    return DiagText.of(whole.put(message.flip()));
  }

  @Test
  void inodesHaveNoSign() {
    assertEquals(Optional.of("4000000000->4294967295"), text(peer(unix(), -1)));
  }

  @Test
  void aNameEndsAtItsFirstNulAndIsQuoted() {
    byte[] path = "/a \"\n\0z".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer message = attribute(attribute(unix(), SHUTDOWN, (byte) 3), NAME, path);
    assertEquals(Optional.of("4000000000->7,\"/a \\\"\\n\""), text(peer(message, 7)));
    byte[] hidden = "\0ab\0c".getBytes(StandardCharsets.US_ASCII);
    assertEquals(Optional.of("4000000000,@\"ab\""), text(attribute(unix(), NAME, hidden)));
    assertEquals(Optional.of("4000000000,@\"\""), text(attribute(unix(), NAME, (byte) 0)));
  }

  @Test
  void aSocketWithoutNameAndPeerIsNothingMoreThanItsInode() {
    assertEquals(Optional.empty(), text(peer(attribute(unix(), SHUTDOWN, (byte) 0), 0)));
    assertEquals(Optional.empty(), text(unix()));
  }

  @Test
  void anAttributeThatIsCutOffIsLeftOut() {
    ByteBuffer message = peer(unix(), 7);
    message.putShort((short) 90).putShort((short) NAME).put((byte) '/');
    assertEquals(Optional.of("4000000000->7"), text(message));
  }

  /** {@code struct inet_diag_msg} of ports 80 and {@code remotePort}. */
  private static ByteBuffer inet(int family, byte[] local, int remotePort, byte[] remote) {
    ByteBuffer message = buffer(72).put((byte) family).put(new byte[3]);
    message.put((byte) 0).put((byte) 80);
    message.put((byte) (remotePort >> 8)).put((byte) remotePort);
    message.put(local).position(24);
    return message.put(remote).position(72);
  }

  @Test
  void anInternetSocketHasAnotherEndWhenItHasAPortOrAnAddress() {
    byte[] here = {127, 0, 0, 1};
    byte[] any = new byte[4];
    assertEquals(Optional.of("127.0.0.1:80"), text(inet(2, here, 0, any)));
    assertEquals(Optional.of("127.0.0.1:80->0.0.0.0:65535"), text(inet(2, here, 65535, any)));
    assertEquals(Optional.of("0.0.0.0:80->127.0.0.1:0"), text(inet(2, any, 0, here)));
  }

  @Test
  void anAddressOfIpv6IsInBracketsAndShort() {
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = -1;
    mapped[12] = 10;
    byte[] any = new byte[16];
    assertEquals(Optional.of("[::ffff:10.0.0.0]:80->[::]:1"), text(inet(10, mapped, 1, any)));
  }

  /** {@code struct netlink_diag_msg}. */
  private static ByteBuffer netlink(int protocol, int port) {
    ByteBuffer message = buffer(28).put((byte) 16).put((byte) 3).put((byte) protocol);
    return message.put((byte) 0).putInt(port).position(28);
  }

  @Test
  void aNetlinkSocketHasItsProtocolAndPort() {
    assertEquals(Optional.of("ROUTE:12"), text(netlink(0, 12)));
    assertEquals(Optional.of("SMC:4294967295"), text(netlink(22, -1)));
    assertEquals(Optional.of("17"), text(netlink(17, 12)));
    assertEquals(Optional.of("200"), text(netlink(200, 12)));
  }
}
