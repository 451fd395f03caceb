package io.sysmon.examples.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplaceOutputTest {
  /** Writes as a careful program does: the rest, after a partial write. Fails on surplus. */
  private static final String LOOP =
      """
      #include <stdio.h>
      #include <unistd.h>

      static const char text[] = "hello world\\n";

      int main(void) {
        for (int i = 0; i < 3; i++) {
          size_t done = 0;
          while (done < sizeof text - 1) {
            ssize_t written = write(1, text + done, sizeof text - 1 - done);
            if (written < 0 || written > (ssize_t) (sizeof text - 1 - done)) return 3;
            done += written;
          }
        }
        for (int i = 0; i < 3; i++) {
          if (printf("hello number %d\\n", i) != 15 || fflush(stdout) != 0) return 4;
        }
        return *(const volatile char *) text == 'h' ? 0 : 5;
      }
      """;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"", "bye", "HELLO", "good afternoon, dear", "héllo ☃"})
  void aLoopOfWritesAndPrintfsPrintsTheOtherText(String other) throws IOException {
    String program = Run.compile(directory, "loop", LOOP).toString();
    Run run = Run.traced(directory, List.of(program), new ReplaceOutput("hello", other, false));
    String written = (other + " world\n").repeat(3);
    String printed = other + " number 0\n" + other + " number 1\n" + other + " number 2\n";
    assertEquals(new Run(0, written + printed, ""), run);
  }

  @Test
  void inPlaceWhatIsAsLongIsTheSame() throws IOException {
    String program = Run.compile(directory, "loop", LOOP).toString();
    Run run = Run.traced(directory, List.of(program), new ReplaceOutput("hello", "HELLO", true));
    assertEquals(
        "HELLO world\n".repeat(3) + "HELLO number 0\nHELLO number 1\nHELLO number 2\n", run.out());
    assertEquals(5, run.status(), "the program sees that its literal has changed");
  }

  @Test
  void inPlaceAShorterTextLeavesTheLiteralsTailForTheNextWrite() throws IOException {
    String program = Run.compile(directory, "loop", LOOP).toString();
    Run run = Run.traced(directory, List.of(program), new ReplaceOutput("hello", "bye", true));
    // 12 bytes: the new 10, and the last 2 of the old. printf's buffer is filled anew each time.
    assertEquals(
        "bye world\n" + "bye world\nd\n".repeat(2) + "bye number 0\nbye number 1\nbye number 2\n",
        run.out());
  }

  @Test
  void inPlaceALongerTextIsRelocated() throws IOException {
    String program = Run.compile(directory, "loop", LOOP).toString();
    Run run =
        Run.traced(directory, List.of(program), new ReplaceOutput("hello", "hello, my", true));
    assertEquals(
        "hello, my world\n".repeat(3)
            + "hello, my number 0\nhello, my number 1\nhello, my number 2\n",
        run.out());
    assertEquals(0, run.status());
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void shellLoopsPrintTheOtherText(boolean inPlace) {
    Run run =
        Run.traced(
            directory,
            List.of("sh", "-c", "for i in 1 2 3; do echo old $i; printf 'old %d\\n' $i; done"),
            new ReplaceOutput("old", "new", inPlace));
    assertEquals(new Run(0, "new 1\nnew 1\nnew 2\nnew 2\nnew 3\nnew 3\n", ""), run);
  }

  @Test
  void standardErrorAndOtherFilesStayAsTheyAre() throws IOException {
    Files.writeString(directory.resolve("in"), "old\n");
    Run run =
        Run.traced(
            directory,
            List.of("sh", "-c", "tee copy < in; cat old"),
            new ReplaceOutput("old", "newer", false));
    assertEquals(new Run(1, "newer\n", "cat: old: No such file or directory\n"), run);
    assertEquals("old\n", Files.readString(directory.resolve("copy")));
  }

  @Test
  void aBadPointerIsLeftToTheKernel() throws IOException {
    String program =
        Run.compile(
                directory,
                "bad",
                """
                #include <errno.h>
                #include <unistd.h>
                int main(void) { return write(1, (char *) 8, 5) == -1 && errno == EFAULT ? 0 : 1; }
                """)
            .toString();
    assertEquals(
        new Run(0, "", ""),
        Run.traced(directory, List.of(program), new ReplaceOutput("a", "b", false)));
  }

  @Test
  void runsAsACommand() {
    Run run =
        Run.main(
            ReplaceOutput.class, directory, "root", "toor", "sh", "-c", "echo -n root; exit 7");
    assertEquals(7, run.status());
    assertEquals("toor", run.out());
  }
}
