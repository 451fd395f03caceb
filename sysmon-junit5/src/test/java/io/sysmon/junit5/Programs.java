package io.sysmon.junit5;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
}
