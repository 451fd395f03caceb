package io.sysmon.internal.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Turns Java strings into the bytes that the operating system expects.
 *
 * <p>The JVM decodes its environment with {@code sun.jnu.encoding}, and loses bytes that this
 * charset cannot express (any non-ASCII byte in the C locale). Variables that still have the value
 * they had at start are therefore passed on as the bytes of {@code /proc/self/environ}.
 */
final class NativeText {
  private static final Charset JNU = jnuCharset();
  private static final Map<String, byte[]> INHERITED = inherited();

  private NativeText() {}

  /** A path or an argument: in the platform's charset, or UTF-8 if that cannot express it. */
  static byte[] encode(String text) {
    try {
      ByteBuffer encoded = JNU.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** {@code NAME=value}. */
  static byte[] variable(String name, String value) {
    String text = name + '=' + value;
    byte[] inherited = INHERITED.get(text);
    return inherited == null ? encode(text) : inherited.clone();
  }

  private static Map<String, byte[]> inherited() {
    Map<String, byte[]> byText = new HashMap<>();
    try {
      byte[] block = Files.readAllBytes(Path.of("/proc/self/environ"));
      int start = 0;
      for (int i = 0; i < block.length; i++) {
        if (block[i] == 0) {
          byte[] variable = Arrays.copyOfRange(block, start, i);
          byText.put(new String(variable, JNU), variable);
          start = i + 1;
        }
      }
    } catch (IOException e) {
      System.getLogger(NativeText.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "The environment's own bytes cannot be read; non-ASCII variables are re-encoded",
              e);
    }
    return byText;
  }

  private static Charset jnuCharset() {
    String name = System.getProperty("sun.jnu.encoding", "UTF-8");
    return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
  }
}
