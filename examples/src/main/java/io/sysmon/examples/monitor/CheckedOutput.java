package io.sysmon.examples.monitor;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes lines in UTF-8 and, unlike other writers of its kind, knows why it could not. */
public final class CheckedOutput extends PrintWriter {
  private final Stream stream;

  /** Takes over a stream, to which each line is written at once. */
  public CheckedOutput(OutputStream stream) {
    this(new Stream(stream));
  }

  private CheckedOutput(Stream stream) {
    super(stream, true, StandardCharsets.UTF_8);
    this.stream = stream;
  }

  /** The first failure of a writer; null when there is none. */
  static @Nullable IOException failure(PrintWriter writer) {
    if (!writer.checkError()) {
      return null;
    }
    IOException failure = writer instanceof CheckedOutput checked ? checked.stream.failure : null;
    return failure == null ? new IOException("unknown reason") : failure;
  }

  private static final class Stream extends FilterOutputStream {
    private volatile @Nullable IOException failure;

    Stream(OutputStream stream) {
      super(stream);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        }
        throw e;
      }
    }
  }
}
