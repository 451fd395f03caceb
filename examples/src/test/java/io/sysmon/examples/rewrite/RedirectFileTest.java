package io.sysmon.examples.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedirectFileTest {
  private static final String HOSTS = "/etc/hosts";

  @TempDir private Path directory;
  private Path other;

  @BeforeEach
  void writeTheOtherFile() throws IOException {
    other = Files.writeString(directory.resolve("hosts"), "192.0.2.1 elsewhere\n");
  }

  @Test
  void catReadsTheOtherFile() {
    Run run = traced("cat", HOSTS);
    assertEquals(new Run(0, "192.0.2.1 elsewhere\n", ""), run);
  }

  @Test
  void otherFilesAreOpenedAsTheyAre() throws IOException {
    Path mine = Files.writeString(directory.resolve("mine"), "mine\n");
    assertEquals("mine\n192.0.2.1 elsewhere\n", traced("cat", mine.toString(), HOSTS).out());
  }

  @Test
  void whatTheProgramStartsIsRedirectedToo() {
    Run run = traced("sh", "-c", "cat " + HOSTS + " | (read line; echo \"$line\"); cat < " + HOSTS);
    assertEquals("192.0.2.1 elsewhere\n192.0.2.1 elsewhere\n", run.out());
  }

  @Test
  void theLibraryThatLooksUpNamesReadsTheOtherFile() {
    Run run = traced("getent", "-s", "hosts:files", "hosts", "elsewhere");
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().startsWith("192.0.2.1"), run.out());
  }

  @Test
  void messagesNameThePathThatTheProgramKnows() {
    Run run =
        Run.traced(directory, List.of("cat", HOSTS), new RedirectFile(HOSTS, "/nowhere/at/all"));
    assertEquals(new Run(1, "", "cat: /etc/hosts: No such file or directory\n"), run);
  }

  @Test
  void otherProgramsSeeTheFileItself() throws IOException {
    traced("cat", HOSTS);
    assertEquals(
        Files.readString(Path.of(HOSTS)), Run.plain(directory, List.of("cat", HOSTS)).out());
  }

  @Test
  void runsAsACommand() {
    Run run =
        Run.main(RedirectFile.class, directory, HOSTS, other.toString(), "cat", "-n", HOSTS, "x");
    assertEquals(1, run.status());
    assertEquals("     1\t192.0.2.1 elsewhere\n", run.out());
    assertTrue(run.err().endsWith("cat: x: No such file or directory\n"), run.err());
  }

  private Run traced(String... command) {
    return Run.traced(directory, List.of(command), new RedirectFile(HOSTS, other.toString()));
  }
}
