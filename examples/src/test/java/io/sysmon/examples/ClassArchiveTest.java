package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The archive of classes that the script makes, so that Java starts in less time. */
class ClassArchiveTest {
  private static Path root = Path.of("");
  private static Path archive = Path.of("");
  private static byte[] content = {};

  @BeforeAll
  static void makeIt() throws IOException {
    root = Sysmon.createRoot();
    archivesInUse();
    try (Stream<Path> files = Files.walk(root.resolve("examples/target/cds"))) {
      List<Path> made = files.filter(Files::isRegularFile).toList();
      assertEquals(1, made.size(), made.toString());
      archive = made.get(0);
    }
    content = Files.readAllBytes(archive);
  }

  @BeforeEach
  void putItBack() throws IOException {
    replace(content);
  }

  @Test
  void javaUsesIt() {
    assertEquals(archive + "\n", archivesInUse());
  }

  @Test
  void anEmptyOneIsNotUsed() throws IOException {
    replace(new byte[0]);
    assertEquals("", archivesInUse());
  }

  @Test
  void oneThatIsNoArchiveDoesNoHarm() throws IOException {
    replace("no archive".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
    assertEquals("", archivesInUse());
  }

  @Test
  void oneThatWasCutOffDoesNoHarm() throws IOException {
    replace(Arrays.copyOf(content, content.length / 2));
    assertEquals("", archivesInUse());
  }

  @Test
  void oneOfAnotherJavaDoesNoHarm() throws IOException {
    byte[] other = content.clone();
    int name = new String(content, StandardCharsets.ISO_8859_1).indexOf("OpenJDK");
    other[name] = 'o';
    replace(other);
    assertEquals("", archivesInUse());
  }

  @Test
  void oneOfOtherJarsDoesNoHarm() throws IOException {
    Path library = root.resolve("examples/target/lib/1.jar");
    FileTime before = Files.getLastModifiedTime(library);
    Files.setLastModifiedTime(library, FileTime.fromMillis(0));
    try {
      assertEquals("", archivesInUse());
    } finally {
      Files.setLastModifiedTime(library, before);
    }
  }

  /** Runs a traced command that tells what its parent has mapped, and gets to say nothing else. */
  private static String archivesInUse() {
    Sysmon.Result result =
        Sysmon.runOther(
            root,
            root.resolve("sysmon").toString(),
            "strace",
            "--trace=none",
            "/bin/sh",
            "-c",
            "sed -n 's/.* \\(.*\\/cds\\/.*jsa\\)$/\\1/p' /proc/$PPID/maps >found; exec sort -u found");
    List<String> messages =
        result.errLines().stream().filter(line -> !line.contains("SIGCHLD")).toList();
    assertEquals(List.of("+++ exited with 0 +++"), messages);
    return result.out();
  }

  private static void replace(byte[] bytes) throws IOException {
    // Java writes it without the right to write it.
    Files.deleteIfExists(archive);
    Files.write(archive, bytes);
  }
}
