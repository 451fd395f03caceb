package io.sysmon.examples.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpperCaseTest {
  /** Writes by each call that the example covers, and fails when one is answered wrongly. */
  private static final String WRITER =
      """
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/socket.h>
      #include <sys/uio.h>
      #include <unistd.h>

      static void expect(ssize_t is, ssize_t wanted) { if (is != wanted) exit(9); }

      int main(int argc, char **argv) {
        struct iovec parts[] = {{"a writev", 8}, {"", 0}, {" of parts\\n", 10}};
        expect(write(1, "a write\\n", 8), 8);
        expect(writev(1, parts, 3), 18);
        if (memcmp(parts[0].iov_base, "a writev", 8) != 0) return 8;
        if (argc > 1) {
          int pair[2];
          expect(dup2(open(argv[1], O_RDWR | O_CREAT, 0600), 1), 1);
          expect(pwrite(1, "a pwrite\\n", 9, 5), 9);
          expect(pwritev(1, parts, 3, 14), 18);
          expect(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
          dup2(pair[0], 1);
          expect(send(1, "a sendto\\n", 9, 0), 9);
          char text[9];
          expect(read(pair[1], text, 9), 9);
          expect(write(2, text, 9), 9);
        }
        return 0;
      }
      """;

  @TempDir private Path directory;

  @Test
  void theOutputOfCatIsUpperCase() throws IOException {
    Files.writeString(directory.resolve("in"), "one, Two & größe\n");
    assertEquals(new Run(0, "ONE, TWO & GRößE\n", ""), traced("cat", "in"));
  }

  @Test
  void messagesAreUpperCaseToo() {
    assertEquals(
        new Run(1, "", "CAT: MISSING: NO SUCH FILE OR DIRECTORY\n"), traced("cat", "missing"));
  }

  @Test
  void aShellsLoopAndItsProgramsWriteUpperCase() {
    Run run = traced("sh", "-c", "for i in a b; do printf '%s of %s\\n' $i x; /bin/echo $i; done");
    assertEquals(new Run(0, "A OF X\nA\nB OF X\nB\n", ""), run);
  }

  @Test
  void eachCallThatWritesIsCovered() throws IOException {
    String writer = Run.compile(directory, "writer", WRITER).toString();
    Run run = traced(writer, "file");
    assertEquals(new Run(0, "A WRITE\nA WRITEV OF PARTS\n", "A SENDTO\n"), run);
    assertEquals(
        "\\0\\0\\0\\0\\0A PWRITE\nA WRITEV OF PARTS\n".replace("\\0", "\0"),
        Files.readString(directory.resolve("file")));
  }

  @Test
  void copiesInsideTheKernelAreReadAndWritten() throws IOException {
    String text = "lower case\n".repeat(50_000);
    Files.writeString(directory.resolve("in"), text);
    assertEquals(new Run(0, "", ""), traced("sh", "-c", "cat in > out; cat in | cat > piped"));
    String upper = text.toUpperCase(Locale.ROOT);
    assertEquals(upper, Files.readString(directory.resolve("out")));
    assertEquals(upper, Files.readString(directory.resolve("piped")));
  }

  @Test
  void theProgramsOwnTextStaysAsItIs() throws IOException {
    Files.writeString(directory.resolve("in"), "text\n");
    assertEquals(new Run(0, "TEXT\n", ""), traced("sh", "-c", "tee copy < in"));
    assertEquals("text\n", Files.readString(directory.resolve("copy")));
  }

  @Test
  void runsAsACommand() {
    Run run = Run.main(UpperCase.class, directory, "sh", "-c", "echo hello; exit 3");
    assertEquals(3, run.status(), run.err());
    assertEquals("HELLO\n", run.out());
  }

  private Run traced(String... command) {
    return Run.traced(directory, List.of(command), new UpperCase());
  }
}
