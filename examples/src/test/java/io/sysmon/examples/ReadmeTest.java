package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java blocks of README.md compile, and those that are whole programs work. */
class ReadmeTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("(?s)```java\\R(.*?)```");
  private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\\R");
  private static final Pattern CLASS = Pattern.compile("(?m)^(?:public |final )*class (\\w+)");

  @TempDir private Path directory;

  @Test
  void itsExampleCompilesAndRuns() throws Exception {
    Path input = Files.writeString(directory.resolve("input"), "text\n");
    Sysmon.Result result = Sysmon.finish(start(compile(blocks().get(0)), "cat", input.toString()));
    assertEquals(0, result.status(), result.err());
    assertTrue(result.outLines().contains(input.toString()), result.out());
  }

  @Test
  void itsExampleOfAttachingCompilesAndRuns() throws Exception {
    String block = blocks().stream().filter(b -> b.contains(".attach(")).findFirst().orElseThrow();
    try (Target cat = Target.reading("cat")) {
      Process process = start(compile(block), cat.toString(), "1");
      cat.awaitStatus("TracerPid", tracer -> !tracer.equals("0"));
      // A read that waits for the next of these.
      while (Target.isTraced(cat.pid())) {
        Thread.sleep(20);
        cat.asks("text", "text");
      }
      Sysmon.Result result = Sysmon.finish(process);
      assertEquals(0, result.status(), result.err());
      assertTrue(result.out().startsWith(cat + " read took PT0."), result.out());
      cat.assertUntouched("S (sleeping)");
    }
  }

  @Test
  void itsExampleOfTypedArgumentsCompilesAndRuns() throws Exception {
    String block = blocks().stream().filter(b -> b.contains(".flags(")).findFirst().orElseThrow();
    Path written = directory.toRealPath().resolve("written");
    Process process = start(compile(block), "sh", "-c", "echo text >written; exit 3");
    Sysmon.Result result = Sysmon.finish(process);
    assertEquals(3, result.status(), result.err());
    assertTrue(result.outLines().contains("writes " + written), result.out());
  }

  @Test
  void allItsExamplesCompile() throws IOException {
    for (String block : blocks()) {
      compile(block);
    }
  }

  private static List<String> blocks() throws IOException {
    Path readme = Sysmon.repository().resolve("README.md");
    assumeTrue(Files.exists(readme));
    List<String> blocks =
        JAVA_BLOCK
            .matcher(Files.readString(readme))
            .results()
            .map(match -> match.group(1))
            .toList();
    assertTrue(blocks.size() > 1, "README.md has no java blocks");
    return blocks;
  }

  private Process start(String name, String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            directory + ":" + System.getProperty("java.class.path"),
            name));
    words.addAll(List.of(arguments));
    return Sysmon.start(directory, words);
  }

  /** Compiles a whole class, or statements to be put into one; returns its name. */
  private String compile(String code) throws IOException {
    Matcher named = CLASS.matcher(code);
    String name = named.find() ? named.group(1) : "Example";
    Path source =
        Files.writeString(
            directory.resolve(name + ".java"), named.reset().find() ? code : wrapped(code));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of(
                      "-proc:none",
                      "-d",
                      directory.toString(),
                      "-cp",
                      System.getProperty("java.class.path")),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      assertTrue(compiled, messages::toString);
    }
    return name;
  }

  private static String wrapped(String code) {
    StringBuilder imports = new StringBuilder("import io.sysmon.*;\nimport java.util.*;\n");
    IMPORT.matcher(code).results().forEach(match -> imports.append(match.group()));
    return imports
        + "public class Example {\n  public static void main(String[] args) throws Exception {\n"
        + IMPORT.matcher(code).replaceAll("")
        + "\n  }\n}\n";
  }
}
