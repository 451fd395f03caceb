package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first Java block of README.md is a program that works. */
class ReadmeTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("(?s)```java\\R(.*?)```");
  private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\\R");
  private static final Pattern CLASS = Pattern.compile("(?m)^(?:public |final )*class (\\w+)");

  @TempDir private Path directory;

  @Test
  void itsExampleCompilesAndRuns() throws Exception {
    Path readme = Sysmon.repository().resolve("README.md");
    assumeTrue(Files.exists(readme));
    Matcher block = JAVA_BLOCK.matcher(Files.readString(readme));
    assertTrue(block.find(), "README.md has no java block");
    String name = compile(block.group(1));
    Path input = Files.writeString(directory.resolve("input"), "text\n");
    Sysmon.Result result =
        Sysmon.runOther(
            directory,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            directory + ":" + System.getProperty("java.class.path"),
            name,
            "cat",
            input.toString());
    assertEquals(0, result.status(), result.err());
    assertTrue(result.outLines().contains(input.toString()), result.out());
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
