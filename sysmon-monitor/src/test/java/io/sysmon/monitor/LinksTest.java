package io.sysmon.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinksTest {
  private static final Path TOP = Path.of("/");

  @TempDir Path temporary;
  private Path directory;

  @BeforeEach
  void aTree() throws Exception {
    directory = temporary.toRealPath();
    Files.createDirectories(directory.resolve("a/b"));
    link("relative", "a/b");
    link("absolute", directory + "/a");
    link("dangling", "a/none");
    link("a/up", "../relative");
    link("loop", "loop");
    link("out", "/a/../../a/b");
  }

  private void link(String name, String target) throws Exception {
    Files.createSymbolicLink(directory.resolve(name), Path.of(target));
  }

  @ParameterizedTest
  @CsvSource({
    "a/b/file, a/b/file",
    "a/./b/../file, a/file",
    "relative, a/b",
    "relative/file, a/b/file",
    "relative/../file, a/file",
    "absolute/file, a/file",
    "absolute/up/file, a/b/file",
    "dangling, a/none",
    "dangling/file, a/none/file",
    "none/relative, none/relative"
  })
  void aPathLeadsWhereTheKernelGoes(String path, String real) {
    assertEquals(directory.resolve(real), new Links(1, 1, TOP).follow(directory.resolve(path)));
  }

  @ParameterizedTest
  @CsvSource({"a/file, a/file", "../../a, a", "out, a/b", "a/up/../../../../a, a"})
  void nothingLeadsOutOfTheRoot(String path, String real) {
    assertEquals(
        directory.resolve(real), new Links(1, 1, directory).follow(directory.resolve(path)));
  }

  @Test
  void whoIsOutsideOfItsRootIsHeldByAbsoluteLinksOnly() {
    Links links = new Links(1, 1, directory.resolve("a"));
    assertEquals(directory.resolve("a/b"), links.follow(directory.resolve("relative")));
    assertEquals(directory.getParent(), links.follow(directory.resolve("none/../..")));
    assertEquals(
        Path.of(directory + "/a" + directory + "/a"), links.follow(directory.resolve("absolute")));
  }

  @Test
  void theRootIsItsOwnParent() {
    assertEquals(TOP, new Links(1, 1, TOP).follow(Path.of("/../..")));
  }

  @Test
  void whatGoesRoundInCirclesLeadsNowhere() {
    assertNull(new Links(1, 1, TOP).follow(directory.resolve("loop")));
  }

  @Test
  void selfIsTheOneThatNamesIt() throws Exception {
    Process process = new ProcessBuilder("cat").directory(directory.toFile()).start();
    int pid = (int) process.pid();
    try (OutputStream input = process.getOutputStream()) {
      Links links = new Links(pid, pid, TOP);
      assertEquals(directory.resolve("file"), links.follow(Path.of("/proc/self/cwd/file")));
      assertEquals(directory.resolve("file"), links.follow(Path.of("/proc/thread-self/cwd/file")));
      input.flush();
    }
    assertEquals(0, process.waitFor());
  }
}
