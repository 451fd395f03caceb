package io.sysmon.examples;

import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Where a trace is written to: text in, bytes out, buffered. May be used by several threads. After
 * a failure, which it reports once, it swallows what it is given.
 */
final class LogOutput implements Flushable, AutoCloseable {
  private static final int CAPACITY = 1 << 16;

  private final OutputStream stream;
  private final boolean immediate;
  private final Consumer<IOException> onFailure;
  private final byte[] buffer = new byte[CAPACITY];
  private int size;
  private boolean failed;

  /**
   * Takes over a stream.
   *
   * @param immediate whether each piece is written at once, as where the traced program writes too
   * @param onFailure told of the first failure, on the thread that met it
   */
  LogOutput(OutputStream stream, boolean immediate, Consumer<IOException> onFailure) {
    this.stream = stream;
    this.immediate = immediate;
    this.onFailure = onFailure;
  }

  /** Writes a piece of text. */
  synchronized void write(CharSequence text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        writeBytes(text.subSequence(i, length).toString().getBytes(StandardCharsets.UTF_8));
        break;
      }
      if (size == CAPACITY) {
        flush();
      }
      buffer[size++] = (byte) c;
    }
    if (immediate) {
      flush();
    }
  }

  private void writeBytes(byte[] bytes) {
    for (byte b : bytes) {
      if (size == CAPACITY) {
        flush();
      }
      buffer[size++] = b;
    }
  }

  @Override
  public synchronized void flush() {
    int length = size;
    size = 0;
    if (failed || length == 0) {
      return;
    }
    try {
      stream.write(buffer, 0, length);
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public synchronized void close() {
    flush();
    try {
      stream.close();
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(IOException e) {
    if (!failed) {
      failed = true;
      onFailure.accept(e);
    }
  }
}
