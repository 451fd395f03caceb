package io.sysmon.examples.rewrite;

import io.sysmon.Listener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a program has written and how it ended.
 *
 * @param status the exit value
 * @param out its standard output
 * @param err its standard error
 */
record Run(int status, String out, String err) {
  /** Runs a program in a directory, traced by the listeners, and all that it starts. */
  static Run traced(Path directory, List<String> command, Listener... listeners) {
    Tracer.Builder builder = Tracer.builder();
    Arrays.stream(listeners).forEach(builder::listener);
    try (Tracer tracer = builder.build()) {
      TraceeHandle program = tracer.launch(describe(directory, command));
      Run run = finish(program.process());
      program.waitFor();
      tracer.awaitTracees();
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a program in a directory as the JDK does. */
  static Run plain(Path directory, List<String> command) {
    try {
      return finish(describe(directory, command).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs an example's {@code main} in a JVM of its own. */
  static Run main(Class<?> example, Path directory, String... arguments) {
    return plain(directory, mainCommand(example, arguments));
  }

  /** The words that run an example's {@code main}. */
  static List<String> mainCommand(Class<?> example, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                example.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Compiles a C program and returns its file. */
  static Path compile(Path directory, String name, String source) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".c"), source);
    Path program = directory.resolve(name);
    Run gcc =
        plain(directory, List.of("gcc", "-O1", "-Wall", "-o", program.toString(), file.toString()));
    if (gcc.status != 0) {
      throw new IllegalStateException(gcc.err);
    }
    return program;
  }

  private static ProcessBuilder describe(Path directory, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  private static Run finish(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Thread reader = new Thread(() -> copy(process.getErrorStream(), err));
    reader.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    reader.join();
    return new Run(process.waitFor(), out, err.toString(StandardCharsets.UTF_8));
  }

  private static void copy(InputStream from, ByteArrayOutputStream to) {
    try {
      from.transferTo(to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
