package io.sysmon.examples;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Runs the real {@code sysmon} script in a process of its own, on the classes under test: in a
 * directory that looks to the script like a source tree that is built.
 */
final class Sysmon {
  private static final Path ROOT = createRoot();

  private Sysmon() {}

  /** What a finished process has left. */
  record Result(int status, String out, String err) {
    List<String> errLines() {
      return err.lines().toList();
    }

    List<String> outLines() {
      return out.lines().toList();
    }
  }

  /** Runs sysmon in a directory and waits for its end. */
  static Result run(Path directory, String... arguments) {
    return finish(start(directory, arguments));
  }

  /** Starts sysmon in a directory, with pipes. */
  static Process start(Path directory, String... arguments) {
    return start(directory, words(arguments));
  }

  /** The words that run sysmon with arguments. */
  static List<String> words(String... arguments) {
    List<String> words = new ArrayList<>(List.of(ROOT.resolve("sysmon").toString()));
    words.addAll(Arrays.asList(arguments));
    return words;
  }

  /** Runs another program in the same way. */
  static Result runOther(Path directory, String... words) {
    return finish(start(directory, List.of(words)));
  }

  /** Starts a program with pipes, and the environment that every program gets here. */
  static Process start(Path directory, List<String> words) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
    // The shell that runs the script sets PWD.
    builder
        .environment()
        .putAll(
            Map.of(
                "JAVA_HOME", System.getProperty("java.home"),
                "LC_ALL", "C",
                "PWD", directory.toString()));
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads what a process writes and waits for its end. */
  static Result finish(Process process) {
    try {
      process.getOutputStream().close();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      Thread reader = new Thread(() -> copy(process.getErrorStream(), err));
      reader.start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      reader.join();
      return new Result(process.waitFor(), out, err.toString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IllegalStateException(e);
    }
  }

  private static void copy(InputStream from, ByteArrayOutputStream to) {
    try {
      from.transferTo(to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a program is installed. */
  static boolean isInstalled(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** Compiles a C program and returns its file. */
  static Path compile(Path directory, String name, String source) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".c"), source);
    Path program = directory.resolve(name);
    Result result =
        runOther(directory, "gcc", "-w", "-pthread", "-o", program.toString(), file.toString());
    if (result.status() != 0) {
      throw new IllegalStateException(result.err());
    }
    return program;
  }

  /** The directory of this repository. */
  static Path repository() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("sysmon"))) {
      directory = directory.getParent();
    }
    return directory;
  }

  /** Makes another such directory, in which nothing has been run yet. */
  static Path createRoot() {
    try {
      Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
      Path root = Files.createTempDirectory(target, "script");
      Files.copy(
          repository().resolve("sysmon"),
          root.resolve("sysmon"),
          StandardCopyOption.COPY_ATTRIBUTES);
      for (String module :
          List.of("sysmon-core", "sysmon-arch-x86_64", "sysmon-monitor", "examples")) {
        makeOldFile(root.resolve(module).resolve("pom.xml"));
        makeOldFile(root.resolve(module).resolve("src/main"));
      }
      makeOldFile(root.resolve("pom.xml"));
      makeJar(root.resolve("examples/target/sysmon.jar"));
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Older than the jar, by any clock. */
  private static void makeOldFile(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 10_000));
  }

  /** With its class path beside it, all of it in jars, as in the real one. */
  private static void makeJar(Path jar) throws IOException {
    Path lib = Files.createDirectories(jar.resolveSibling("lib"));
    List<String> names = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path library = lib.resolve(names.size() + ".jar");
      if (Files.isDirectory(Path.of(entry))) {
        pack(Path.of(entry), library);
      } else {
        Files.createSymbolicLink(library, Path.of(entry));
      }
      names.add("lib/" + library.getFileName());
    }
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, SysmonCommand.class.getName());
    attributes.putValue("Enable-Native-Access", "ALL-UNNAMED");
    attributes.put(Attributes.Name.CLASS_PATH, String.join(" ", names));
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
  }

  private static void pack(Path directory, Path jar) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(directory.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
  }
}
