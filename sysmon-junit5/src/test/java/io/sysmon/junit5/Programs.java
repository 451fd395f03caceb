package io.sysmon.junit5;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Programs that may be missing: tests of them are skipped then. */
final class Programs {
  private Programs() {}

  static void assumeInstalled(String program) {
    String[] places = System.getenv("PATH").split(":", -1);
    assumeTrue(
        Arrays.stream(places).anyMatch(place -> Files.isExecutable(Path.of(place, program))),
        program + " is not installed");
  }

  /**
   * Returns the interpreter's own path: python3 may be a script of a version manager, whose shell
   * makes calls of its own. Bash asks nscd who runs it where SHELL is not set; python does, without
   * -I, where HOME is not set.
   */
  static String python() throws IOException, InterruptedException {
    assumeInstalled("python3");
    Process process =
        new ProcessBuilder("python3", "-c", "import sys; print(sys.executable, end='')").start();
    String path = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(process.waitFor() == 0, "python3 does not work");
    return path;
  }
}
