package io.sysmon.monitor;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of socket addresses: {@code 10.0.0.0/8}, {@code 10.0.0.1:22}, {@code *:25}, {@code
 * [::1]:80}, {@code [fe80::/10]}, {@code unix:/run/**}, {@code *}.
 */
final class AddressPattern {
  private static final Pattern FORM =
      Pattern.compile(
          "(\\*|\\[[0-9a-fA-F.]*:[0-9a-fA-F:.]*(?:/\\d{1,3})?]"
              + "|\\d{1,3}(?:\\.\\d{1,3}){3}(?:/\\d{1,3})?)(?::(\\d{1,5}|\\*))?");

  private static final int MOST_PORT = 65_535;
  private static final int MOST_BYTE = 255;

  private final @Nullable Glob name;
  private final byte @Nullable [] host;
  private final int bits;
  private final int port;

  private AddressPattern(@Nullable Glob name, byte @Nullable [] host, int bits, int port) {
    this.name = name;
    this.host = host;
    this.bits = bits;
    this.port = port;
  }

  static AddressPattern of(String text) {
    if (text.startsWith("unix:")) {
      return new AddressPattern(Glob.of(text), null, 0, -1);
    }
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw noAddress(text);
    }
    String portText = form.group(2);
    int port = portText == null || portText.equals("*") ? -1 : Integer.parseInt(portText);
    if (port > MOST_PORT) {
      throw new BadPolicyException("'" + text + "' has a port above " + MOST_PORT);
    }
    String hostText = form.group(1);
    if (hostText.equals("*")) {
      // All of the network; with no port also the UNIX sockets.
      return new AddressPattern(text.equals("*") ? Glob.of("**") : null, null, 0, port);
    }
    String bare =
        hostText.startsWith("[") ? hostText.substring(1, hostText.length() - 1) : hostText;
    int slash = bare.indexOf('/');
    byte[] bytes = parse(slash < 0 ? bare : bare.substring(0, slash), text);
    int most = bytes.length * Byte.SIZE;
    int bits = slash < 0 ? most : Integer.parseInt(bare.substring(slash + 1));
    if (bits > most) {
      throw new BadPolicyException("'" + text + "' has more than " + most + " bits");
    }
    return new AddressPattern(null, bytes, bits, port);
  }

  private static BadPolicyException noAddress(String text) {
    return new BadPolicyException(
        "'"
            + text
            + "' is no address: write 10.0.0.0/8, 10.0.0.1:22, *:25, [::1]:80 or unix:/run/**");
  }

  private static byte[] parse(String host, String text) {
    if (host.indexOf(':') < 0
        && Arrays.stream(host.split("\\.")).anyMatch(each -> Integer.parseInt(each) > MOST_BYTE)) {
      // It would be looked up as a name.
      throw noAddress(text);
    }
    try {
      return InetAddress.getByName(host).getAddress();
    } catch (UnknownHostException e) {
      throw noAddress(text);
    }
  }

  boolean matches(Address address) {
    InetAddress actual = address.host();
    if (actual == null) {
      return name != null && name.matches(address.name());
    }
    return (port < 0 || port == address.port())
        && (host == null
            ? name == null || name.text().equals("**")
            : isIn(actual.getAddress(), host));
  }

  private boolean isIn(byte[] actual, byte[] network) {
    if (actual.length != network.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit % Byte.SIZE);
      if (((actual[bit / Byte.SIZE] ^ network[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
