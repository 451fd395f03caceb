package io.sysmon.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramSearchTest {
  @TempDir Path dir;
  private Path first;
  private Path second;

  @BeforeEach
  void twoDirectories() throws IOException {
    first = Files.createDirectory(dir.resolve("first"));
    second = Files.createDirectory(dir.resolve("second"));
  }

  private static void file(Path path, String permissions) throws IOException {
    Files.writeString(path, "#!/bin/sh\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private String searchPath() {
    return first + ":" + second;
  }

  @Test
  void theFirstExecutableComesFirst() throws IOException {
    file(first.resolve("p"), "rwxr-xr-x");
    file(second.resolve("p"), "rwxr-xr-x");
    assertEquals(List.of(first + "/p", second + "/p"), ProgramSearch.of("p", searchPath()).paths());
  }

  @Test
  void aFileThatIsNotExecutableIsPassedOver() throws IOException {
    file(first.resolve("p"), "rw-r--r--");
    file(second.resolve("p"), "rwxr-xr-x");
    assertEquals(List.of(second + "/p"), ProgramSearch.of("p", searchPath()).paths());
  }

  @Test
  void aDirectoryIsPassedOver() throws IOException {
    Files.createDirectory(first.resolve("p"));
    file(second.resolve("p"), "rwxr-xr-x");
    assertEquals(List.of(second + "/p"), ProgramSearch.of("p", searchPath()).paths());
  }

  @Test
  void aProgramThatIsNowhereIsMissing() {
    ProgramSearch.Candidates none = ProgramSearch.of("p", searchPath());
    assertEquals(List.of(), none.paths());
    assertEquals(Errno.ENOENT.number(), none.errno());
  }

  @Test
  void aProgramThatIsOnlyThereWithoutPermissionIsDenied() throws IOException {
    file(first.resolve("p"), "rw-r--r--");
    assertEquals(Errno.EACCES.number(), ProgramSearch.of("p", searchPath()).errno());
  }

  @Test
  void anEmptyElementIsTheWorkingDirectory() {
    assertEquals(List.of("./p"), ProgramSearch.of("p", ":" + first).paths());
  }

  @Test
  void aNameWithASlashIsNotSearched() throws IOException {
    file(first.resolve("p"), "rwxr-xr-x");
    assertEquals(List.of("sub/p"), ProgramSearch.of("sub/p", searchPath()).paths());
    assertEquals(List.of(first + "/p"), ProgramSearch.of(first + "/p", "").paths());
  }

  @Test
  void theEmptyNameIsMissing() {
    assertEquals(List.of(), ProgramSearch.of("", searchPath()).paths());
  }
}
