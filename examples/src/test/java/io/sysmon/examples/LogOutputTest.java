package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LogOutputTest {
  @Property(tries = 50)
  void whatIsWrittenArrivesAsUtf8(@ForAll @Size(max = 20) List<String> pieces) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LogOutput output = new LogOutput(bytes, false, e -> {});
    StringBuilder all = new StringBuilder();
    for (String piece : pieces) {
      output.write(piece);
      all.append(new String(piece.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }
    output.close();
    assertArrayEquals(all.toString().getBytes(StandardCharsets.UTF_8), bytes.toByteArray());
  }

  @Test
  void moreThanTheBufferHoldsIsWrittenToo() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LogOutput output = new LogOutput(bytes, false, e -> {});
    String line = "a line of a trace\n";
    for (int i = 0; i < 10_000; i++) {
      output.write(line);
    }
    output.flush();
    assertEquals(line.repeat(10_000), bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void onlyAnImmediateOutputWritesEachPieceAtOnce() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new LogOutput(bytes, false, e -> {}).write("buffered");
    new LogOutput(bytes, true, e -> {}).write("at once");
    assertEquals("at once", bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aFailureIsReportedOnceAndWritingGoesOn() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    List<IOException> failures = new ArrayList<>();
    LogOutput output = new LogOutput(broken, true, failures::add);
    output.write("one");
    output.write("two");
    output.close();
    assertEquals(1, failures.size());
    assertTrue(failures.get(0).getMessage().contains("Broken pipe"));
  }
}
