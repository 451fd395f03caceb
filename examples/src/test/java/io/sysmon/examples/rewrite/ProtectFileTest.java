package io.sysmon.examples.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtectFileTest {
  @TempDir private Path directory;
  private Path keep;

  @BeforeEach
  void writeFiles() throws IOException {
    Files.createDirectories(directory.resolve("sub"));
    keep = Files.writeString(directory.resolve("sub/keep"), "precious\n");
    Files.writeString(directory.resolve("sub/other"), "other\n");
    Files.writeString(directory.resolve("third"), "third\n");
  }

  @Test
  void rmRemovesTheOthersAndTakesTheProtectedOneForRemoved() throws IOException {
    Run run = traced(false, "rm", "-v", "sub/keep", "sub/other", "third");
    assertEquals(new Run(0, "removed 'sub/keep'\nremoved 'sub/other'\nremoved 'third'\n", ""), run);
    assertEquals("precious\n", Files.readString(keep));
    assertFalse(Files.exists(directory.resolve("sub/other")));
    assertFalse(Files.exists(directory.resolve("third")));
  }

  @Test
  void rmReportsARefusalAndGoesOn() throws IOException {
    Run run = traced(true, "rm", "-f", "sub/keep", "sub/other");
    assertEquals(new Run(1, "", "rm: cannot remove 'sub/keep': Operation not permitted\n"), run);
    assertEquals("precious\n", Files.readString(keep));
    assertFalse(Files.exists(directory.resolve("sub/other")));
  }

  @Test
  void everyWayToThePathIsTheSameFile() throws IOException {
    Files.createSymbolicLink(directory.resolve("way"), directory.resolve("sub"));
    traced(false, "rm", "sub/../sub//keep");
    traced(false, "rm", "way/keep");
    traced(false, "rm", keep.toString());
    traced(false, "sh", "-c", "cd sub && rm ./keep");
    traced(false, "unlink", "sub/keep");
    assertEquals("precious\n", Files.readString(keep));
  }

  @Test
  void rmOfTheDirectoryLeavesItWithTheProtectedFileInIt() throws IOException {
    Run run = traced(false, "rm", "-r", "sub");
    assertEquals(1, run.status());
    assertEquals("rm: cannot remove 'sub': Directory not empty\n", run.err());
    try (var files = Files.list(directory.resolve("sub"))) {
      assertEquals(List.of(keep), files.toList());
    }
  }

  @Test
  void aSymbolicLinkToItIsAnotherFile() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), keep);
    assertEquals(new Run(0, "", ""), traced(false, "rm", "link"));
    assertFalse(Files.isSymbolicLink(link));
    assertTrue(Files.exists(keep));
  }

  @Test
  void whatIsNotThereIsNotThere() {
    Run run = traced(false, "rm", "missing");
    assertEquals(new Run(1, "", "rm: cannot remove 'missing': No such file or directory\n"), run);
  }

  @Test
  void runsAsACommand() {
    Run run = Run.main(ProtectFile.class, directory, "--refuse", "sub/keep", "rm", "-r", "sub");
    assertEquals(1, run.status());
    assertTrue(run.err().endsWith("'sub/keep': Operation not permitted\n"), run.err());
    assertTrue(Files.exists(keep));
  }

  private Run traced(boolean refuse, String... command) {
    return Run.traced(directory, List.of(command), new ProtectFile(keep, refuse));
  }
}
