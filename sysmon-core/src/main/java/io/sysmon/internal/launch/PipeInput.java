package io.sysmon.internal.launch;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a launched program writes. When the program has ended, the pipe is closed and exchanged for
 * what was left in it, so that nobody has to close it.
 *
 * <p>The exchange must not block the tracer thread, and reading a pipe may, as long as a descendant
 * of the program holds its other end. So the exchange is left to a reader that is busy at the time.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // `reading` guards, for its tryLock.
final class PipeInput extends BufferedInputStream {
  private static final int PIECE = 8192;

  private final ReentrantLock reading = new ReentrantLock();
  private volatile boolean writerEnded;
  private volatile boolean exchanged;

  PipeInput(@Nullable InputStream pipe) {
    super(pipe == null ? InputStream.nullInputStream() : pipe);
  }

  /** Tells that the program has ended. */
  void writerEnded() throws IOException {
    writerEnded = true;
    if (reading.tryLock()) {
      try {
        exchange();
      } finally {
        reading.unlock();
      }
    }
  }

  private void exchange() throws IOException {
    InputStream pipe = in;
    if (exchanged || pipe == null) {
      exchanged = true;
      return;
    }
    exchanged = true;
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE];
    while (pipe.available() > 0) {
      int read = pipe.read(piece, 0, PIECE);
      if (read < 0) {
        break;
      }
      rest.write(piece, 0, read);
    }
    pipe.close();
    in = new ByteArrayInputStream(rest.toByteArray());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    reading.lock();
    try {
      int read = super.read(into, offset, length);
      return read;
    } finally {
      unlock();
    }
  }

  @Override
  public int available() throws IOException {
    reading.lock();
    try {
      return super.available();
    } finally {
      unlock();
    }
  }

  @Override
  public long skip(long count) throws IOException {
    reading.lock();
    try {
      return super.skip(count);
    } finally {
      unlock();
    }
  }

  /** The writer's end may have been told while the lock was held, in vain. */
  private void unlock() throws IOException {
    reading.unlock();
    if (writerEnded && !exchanged) {
      writerEnded();
    }
  }
}
