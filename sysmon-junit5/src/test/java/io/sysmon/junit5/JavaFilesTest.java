package io.sysmon.junit5;

import io.sysmon.Interest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Java's file API does about short and interrupted transfers, in a JVM of its own. */
class JavaFilesTest {
  private static final String TEXT = "0123456789abcdef\n".repeat(10);

  @TempDir Path directory;

  /** The program: writes by a stream, adds by a channel, and reads all. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws IOException {
      Path file = Path.of(arguments[0]);
      byte[] half = TEXT.getBytes(StandardCharsets.US_ASCII);
      try (OutputStream stream = Files.newOutputStream(file)) {
        stream.write(half);
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
        ByteBuffer bytes = ByteBuffer.wrap(half);
        while (bytes.hasRemaining()) {
          int written = channel.write(bytes);
          if (written <= 0) {
            throw new IOException("The channel wrote " + written);
          }
        }
      }
      byte[] all = Files.readAllBytes(file);
      byte[] expected = (TEXT + TEXT).getBytes(StandardCharsets.US_ASCII);
      System.out.println(Arrays.equals(all, expected) ? "whole" : "not whole");
    }
  }

  private TracedCommand program(Harness harness) {
    return harness
        .command(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xint",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Program.class.getName(),
            directory.resolve("file.out").toString())
        .record(Interest.of("write", "read"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "write:path=file.out:short=7",
        "read:path=file.out:short=7",
        "read,write:path=file.out:error=EINTR:when=1..5",
      })
  void nothingIsLost(String fault, @Traced Harness harness) throws Exception {
    program(harness).fault(fault).run().check().exitsWith(0).says("whole").meetsAllFaults();
  }

  @Test
  void aFullDiskIsAnException(@Traced Harness harness) throws Exception {
    program(harness)
        .fault("write:path=file.out:error=ENOSPC:when=2+:count=tree")
        .run()
        .check()
        .exitsWith(1)
        .says("java.io.IOException: No space left on device")
        .meetsAllFaults();
  }
}
