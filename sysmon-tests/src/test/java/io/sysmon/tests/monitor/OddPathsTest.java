package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.monitor.EventKind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules about paths that are bytes and no text, or too long. */
class OddPathsTest {
  /** Makes names of bytes, and prints what becomes of each use of one. */
  private static final String TREE =
      """
      import os, socket, sys
      os.chdir(sys.argv[1])
      def attempt(what):
          try: what()
          except OSError as e: print(e.strerror)
      def write(path): attempt(lambda: os.close(os.open(path, os.O_WRONLY | os.O_CREAT)))
      os.mkdir(b'\\xff'); os.mkdir(b'\\xfe')
      os.symlink(b'../denied', b'\\xff/link')
      os.symlink(b'/free', b'\\xfe/link')
      os.symlink(b'\\xff/link', b'through')
      os.symlink(b'denied/\\xff', b'dangling')
      """;

  @TempDir Path temporary;
  private Path directory;

  @BeforeEach
  void aDirectoryThatIsDenied() throws Exception {
    directory = temporary.toRealPath();
    Files.createDirectory(directory.resolve("denied"));
  }

  private Monitored python(String script) {
    return Monitored.run(
        """
        rules:
        - {events: file, paths: '%1$s/denied/**', verdict: deny}
        - {events: net, addresses: 'unix:%1$s/denied/**', verdict: deny}
        """
            .formatted(directory),
        "/usr/bin/python3",
        "-c",
        TREE + script,
        directory.toString());
  }

  @Test
  void linksAreFollowedFromAndToNamesThatAreNotUtf8() {
    Monitored monitored =
        python(
            """
            write(b'\\xff/link/1')
            write(b'through/2')
            write(b'dangling')
            write(b'\\xff/link/\\xc3\\xa4\\xff/../3')
            os.chdir(b'\\xff'); write('link/4')
            attempt(lambda: socket.socket(socket.AF_UNIX).connect(b'../\\xff/link/5'))
            """);
    assertEquals(
        "Operation not permitted\n".repeat(6), monitored.outcome().stdout(), monitored::toString);
    assertEquals(0, directory.resolve("denied").toFile().list().length, monitored::toString);
  }

  @Test
  void namesThatLookAlikeAreNotTakenForOneAnother() {
    Monitored monitored = python("write(b'\\xfe/new'); write(b'\\xfe/link/none')");
    assertEquals("No such file or directory\n", monitored.outcome().stdout(), monitored::toString);
    assertEquals(
        1,
        monitored.all(EventKind.FILE_WRITE, "path").stream()
            .filter(path -> path.endsWith("/new"))
            .count(),
        monitored::toString);
  }

  @Test
  void aFileIsModifiedAlsoWhenItsNameIsNotUtf8() {
    Monitored monitored = python("with open(b'\\xfe/new', 'a') as file: file.write('x')");
    assertEquals(1, monitored.all(EventKind.FILE_MODIFIED, "path").size(), monitored::toString);
  }

  @Test
  void aPathThatIsTooLongIsToldToBeSoByTheKernel() {
    Monitored monitored =
        python(
            """
            for length in 4095, 4096, 4097, 100000:
                path = b'./' * (length // 2) + b'x' * (length % 2)
                write(path if length % 2 else path[:-1] + b'x')
            """);
    assertEquals(
        "File name too long\n".repeat(3), monitored.outcome().stdout(), monitored::toString);
    assertTrue(Files.exists(directory.resolve("x")), monitored::toString);
  }
}
