package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventKind;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several messages that one call sends, sendmmsg(2). */
class MessagesTest {
  private static final String SENT = "sent 1 2 3\n1 2\n0\n";

  private DatagramSocket one;
  private DatagramSocket other;

  @BeforeEach
  void receivers() throws Exception {
    one = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    other = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  private Monitored send(Path guest, String policy) {
    return Monitored.run(
        policy,
        guest.toString(),
        Integer.toString(one.getLocalPort()),
        Integer.toString(other.getLocalPort()));
  }

  private static String deny(String address) {
    return "rules: [{events: net.connect, addresses: '" + address + "', verdict: deny}]";
  }

  private static int lengthOfNext(DatagramSocket receiver) throws Exception {
    receiver.setSoTimeout(20_000);
    DatagramPacket packet = new DatagramPacket(new byte[9], 9);
    receiver.receive(packet);
    return packet.getLength();
  }

  /** The first event of a connection. */
  private Event assertBothAreTold(Monitored monitored) {
    Event event =
        monitored.events().stream()
            .filter(each -> each.kind() == EventKind.NET_CONNECT)
            .findFirst()
            .orElseThrow();
    assertEquals(
        List.of("127.0.0.1:" + one.getLocalPort(), "127.0.0.1:" + other.getLocalPort()),
        event.details().get("addresses"));
    return event;
  }

  private void assertNoneIsSentWhenOneIsDenied(Path guest) throws Exception {
    Monitored monitored = send(guest, deny("127.0.0.1:" + other.getLocalPort()));
    assertEquals(
        "Operation not permitted 0 0 0\n1 2\n0\n",
        monitored.outcome().stdout(),
        monitored::toString);
    assertEquals(2, lengthOfNext(one));
    other.setSoTimeout(1);
    assertThrows(
        SocketTimeoutException.class, () -> other.receive(new DatagramPacket(new byte[1], 1)));
    assertEquals("deny", assertBothAreTold(monitored).text("verdict"));
  }

  @Test
  void noneIsSentWhenOneOfThemIsDenied() throws Exception {
    assertNoneIsSentWhenOneIsDenied(Guest.compile("messages"));
  }

  @Test
  void noneIsSentBySocketcallWhenOneOfThemIsDenied() throws Exception {
    assertNoneIsSentWhenOneIsDenied(Guest32.compile("messages"));
  }

  private void assertAllAreSentThoughTheyAreCopied(Path guest) throws Exception {
    Monitored monitored = send(guest, deny("10.0.0.0/8"));
    assertEquals(SENT, monitored.outcome().stdout(), monitored::toString);
    assertEquals(1, lengthOfNext(one));
    assertEquals(2, lengthOfNext(one));
    assertEquals(3, lengthOfNext(other));
  }

  @Test
  void theProgramIsToldHowMuchWasSentOfWhatWasCopied() throws Exception {
    assertAllAreSentThoughTheyAreCopied(Guest.compile("messages"));
  }

  @Test
  void theProgramIsToldHowMuchSocketcallHasSentOfWhatWasCopied() throws Exception {
    assertAllAreSentThoughTheyAreCopied(Guest32.compile("messages"));
  }

  @Test
  void whereTheyGoIsTold() {
    Monitored monitored = send(Guest.compile("messages"), "");
    assertEquals(SENT, monitored.outcome().stdout());
    assertBothAreTold(monitored);
  }
}
