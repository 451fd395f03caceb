package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Tracer;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which file is run, and what is said when none can be. The JDK's answer is asked each time. */
class ProgramSearchTest {
  /** JDK 17 writes {@code error=2, No such ...}; later ones {@code error: 2 (No such ...)}. */
  private static final Pattern ERROR = Pattern.compile("error[=:] ?(\\d+)");

  @TempDir Path directory;

  @Test
  void missingProgramIsProcessBuildersException() throws IOException {
    refused(new ProcessBuilder("/no/such/program"), 2, "No such file or directory");
    refused(new ProcessBuilder("no-such-program-in-path"), 2, "No such file or directory");
    refused(new ProcessBuilder("./no-such-program"), 2, "No such file or directory");
    refused(new ProcessBuilder(""), 2, "No such file or directory");
  }

  @Test
  void fileThatIsNotExecutableIsProcessBuildersException() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "echo no\n");
    refused(new ProcessBuilder(text.toString()), 13, "Permission denied");
    refused(new ProcessBuilder("./text").directory(directory.toFile()), 13, "Permission denied");
  }

  @Test
  void directoryIsNoProgram() throws IOException {
    refused(new ProcessBuilder(directory.toString()), 13, "Permission denied");
    refused(new ProcessBuilder(".").directory(directory.toFile()), 13, "Permission denied");
  }

  @Test
  void fileIsNoDirectoryOnTheWayToAProgram() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "");
    refused(new ProcessBuilder(text + "/program"), 20, "Not a directory");
  }

  @Test
  void nameThatIsTooLongIsProcessBuildersException() throws IOException {
    refused(new ProcessBuilder("/" + "n".repeat(300)), 36, "File name too long");
  }

  @Test
  void symbolicLinksInACircleAreProcessBuildersException() throws IOException {
    Path one = directory.resolve("one");
    Files.createSymbolicLink(one, directory.resolve("two"));
    Files.createSymbolicLink(directory.resolve("two"), one);
    refused(new ProcessBuilder(one.toString()), 40, "Too many levels of symbolic links");
  }

  @Test
  void argumentThatIsTooLongIsProcessBuildersException() throws IOException {
    refused(new ProcessBuilder("echo", "x".repeat(140_000)), 7, "Argument list too long");
  }

  @Test
  void missingInterpreterIsProcessBuildersException() throws IOException {
    Path script = executable("script", "#!/no/such/interpreter\n");
    refused(new ProcessBuilder(script.toString()), 2, "No such file or directory");
  }

  @Test
  void missingDirectoryIsNamed() throws IOException {
    ProcessBuilder command =
        new ProcessBuilder("true").directory(directory.resolve("missing").toFile());
    refused(command, 2, "No such file or directory");
  }

  @Test
  void fileInPlaceOfTheDirectoryIsNamed() throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "");
    refused(new ProcessBuilder("true").directory(text.toFile()), 20, "Not a directory");
  }

  @Test
  void programThatWasRefusedManyTimesLeavesNothing() throws IOException {
    Path script = executable("script", "#!/no/such/interpreter\n");
    try (Tracer tracer = Tracer.builder().build()) {
      for (int i = 0; i < 50; i++) {
        assertThrows(IOException.class, () -> tracer.launch(new ProcessBuilder(script.toString())));
        assertThrows(
            IOException.class,
            () -> tracer.launch(new ProcessBuilder("true").directory(script.toFile())));
      }
      assertEquals(List.of(), tracer.tracees());
    }
  }

  private static void refused(ProcessBuilder command, int errno, String text) {
    IOException bare = assertThrows(IOException.class, () -> command.start().destroy());
    Matcher jdk = ERROR.matcher(bare.getMessage());
    assertTrue(jdk.find(), bare::getMessage);
    assertEquals(errno, Integer.parseInt(jdk.group(1)), bare::getMessage);
    try (Tracer tracer = Tracer.builder().build()) {
      IOException traced = assertThrows(IOException.class, () -> tracer.launch(command));
      String in =
          command.directory() == null ? "" : " (in directory \"" + command.directory() + "\")";
      assertEquals(
          "Cannot run program \""
              + command.command().get(0)
              + "\""
              + in
              + ": error="
              + errno
              + ", "
              + text,
          traced.getMessage());
      assertEquals(List.of(), tracer.tracees());
    }
  }

  @Test
  void scriptIsRunByItsInterpreter() throws IOException {
    Path script = executable("script", "#!/bin/sh -e\necho \"$0 $*\"; false; echo not here\n");
    same(
        new ProcessBuilder(script.toString(), "a", "b c"), new Outcome(script + " a b c\n", "", 1));
  }

  @Test
  void scriptWithoutInterpreterIsRunByTheShell() throws IOException {
    Path script = executable("script", "echo \"$0 $*\"; exit 4\n");
    same(
        new ProcessBuilder(script.toString(), "a", "b c"), new Outcome(script + " a b c\n", "", 4));
    same(
        new ProcessBuilder("./script", "x").directory(directory.toFile()),
        new Outcome("./script x\n", "", 4));
  }

  @Test
  void emptyExecutableFileIsAnEmptyScript() throws IOException {
    same(new ProcessBuilder(executable("empty", "").toString()), new Outcome("", "", 0));
  }

  @Test
  void relativeProgramIsRelativeToTheBuildersDirectory() throws IOException {
    Files.createDirectory(directory.resolve("sub"));
    executable("sub/script", "#!/bin/sh\npwd -P\n");
    same(
        new ProcessBuilder("sub/script").directory(directory.toFile()),
        new Outcome(directory.toRealPath() + "\n", "", 0));
  }

  private static void same(ProcessBuilder command, Outcome expected) {
    assertEquals(expected, Outcome.bare(command));
    assertEquals(expected, Outcome.traced(command));
  }

  @Test
  void pathIsSearchedAsProcessBuilderSearchesIt() throws IOException {
    for (String folder : List.of("first", "second", "third", "cwd")) {
      Files.createDirectory(directory.resolve(folder));
    }
    Files.createDirectory(directory.resolve("first/passed-over"));
    Files.writeString(directory.resolve("second/passed-over"), "not executable");
    executable("third/passed-over", "#!/bin/sh\necho third\n");
    executable("first/first-wins", "#!/bin/sh\necho first\n");
    executable("second/first-wins", "#!/bin/sh\necho second\n");
    executable("first/no-interpreter", "#!/no/such/interpreter\n");
    executable("second/no-interpreter", "#!/bin/sh\necho second\n");
    Files.writeString(directory.resolve("first/not-executable"), "");
    executable("second/shell-script", "echo \"$0 $1\"\n");
    executable("cwd/in-working-directory", "#!/bin/sh\necho cwd\n");
    executable("first/only-no-interpreter", "#!/no/such/interpreter\n");

    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("passed-over", "Outcome[stdout=third, stderr=, exitValue=0]");
    expected.put("first-wins", "Outcome[stdout=first, stderr=, exitValue=0]");
    expected.put("no-interpreter", "Outcome[stdout=second, stderr=, exitValue=0]");
    expected.put("not-executable", "error 13");
    expected.put(
        "shell-script",
        "Outcome[stdout=" + directory + "/second/shell-script argument, stderr=, exitValue=0]");
    expected.put("in-working-directory", "Outcome[stdout=cwd, stderr=, exitValue=0]");
    expected.put("only-no-interpreter", "error 2");
    expected.put("no-such-program", "error 2");

    String path = directory + "/missing:" + directory + "/first:" + directory + "/second:";
    // An empty element is the working directory.
    path += ":" + directory + "/third";
    List<String> lines = new ArrayList<>();
    expected.forEach(
        (program, outcome) -> {
          lines.add("bare " + program + ": " + outcome);
          lines.add("traced " + program + ": " + outcome);
        });
    assertEquals(lines, searched(path, List.copyOf(expected.keySet())));
  }

  @Test
  void withoutPathTheDefaultDirectoriesAreSearched() {
    List<String> lines = searched(null, List.of("true", "no-such-program"));
    assertEquals(
        List.of(
            "bare true: Outcome[stdout=, stderr=, exitValue=0]",
            "traced true: Outcome[stdout=, stderr=, exitValue=0]",
            "bare no-such-program: error 2",
            "traced no-such-program: error 2"),
        lines);
  }

  private List<String> searched(String path, List<String> programs) {
    ProcessBuilder jvm =
        ChildJvm.of(
            Searching.class, (directory + "/cwd " + String.join(" ", programs)).split(" ", -1));
    jvm.environment().remove("PATH");
    if (path != null) {
      jvm.environment().put("PATH", path);
    }
    if (!Files.exists(directory.resolve("cwd"))) {
      directory.resolve("cwd").toFile().mkdir();
    }
    Outcome outcome = Outcome.bare(jvm);
    assertEquals("", outcome.stderr());
    return outcome.stdout().lines().toList();
  }

  /** Runs each program with and without a tracer, in a directory. */
  static final class Searching {
    private Searching() {}

    public static void main(String[] args) {
      for (int i = 1; i < args.length; i++) {
        ProcessBuilder command =
            new ProcessBuilder(args[i], "argument").directory(Path.of(args[0]).toFile());
        System.out.println("bare " + args[i] + ": " + tried(() -> Outcome.bare(command)));
        System.out.println("traced " + args[i] + ": " + tried(() -> Outcome.traced(command)));
      }
    }

    private static String tried(java.util.function.Supplier<Outcome> run) {
      try {
        return run.get().toString().replace("\n", "");
      } catch (UncheckedIOException e) {
        Matcher error = ERROR.matcher(String.valueOf(e.getMessage()));
        return error.find() ? "error " + error.group(1) : e.toString();
      }
    }
  }

  private Path executable(String name, String content) throws IOException {
    Path file = Files.writeString(directory.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
