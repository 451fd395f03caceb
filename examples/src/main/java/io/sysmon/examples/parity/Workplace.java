package io.sysmon.examples.parity;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Where commands are traced: the same directory and environment for each run. */
final class Workplace {
  private static final long TIMEOUT_SECONDS = 180;

  /** Without what the user has installed. */
  private static final String PATH = "/usr/local/bin:/usr/bin:/bin";

  private final Path directory;
  private boolean prepared;

  /**
   * A workplace: the current directory and environment, until another is prepared.
   *
   * @param directory it may do anything in
   */
  Workplace(Path directory) {
    this.directory = directory;
  }

  /** Makes the files that every run is to find from now on. */
  void prepare() throws IOException {
    prepared = true;
    for (String name : List.of("prepare.sh", "calls.c")) {
      try (InputStream resource = Objects.requireNonNull(getClass().getResourceAsStream(name))) {
        Files.copy(resource, directory.resolve(name));
      }
    }
    Path original = Files.createDirectories(directory.resolve("original"));
    if (run(original, List.of("sh", "-e", "../prepare.sh")) != 0) {
      throw new IOException("The files to work with could not be made: " + messages());
    }
  }

  /**
   * Traces a command, on fresh files if they were prepared.
   *
   * @param tracer the words of the tracer, without {@code -o}
   * @param command the words of the command
   * @return the lines of the trace
   */
  List<String> trace(List<String> tracer, List<String> command) throws IOException {
    Path output = directory.resolve("trace");
    Files.deleteIfExists(output);
    List<String> words = new ArrayList<>(tracer);
    words.addAll(List.of("-o", output.toString()));
    words.addAll(command);
    run(freshPlace(), words);
    if (!Files.exists(output) || Files.size(output) == 0) {
      throw new IOException(String.join(" ", words) + " wrote no trace: " + messages());
    }
    // Names of files are bytes.
    return Files.readAllLines(output, StandardCharsets.ISO_8859_1);
  }

  private Path freshPlace() throws IOException {
    if (!prepared) {
      return Path.of("").toAbsolutePath();
    }
    run(directory, List.of("rm", "-rf", "place"));
    run(directory, List.of("cp", "-a", "original", "place"));
    return directory.resolve("place");
  }

  private int run(Path where, List<String> words) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words).directory(where.toFile());
    Map<String, String> environment = builder.environment();
    if (prepared) {
      environment.clear();
      environment.put("PATH", PATH);
      environment.put("JAVA_HOME", System.getProperty("java.home"));
      environment.put("HOME", where.toString());
      environment.put("LC_ALL", "C");
    }
    // A shell that starts a tracer would set it.
    environment.put("PWD", where.toString());
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectOutput(directory.resolve("stdout").toFile());
    builder.redirectError(directory.resolve("stderr").toFile());
    Process process = builder.start();
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(String.join(" ", words) + " does not end");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private String messages() throws IOException {
    return Files.readString(directory.resolve("stderr"), StandardCharsets.ISO_8859_1);
  }

  /** Whether a program is on the {@code PATH} or a file of the workplace. */
  boolean has(String program) {
    return Arrays.stream(PATH.split(":", -1))
            .anyMatch(each -> Files.isExecutable(Path.of(each, program)))
        || Files.isExecutable(directory.resolve("original").resolve(program));
  }
}
