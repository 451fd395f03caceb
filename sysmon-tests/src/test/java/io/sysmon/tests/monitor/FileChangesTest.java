package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.monitor.EventKind;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changes a directory, or what is known of a file, without opening the file. */
class FileChangesTest {
  private static final Pattern COUNTS = Pattern.compile("(\\d+) refused, (\\d+) done\n");

  @TempDir Path temporary;
  private Path directory;

  @BeforeEach
  void aFile() throws Exception {
    directory = temporary.toRealPath();
    Files.writeString(directory.resolve("file"), "old");
  }

  private String deny(String events) {
    return "rules: [{events: " + events + ", paths: '" + directory + "/**', verdict: deny}]";
  }

  private void assertNothingIsChanged(Path guest) throws Exception {
    Object before = Files.getAttribute(directory.resolve("file"), "unix:ctime");
    Monitored monitored =
        Monitored.run(
            deny("[file.write, file.attributes]"), guest.toString(), directory.toString());
    Matcher counts = COUNTS.matcher(monitored.outcome().stdout());
    assertTrue(counts.matches(), monitored::toString);
    assertEquals("0", counts.group(2), monitored::toString);
    assertTrue(Integer.parseInt(counts.group(1)) >= 16, monitored::toString);
    assertEquals(before, Files.getAttribute(directory.resolve("file"), "unix:ctime"));
    assertEquals(List.of("file"), List.of(directory.toFile().list()));
  }

  @Test
  void whatIsDeniedIsNeitherMadeNorChanged() throws Exception {
    assertNothingIsChanged(Guest.compile("changes"));
  }

  @Test
  void whatIsDeniedIsNeitherMadeNorChangedIn32Bit() throws Exception {
    assertNothingIsChanged(Guest32.compile("changes"));
  }

  @Test
  void whatIsAllowedIsDoneThoughItsPathsAreCopied() throws Exception {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("file"), "old");
    Monitored monitored =
        Monitored.run(
            "rules: [{events: file, paths: /nowhere, verdict: deny}]",
            Guest.compile("changes").toString(),
            elsewhere.toString());
    Matcher counts = COUNTS.matcher(monitored.outcome().stdout());
    // A file system may have no extended attributes.
    assertTrue(counts.find(), monitored::toString);
    assertEquals("0", counts.group(1), monitored::toString);
    assertTrue(Files.isSymbolicLink(elsewhere.resolve("3")), monitored::toString);
    assertEquals("x", Files.readSymbolicLink(elsewhere.resolve("3")).toString());
    assertEquals(
        List.of("mkdirat", "mknodat", "symlinkat", "bind"),
        monitored.all(EventKind.FILE_WRITE, "call").subList(0, 4));
  }

  @Test
  void eachIsToldWithItsPathAndCall() {
    Monitored monitored =
        Monitored.shell(
            "",
            "cd " + directory + "; mkdir a; ln -s x b; mkfifo c; chmod 600 file; touch -d @1 file");
    List<String> made = monitored.all(EventKind.FILE_WRITE, "path").stream().distinct().toList();
    assertEquals(
        List.of(directory + "/a", directory + "/b", directory + "/c", directory + "/file"), made);
    assertEquals(
        List.of(directory + "/file", directory + "/file"),
        monitored.all(EventKind.FILE_ATTRIBUTES, "path"));
    List<String> calls = monitored.all(EventKind.FILE_ATTRIBUTES, "call");
    assertTrue(calls.get(0).startsWith("fchmodat"), calls::toString);
    assertEquals("utimensat", calls.get(1));
  }

  @Test
  void aRuleAboutAttributesIsNoneAboutNames() {
    Monitored monitored =
        Monitored.shell(
            deny("file.attributes"),
            "cd "
                + directory
                + "; mkdir a && chmod 600 file; echo $?; chmod 600 /dev/fd/3 3<file; echo $?");
    assertEquals("1\n1\n", monitored.outcome().stdout(), monitored::toString);
    assertTrue(Arrays.asList(directory.toFile().list()).contains("a"));
  }
}
