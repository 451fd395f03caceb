package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When and where the script makes the archive of classes; with a Java that only pretends to. */
class ClassArchivePlaceTest {
  private static final String JAVA =
      """
      #!/bin/sh
      for argument; do
        case $argument in
          -XX:SharedArchiveFile=*) archive=${argument#*=} ;;
          -Xshare:dump) dump=true ;;
        esac
      done
      if [ "${dump:-}" ]; then
        echo dump >>"$LOG"
        ${DUMP:-echo classes} >"$archive"
      else
        echo "${archive:-no archive}"
      fi
      """;

  @TempDir private Path directory;
  private Path root = Path.of("");
  private Path home = Path.of("");
  private Path log = Path.of("");
  private String cache = "/proc/nowhere";

  @BeforeEach
  void createTree() throws IOException {
    root = Sysmon.createRoot();
    home = directory.toRealPath().resolve("jdk");
    log = Files.createFile(directory.resolve("log"));
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("bin/java"), JAVA).toFile().setExecutable(true);
    version("17.0.1");
  }

  @Test
  void itIsInTheTree() throws IOException {
    assertEquals(inTree("17.0.1"), run());
  }

  @Test
  void itIsMadeOnce() throws IOException {
    run();
    run();
    assertEquals("dump\n", Files.readString(log));
  }

  @Test
  void itIsMadeAgainForANewJar() throws IOException {
    run();
    touch("sysmon.jar");
    run();
    assertEquals("dump\ndump\n", Files.readString(log));
  }

  @Test
  void itIsMadeAgainForANewLibrary() throws IOException {
    run();
    touch("lib/0.jar");
    run();
    assertEquals("dump\ndump\n", Files.readString(log));
  }

  @Test
  void eachJavaHasItsOwn() throws IOException {
    run();
    version("17.0.2");
    assertEquals(inTree("17.0.2"), run());
    version("17.0.1");
    assertEquals(inTree("17.0.1"), run());
    assertEquals("dump\ndump\n", Files.readString(log));
  }

  @Test
  void itIsInTheCacheOfTheUserWhenTheTreeCannotBeWritten() throws IOException {
    cache = directory.resolve("cache").toString();
    Files.createFile(root.resolve("examples/target/cds"));
    assertEquals(cache + "/sysmon" + root + home + "/17.0.1.jsa\n", run());
  }

  @Test
  void thereIsNoneWhenNothingCanBeWritten() throws IOException {
    Files.createFile(root.resolve("examples/target/cds"));
    assertEquals("no archive\n", run());
    assertEquals("", Files.readString(log));
  }

  @Test
  void aJavaThatCannotMakeItIsAskedOnce() throws IOException {
    assertEquals("no archive\n", run("DUMP=false"));
    assertEquals("no archive\n", run("DUMP=false"));
    assertEquals("dump\n", Files.readString(log));
  }

  private void version(String version) throws IOException {
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
  }

  private void touch(String file) throws IOException {
    FileTime later = FileTime.fromMillis(System.currentTimeMillis() + 1000);
    Files.setLastModifiedTime(root.resolve("examples/target").resolve(file), later);
  }

  private String inTree(String version) {
    return root.resolve("examples/target/cds") + home.toString() + "/" + version + ".jsa\n";
  }

  private String run() {
    return run("DUMP=");
  }

  private String run(String variable) {
    Sysmon.Result result =
        Sysmon.runOther(
            directory,
            "env",
            variable,
            "LOG=" + log,
            "JAVA_HOME=" + home,
            "XDG_CACHE_HOME=" + cache,
            root.resolve("sysmon").toString(),
            "strace",
            "true");
    assertEquals("", result.err());
    return result.out();
  }
}
