package io.sysmon.tests.services;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A program in C that is built as the kernel is: a make in each directory, archives, and a link.
 */
final class CProject {
  private static final int DIRECTORIES = 4;

  private static final String TOP =
      """
      export CFLAGS = -O1 -Wall -Werror
      LIBRARIES = $(patsubst %/Makefile,%/built-in.a,$(sort $(wildcard */Makefile)))
      program: main.o $(LIBRARIES)
      \t$(CC) -o $@ $^
      main.o: main.c
      \t$(CC) $(CFLAGS) -c -o $@ $<
      $(LIBRARIES): %/built-in.a: always
      \t$(MAKE) -C $* built-in.a
      always:
      """;

  private static final String EACH =
      """
      built-in.a: $(patsubst %.c,%.o,$(sort $(wildcard *.c)))
      \t$(AR) rcsD $@ $^
      %.o: %.c
      \t$(CC) $(CFLAGS) -c -o $@ $<
      """;

  private final Path directory;

  /**
   * Writes one.
   *
   * @param files how many there are to be compiled
   */
  CProject(Path directory, int files) throws IOException {
    this.directory = directory;
    StringBuilder declarations = new StringBuilder();
    StringBuilder calls = new StringBuilder();
    for (int i = 0; i < files - 1; i++) {
      Path part = Files.createDirectories(directory.resolve("part" + i % DIRECTORIES));
      Files.writeString(part.resolve("Makefile"), EACH);
      Files.writeString(part.resolve("file" + i + ".c"), source(i));
      declarations.append("int f").append(i).append("(int);\n");
      calls.append("  x = f").append(i).append("(x);\n");
    }
    Files.writeString(
        directory.resolve("main.c"),
        "#include <stdio.h>\n"
            + declarations
            + "int main(void)\n{\n  int x = 1;\n"
            + calls
            + "  return printf(\"%d\\n\", x) < 0;\n}\n");
    Files.writeString(directory.resolve("Makefile"), TOP);
  }

  private static String source(int number) {
    return """
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        int fN(int x);
        int fN(int x)
        {
            char text[64];
            for (int i = 0; i < N + 3; i++) {
                snprintf(text, sizeof text, "%d:%d", x, i);
                x = (int)((unsigned)x * 31u + (unsigned)strlen(text)) ^ atoi(text);
            }
            return x;
        }
        """
        .replace("N", Integer.toString(number));
  }

  /** What builds it. */
  List<String> command() {
    return List.of("make", "-s", "--no-print-directory", "-j4", "-C", directory.toString());
  }

  void clean() throws IOException {
    for (Path built : built()) {
      Files.delete(built);
    }
  }

  private List<Path> built() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().matches(".*\\.[oa]|.*/program"))
          .toList();
    }
  }

  /** The digests of all that was built. */
  Map<String, String> digests() throws IOException, NoSuchAlgorithmException {
    Map<String, String> digests = new TreeMap<>();
    for (Path file : built()) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      digests.put(directory.relativize(file).toString(), new BigInteger(1, digest).toString(16));
    }
    return digests;
  }

  /**
   * What a build starts, as strace(1) counts it.
   *
   * @param programs that are executed
   * @param processes that end
   */
  record Size(long programs, long processes) {}

  Size size(Path log) throws IOException {
    clean();
    List<String> strace =
        List.of("strace", "-f", "-e", "trace=execve", "-e", "signal=none", "-o", log.toString());
    Outcome outcome =
        Outcome.bare(
            new ProcessBuilder(Stream.concat(strace.stream(), command().stream()).toList()));
    assertEquals(new Outcome("", "", 0), outcome);
    List<String> lines = Files.readAllLines(log);
    return new Size(
        lines.stream().filter(line -> line.contains("execve") && line.endsWith(" = 0")).count(),
        lines.stream().filter(line -> line.contains(" +++ exited with ")).count());
  }
}
