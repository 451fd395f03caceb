package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAccessReporterTest {
  @TempDir private Path directory;

  @Test
  void filesAreReportedByWhatWasDoneToThem() throws IOException {
    Files.writeString(directory.resolve("in"), "text\n");
    Sysmon.Result result =
        Sysmon.run(
            directory,
            "files",
            "sh",
            "-c",
            "cat in > out; mv out moved; rm moved; cat missing 2>/dev/null; exit 6");
    assertEquals(6, result.status());
    assertListed(result, "read", "in");
    assertListed(result, "written", "out");
    assertListed(result, "renamed", "out");
    assertListed(result, "deleted", "moved");
    assertListed(result, "not found", "missing");
  }

  private static void assertListed(Sysmon.Result result, String how, String file) {
    List<String> lines = result.errLines();
    int begin = lines.indexOf(how + ":");
    assertTrue(begin >= 0, how + " in\n" + result.err());
    List<String> rest = lines.subList(begin + 1, lines.size());
    List<String> files = rest.stream().takeWhile(line -> line.startsWith("  ")).toList();
    assertTrue(files.stream().anyMatch(line -> line.endsWith(file)), how + " " + files);
  }

  @Test
  void theExampleIsShort() throws IOException {
    Path source =
        Sysmon.repository()
            .resolve("examples/src/main/java/io/sysmon/examples/FileAccessReporter.java");
    assertTrue(Files.readAllLines(source).size() < 60);
  }
}
