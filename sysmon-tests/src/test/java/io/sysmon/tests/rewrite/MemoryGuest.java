package io.sysmon.tests.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.SyscallEnter;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** The guest {@code rewrite_memory.c}, and what a test does in one of its calls. */
final class MemoryGuest implements AutoCloseable {
  static final int PAGE = 4096;
  static final int SIZE = 40 * PAGE;

  /** Areas of {@link #SIZE} bytes; nothing is mapped before and behind each. */
  static final int WRITABLE = 0;

  static final int READ_ONLY = 1;
  static final int FORBIDDEN = 2;

  private final Talk talk;
  private final long[] areas = new long[3];
  final long literal;
  final long names;
  final long vector;
  final long first;
  final long answer;

  private Function<SyscallEnter, ?> action = call -> "";
  private CompletableFuture<Object> done = new CompletableFuture<>();

  MemoryGuest() throws IOException {
    talk = Talk.with(Calls.guest("memory"), Calls.onEnter("getppid", this::perform));
    for (int i = 0; i < areas.length; i++) {
      areas[i] = talk.value("area");
    }
    literal = talk.value("literal");
    names = talk.value("names");
    vector = talk.value("vector");
    first = talk.value("first");
    answer = talk.value("answer");
  }

  private synchronized void perform(SyscallEnter call) {
    try {
      done.complete(action.apply(call));
    } catch (RuntimeException | Error e) {
      done.completeExceptionally(e);
    }
  }

  private synchronized void prepare(Function<SyscallEnter, ?> next) {
    action = next;
    done = new CompletableFuture<>();
  }

  private synchronized Object outcome() {
    assertTrue(done.isDone(), "The call was not made");
    try {
      return done.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause().toString(), e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  TraceeHandle tracee() {
    return talk.tracee();
  }

  /** The memory of the handle. */
  TraceeMemory memory() {
    return talk.tracee().memory();
  }

  long area(int which) {
    return areas[which];
  }

  /** Behind the last byte of an area. */
  long end(int which) {
    return areas[which] + SIZE;
  }

  String ask(String line) {
    try {
      talk.say(line);
      return talk.line();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Does something in a call with these arguments, which then goes on as if nothing had been. */
  @SuppressWarnings("unchecked")
  <T> T inCall(long a, long b, long c, Function<SyscallEnter, T> work) {
    prepare(work);
    assertEquals(
        "called",
        ask(
            "call "
                + Long.toUnsignedString(a)
                + " "
                + Long.toUnsignedString(b)
                + " "
                + Long.toUnsignedString(c)));
    return (T) outcome();
  }

  <T> T inCall(Function<SyscallEnter, T> work) {
    return inCall(0, 0, 0, work);
  }

  /** Puts a string into an area, of which no other byte is zero. */
  void fill(int area, int offset, int length) {
    assertEquals("filled", ask("fill " + area + " " + offset + " " + length));
  }

  /** The same, then a call with the string's address and length, then what has changed. */
  Change attempt(int area, int offset, int length, Function<SyscallEnter, ?> work) {
    prepare(work);
    String[] words = ask("try " + area + " " + offset + " " + length).split(" ", -1);
    outcome();
    return new Change(
        Integer.parseInt(words[0]), Integer.parseInt(words[1]), words[2] + " " + words[3]);
  }

  /** Bytes as the program sees them. */
  byte[] seen(long address, int length) {
    return HexFormat.of().parseHex(ask("hex " + address + " " + length));
  }

  /**
   * What the program finds changed in an area.
   *
   * @param from the first changed byte, {@link #SIZE} when there is none
   * @param to behind the last changed byte
   * @param text length and hash of the string that is there now
   */
  record Change(int from, int to, String text) {
    static String hash(byte[] bytes) {
      long hash = 0xcbf29ce484222325L;
      for (byte b : bytes) {
        hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
      }
      return bytes.length + " " + Long.toHexString(hash);
    }
  }

  /** Lets the program end, which has to be unharmed. */
  void end() throws IOException, InterruptedException {
    assertEquals("", talk.end());
    assertEquals(0, talk.exitValue());
  }

  @Override
  public void close() {
    talk.close();
  }
}
