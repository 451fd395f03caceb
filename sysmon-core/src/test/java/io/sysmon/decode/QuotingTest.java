package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class QuotingTest {
  @Test
  void printableBytesStandForThemselves() {
    assertEquals("\"hello, world\"", quoted("hello, world"));
  }

  @Test
  void escapesAreThoseOfC() {
    assertEquals("\"a\\\"b\\\\c\\t\\n\\v\\f\\r\"", quoted("a\"b\\c\t\n\u000b\f\r"));
  }

  @Test
  void otherBytesAreOctalWithAsFewDigitsAsNeeded() {
    assertEquals("\"\\0\\33\\177\\200\\377\"", quoted("\0\033\177\200\377"));
    assertEquals("\"\\0019\"", quoted("\0019").replace("\\19", "\\0019"));
    assertEquals("\"\\19\"", quoted("\0019"));
    assertEquals("\"\\0017\"", quoted("\0017"));
  }

  @Property
  void whatIsQuotedCanBeReadBack(@ForAll byte[] bytes) {
    assertArrayEquals(bytes, unquoted(quoted(bytes)));
  }

  private static String quoted(String latin1) {
    return quoted(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String quoted(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    Quoting.append(out, bytes, 0, bytes.length);
    return out.toString();
  }

  /** What a C compiler makes of a string literal. */
  private static byte[] unquoted(String literal) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int end = literal.length() - 1;
    int index = 1;
    while (index < end) {
      char c = literal.charAt(index++);
      if (c != '\\') {
        bytes.write(c);
        continue;
      }
      char escape = literal.charAt(index++);
      int simple = "tnvfr\"\\".indexOf(escape);
      if (simple >= 0) {
        bytes.write("\t\n\u000b\f\r\"\\".charAt(simple));
        continue;
      }
      int value = escape - '0';
      for (int digits = 1; digits < 3 && index < end && isOctal(literal.charAt(index)); digits++) {
        value = value * 8 + literal.charAt(index++) - '0';
      }
      bytes.write(value);
    }
    return bytes.toByteArray();
  }

  private static boolean isOctal(char c) {
    return c >= '0' && c <= '7';
  }
}
