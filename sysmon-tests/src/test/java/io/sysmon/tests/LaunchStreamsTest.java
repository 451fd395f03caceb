package io.sysmon.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Standard streams of launched programs. */
class LaunchStreamsTest {
  private static final int BIG = 3_000_000;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("a f\u00eele");
  }

  @Test
  void inputIsReadFromAFile() throws IOException {
    Files.writeString(file, "from the file");
    ProcessBuilder cat = new ProcessBuilder("cat").redirectInput(file.toFile());
    assertEquals(new Outcome("from the file", "", 0), Outcome.traced(cat));
  }

  @Test
  void outputFileIsTruncated() throws IOException {
    Files.writeString(file, "something longer that was there before");
    ProcessBuilder echo = new ProcessBuilder("echo", "new").redirectOutput(file.toFile());
    assertEquals(new Outcome("", "", 0), Outcome.traced(echo));
    assertEquals("new\n", Files.readString(file));
  }

  @Test
  void outputFileIsCreatedAsTheJdkCreatesIt() throws IOException {
    Path bare = directory.resolve("bare");
    Outcome.bare(new ProcessBuilder("echo", "new").redirectOutput(bare.toFile()));
    Outcome.traced(new ProcessBuilder("echo", "new").redirectOutput(file.toFile()));
    assertEquals("new\n", Files.readString(file));
    assertEquals(Files.getPosixFilePermissions(bare), Files.getPosixFilePermissions(file));
  }

  @Test
  void outputIsAppendedToAFile() throws IOException {
    Files.writeString(file, "old\n");
    ProcessBuilder echo =
        new ProcessBuilder("sh", "-c", "echo new; echo and error >&2")
            .redirectOutput(Redirect.appendTo(file.toFile()))
            .redirectErrorStream(true);
    assertEquals(new Outcome("", "", 0), Outcome.traced(echo));
    assertEquals("old\nnew\nand error\n", Files.readString(file));
  }

  @Test
  void twoProgramsThatAppendDoNotOverwriteEachOther() throws IOException, InterruptedException {
    ProcessBuilder lines =
        new ProcessBuilder("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo $0 $i; done", "line")
            .redirectOutput(Redirect.appendTo(file.toFile()));
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle one = tracer.launch(lines);
      TraceeHandle other = tracer.launch(lines);
      assertEquals(0, one.waitFor());
      assertEquals(0, other.waitFor());
    }
    assertEquals(18, Files.readAllLines(file).size());
  }

  @Test
  void errorsGoToAFileOfTheirOwn() throws IOException {
    ProcessBuilder both =
        new ProcessBuilder("sh", "-c", "echo out; echo err >&2").redirectError(file.toFile());
    assertEquals(new Outcome("out\n", "", 0), Outcome.traced(both));
    assertEquals("err\n", Files.readString(file));
  }

  @Test
  void discardedOutputGoesNowhere() {
    ProcessBuilder both =
        new ProcessBuilder("sh", "-c", "echo out; echo err >&2").redirectOutput(Redirect.DISCARD);
    assertEquals(new Outcome("", "err\n", 0), Outcome.traced(both));
  }

  @Test
  void errorsAreMergedIntoTheOutputInOrder() {
    ProcessBuilder both =
        new ProcessBuilder("sh", "-c", "echo 1; echo 2 >&2; echo 3; echo 4 >&2")
            .redirectErrorStream(true);
    assertEquals(new Outcome("1\n2\n3\n4\n", "", 0), Outcome.traced(both));
  }

  @Test
  void streamsThatAreRedirectedAreEmptyAndTheInputRefuses() throws Exception {
    Files.writeString(file, "x");
    ProcessBuilder cat =
        new ProcessBuilder("cat")
            .redirectInput(file.toFile())
            .redirectOutput(Redirect.DISCARD)
            .redirectErrorStream(true);
    try (Tracer tracer = Tracer.builder().build()) {
      Process process = tracer.launch(cat).process();
      assertEquals(-1, process.getInputStream().read());
      assertEquals(-1, process.getErrorStream().read());
      assertThrows(
          IOException.class,
          () -> {
            process.getOutputStream().write('x');
            process.getOutputStream().flush();
          });
      assertEquals(0, process.waitFor());
    }
  }

  @Test
  void whatIsWrittenToTheInputArrivesAndItsEndToo() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      Process cat = tracer.launch(new ProcessBuilder("cat")).process();
      OutputStream input = cat.getOutputStream();
      input.write("first\n".getBytes(UTF_8));
      input.flush();
      assertArrayEquals("first\n".getBytes(UTF_8), cat.getInputStream().readNBytes(6));
      input.write("last".getBytes(UTF_8));
      input.close();
      assertArrayEquals("last".getBytes(UTF_8), cat.getInputStream().readAllBytes());
      assertEquals(0, cat.waitFor());
    }
  }

  @Test
  void megabytesPassThroughAllThreePipesUnchanged() throws Exception {
    byte[] sent = new byte[BIG];
    new Random(1).nextBytes(sent);
    try (Tracer tracer = Tracer.builder().build()) {
      Process tee = tracer.launch(new ProcessBuilder("tee", "/dev/stderr")).process();
      CompletableFuture<byte[]> error = Background.call(() -> tee.getErrorStream().readAllBytes());
      CompletableFuture<Void> written =
          Background.run(
              () -> {
                try (OutputStream input = tee.getOutputStream()) {
                  input.write(sent);
                }
              });
      assertArrayEquals(sent, tee.getInputStream().readAllBytes());
      assertArrayEquals(sent, error.get());
      written.get();
      assertEquals(0, tee.waitFor());
    }
  }

  @Test
  void outputOfAProgramThatEndsAtOnceIsNeverLost() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      for (int i = 0; i < 100; i++) {
        assertEquals(
            new Outcome("output " + i, "", 0),
            Outcome.traced(tracer, new ProcessBuilder("printf", "%s", "output " + i)));
      }
    }
  }

  @Test
  void inheritedStreamsAreTheJvms() throws Exception {
    Process jvm = ChildJvm.of(Inheriting.class).start();
    try (OutputStream input = jvm.getOutputStream()) {
      input.write("one\ntwo\n".getBytes(UTF_8));
    }
    Outcome outcome = Outcome.of(jvm, "inheriting JVM");
    assertEquals(new Outcome("one\ntwo\nout\n", "err\n", 3), outcome);
  }

  static final class Inheriting {
    private Inheriting() {}

    public static void main(String[] args) throws Exception {
      try (Tracer tracer = Tracer.builder().build()) {
        ProcessBuilder command =
            new ProcessBuilder("sh", "-c", "cat; echo out; echo err >&2; exit 3");
        System.exit(tracer.launch(command.inheritIO()).waitFor());
      }
    }
  }

  @Test
  void mergedErrorsFollowAnInheritedOutput() {
    Outcome outcome = Outcome.bare(ChildJvm.of(InheritingMerged.class));
    assertEquals(new Outcome("out\nerr\n", "", 0), outcome);
  }

  static final class InheritingMerged {
    private InheritingMerged() {}

    public static void main(String[] args) {
      Outcome.traced(
          new ProcessBuilder("sh", "-c", "echo out; echo err >&2")
              .redirectOutput(Redirect.INHERIT)
              .redirectErrorStream(true));
    }
  }

  @Test
  void aJvmWithoutStandardStreamsGivesItsProgramsTheirs() throws IOException {
    List<String> shell = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"));
    shell.addAll(ChildJvm.of(WithoutStreams.class, file.toString()).command());
    Outcome outcome = Outcome.bare(new ProcessBuilder(shell));
    assertEquals(0, outcome.exitValue(), () -> outcome.toString());
    assertEquals(new Outcome("piped\nout\n", "err\n", 0).toString(), Files.readString(file));
  }

  static final class WithoutStreams {
    private WithoutStreams() {}

    public static void main(String[] args) throws Exception {
      String result;
      try (Tracer tracer = Tracer.builder().build()) {
        TraceeHandle cat =
            tracer.launch(new ProcessBuilder("sh", "-c", "cat; echo out; echo err >&2"));
        cat.process().getOutputStream().write("piped\n".getBytes(UTF_8));
        result = Outcome.of(cat).toString();
      } catch (Throwable e) {
        result = e.toString();
      }
      Files.writeString(Path.of(args[0]), result);
    }
  }

  @Test
  void aFileThatCannotBeOpenedIsAnIoExceptionAndNothingRuns() throws IOException {
    Path missing = directory.resolve("missing/file");
    Path ran = directory.resolve("ran");
    List<ProcessBuilder> commands =
        List.of(
            new ProcessBuilder("touch", ran.toString()).redirectInput(missing.toFile()),
            new ProcessBuilder("touch", ran.toString()).redirectOutput(missing.toFile()),
            new ProcessBuilder("touch", ran.toString()).redirectError(missing.toFile()),
            new ProcessBuilder("touch", ran.toString()).redirectOutput(directory.toFile()),
            new ProcessBuilder("touch", ran.toString())
                .redirectOutput(Redirect.appendTo(missing.toFile())));
    try (Tracer tracer = Tracer.builder().build()) {
      for (ProcessBuilder command : commands) {
        IOException bare = assertThrows(IOException.class, command::start);
        IOException traced = assertThrows(IOException.class, () -> tracer.launch(command));
        assertEquals(bare.getMessage(), traced.getMessage());
      }
    }
    assertTrue(Files.notExists(ran));
  }
}
