package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.MemoryGuest.PAGE;
import static io.sysmon.tests.rewrite.MemoryGuest.READ_ONLY;
import static io.sysmon.tests.rewrite.MemoryGuest.SIZE;
import static io.sysmon.tests.rewrite.MemoryGuest.WRITABLE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.StringTooLongException;
import io.sysmon.tests.rewrite.MemoryGuest.Change;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Any string at any place, as the program sees it that checks its own memory. */
class ReplaceStringPropertiesTest {
  private static final int LONGEST = 1 << 16;
  private static final int TRIES = 400;

  /** One program for all tries of a property. */
  private MemoryGuest guest;

  @BeforeProperty
  void launch() throws IOException {
    guest = new MemoryGuest();
  }

  @AfterProperty
  void endsUnharmed() throws Exception {
    try (MemoryGuest ending = guest) {
      ending.end();
    }
  }

  /** Where a string is: which area, and how far its NUL is from the end of something. */
  record Place(int area, Edge edge, int distance) {
    enum Edge {
      PAGE_END,
      NOTHING_BEHIND,
      ANYWHERE
    }

    /** The string's offset in its area. */
    int offset(int length) {
      int nul =
          switch (edge) {
            case PAGE_END -> 20 * PAGE - 1 - distance % 4 + 2;
            case NOTHING_BEHIND -> SIZE - 1 - distance % 3;
            case ANYWHERE -> 17 * PAGE + distance;
          };
      return nul - length;
    }
  }

  @Provide
  Arbitrary<Place> places() {
    return Combinators.combine(
            Arbitraries.of(WRITABLE, READ_ONLY),
            Arbitraries.of(Place.Edge.class),
            Arbitraries.integers().between(0, 3 * PAGE))
        .as(Place::new);
  }

  @Provide
  Arbitrary<Integer> lengths() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Arbitraries.integers().between(0, 40)),
        Tuple.of(2, Arbitraries.integers().between(0, 2 * PAGE)),
        Tuple.of(1, Arbitraries.of(0, 1, PAGE - 1, PAGE, PAGE + 1, LONGEST)),
        Tuple.of(1, Arbitraries.integers().between(0, LONGEST)));
  }

  /** A piece of text, which is repeated up to a length. */
  @Provide
  Arbitrary<String> pieces() {
    return Arbitraries.oneOf(
        Arbitraries.strings().withCharRange('\u0001', '\u007f').ofMinLength(1).ofMaxLength(50),
        Arbitraries.of("\u00e4", "\u20ac", "\ud83d\ude00", "a\u00e9\u4e2d\ud834\udd1ez"),
        Arbitraries.integers()
            .between(1, Character.MAX_CODE_POINT)
            .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
            .list()
            .ofMinSize(1)
            .ofMaxSize(20)
            .map(
                points -> {
                  StringBuilder text = new StringBuilder();
                  points.forEach(text::appendCodePoint);
                  return text.toString();
                }));
  }

  /** A string of at most so many bytes, and as near to them as its piece allows. */
  private static String text(String piece, int bytes) {
    StringBuilder text = new StringBuilder();
    int size = 0;
    int[] points = piece.codePoints().toArray();
    for (int i = 0; ; i = (i + 1) % points.length) {
      size += size(points[i]);
      if (size > bytes) {
        return text.toString();
      }
      text.appendCodePoint(points[i]);
    }
  }

  private static int size(int point) {
    return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
  void whatIsNotLongerIsReadBackAndNothingElseIsTouched(
      @ForAll("places") Place place,
      @ForAll("lengths") int original,
      @ForAll("lengths") int other,
      @ForAll("pieces") String piece) {
    String text = text(piece, Math.min(original, other));
    int offset = place.offset(original);
    Change change =
        guest.attempt(
            place.area(),
            offset,
            original,
            call -> {
              assertEquals(original, utf8(call.string(0)).length);
              call.replaceString(0, text);
              assertEquals(text, call.string(0));
              assertEquals(text, call.memory().readString(call.programArg(0)));
              return "";
            });
    assertEquals(Change.hash(utf8(text)), change.text());
    assertInside(change, offset, offset + utf8(text).length + 1);
  }

  private static void assertInside(Change change, int from, int to) {
    assertTrue(
        change.from() == SIZE || (change.from() >= from && change.to() <= to),
        () -> change + " is not within " + from + " and " + to);
  }

  @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
  void whatIsLongerIsRefusedAndNothingIsTouched(
      @ForAll("places") Place place,
      @ForAll("lengths") int original,
      @ForAll("lengths") int more,
      @ForAll("pieces") String piece) {
    // By one byte at least: a piece may be no character of one byte.
    String text = text(piece, original) + "y".repeat(4) + text(piece, more);
    Change change =
        guest.attempt(
            place.area(),
            place.offset(original),
            original,
            call -> {
              StringTooLongException refusal =
                  assertThrows(StringTooLongException.class, () -> call.replaceString(0, text));
              assertEquals(original, refusal.originalLength());
              assertEquals(utf8(text).length, refusal.newLength());
              refusal =
                  assertThrows(
                      StringTooLongException.class,
                      () -> call.memory().replaceString(call.arg(0), text));
              assertEquals(original, refusal.originalLength());
              assertEquals(utf8(text).length, refusal.newLength());
              return "";
            });
    assertEquals(SIZE, change.from(), change::toString);
    assertEquals(Change.hash(utf8("x".repeat(original))), change.text());
  }

  @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
  void aBufferIsWrittenExactly(
      @ForAll("places") Place place,
      @ForAll("lengths") int original,
      @ForAll("lengths") int other,
      @ForAll("pieces") String piece) {
    byte[] bytes = utf8(text(piece, Math.min(original, other)));
    int offset = place.offset(original);
    Change change =
        guest.attempt(
            place.area(),
            offset,
            original,
            call -> {
              call.replaceBuffer(0, 1, bytes, false);
              assertEquals(bytes.length, call.arg(1));
              assertArrayEquals(bytes, call.bytes(0, bytes.length));
              return "";
            });
    byte[] expected = utf8("x".repeat(original));
    System.arraycopy(bytes, 0, expected, 0, bytes.length);
    assertEquals(Change.hash(expected), change.text());
    assertInside(change, offset, offset + bytes.length);
  }

  @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE)
  void whatIsRelocatedIsReadBackAndTheProgramsMemoryIsNotTouched(
      @ForAll("places") Place place,
      @ForAll("lengths") int original,
      @ForAll("lengths") int other,
      @ForAll("pieces") String piece) {
    String text = text(piece, other);
    Change change =
        guest.attempt(
            place.area(),
            place.offset(original),
            original,
            call -> {
              call.relocateString(0, text);
              assertEquals(text, call.string(0));
              long there = call.arg(0);
              call.relocateBuffer(0, 1, utf8(text), true);
              assertEquals(utf8(text).length, call.arg(1));
              assertArrayEquals(utf8(text), call.bytes(0, utf8(text).length));
              // The first one is still there.
              assertEquals(text, call.memory().readString(there));
              return "";
            });
    assertEquals(SIZE, change.from(), change::toString);
    assertEquals(Change.hash(utf8("x".repeat(original))), change.text());
  }
}
