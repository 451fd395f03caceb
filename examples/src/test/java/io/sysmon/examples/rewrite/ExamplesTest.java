package io.sysmon.examples.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all examples have in common. */
class ExamplesTest {
  private static final Path SOURCES = Path.of("src/main/java/io/sysmon/examples/rewrite");

  @TempDir private Path directory;

  @Test
  void theyAreShortAndUseThePublicApiOnly() throws IOException {
    try (var files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        List<String> lines = Files.readAllLines(file);
        assertTrue(lines.size() < 80, file + " has " + lines.size() + " lines");
        assertTrue(lines.stream().noneMatch(line -> line.contains("io.sysmon.internal")));
      }
    }
  }

  @Test
  void theyWorkTogetherInTheOrderInWhichTheyWereAdded() throws IOException {
    Path other = Files.writeString(directory.resolve("other"), "some words\n");
    Run run =
        Run.traced(
            directory,
            List.of("cat", "/etc/hosts"),
            new RedirectFile("/etc/hosts", "/nowhere"),
            new RedirectFile("/nowhere", other.toString()),
            new ReplaceOutput("some", "more", false),
            new UpperCase());
    assertEquals(new Run(0, "MORE WORDS\n", ""), run);
  }
}
