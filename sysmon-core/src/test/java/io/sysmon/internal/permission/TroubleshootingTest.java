package io.sysmon.internal.permission;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever searches for the message finds the heading. */
class TroubleshootingTest {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ""), "..", "docs", "troubleshooting.md");

  private List<String> lines = List.of();

  @BeforeEach
  void readThePage() throws IOException {
    lines = Files.readAllLines(PAGE);
  }

  private void assertHeading(String heading) {
    assertTrue(lines.contains(heading), () -> "There is no heading: " + heading);
  }

  @ParameterizedTest
  @EnumSource(Finding.class)
  void everyFindingIsAHeading(Finding finding) {
    assertHeading("### " + finding.heading());
  }

  @Test
  void theBeginningsOfTheMessagesAreHeadings() {
    FakeHost host = new FakeHost().process(7, 1, "NAME").status(8, "Tgid", "7").filtered();
    assertHeading("## " + beginning(Diagnosis.attachRefused(host, 7)));
    assertHeading("## " + beginning(Diagnosis.childRefused(host, 7)));
    assertHeading("## " + beginning(Diagnosis.noSuchProcess(host, 9).replace("9", "N")));
    assertHeading("## " + beginning(Diagnosis.noSuchProcess(host, 8)));
  }

  private static String beginning(String message) {
    return message.split("[.:] ", 2)[0].replace("8", "T").replace("7", "N");
  }
}
