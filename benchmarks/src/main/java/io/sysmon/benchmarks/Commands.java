package io.sysmon.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs programs that nobody of this JVM traces. */
final class Commands {
  private Commands() {}

  /** Joins words and lists of words to a command. */
  static List<String> words(List<String> first, Object... more) {
    List<String> words = new ArrayList<>(first);
    for (Object word : more) {
      words.add(word.toString());
    }
    return words;
  }

  /**
   * Runs a program to its end.
   *
   * @return what it has written to its standard output
   * @throws IOException when it cannot be started, or fails
   */
  static String output(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    expectSuccess(command, process.waitFor());
    return text;
  }

  /**
   * Runs a program to its end, with its output thrown away.
   *
   * @return the nanoseconds from before its start to after its end
   * @throws IOException when it cannot be started, or fails
   */
  static double nanos(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    long begin = System.nanoTime();
    int status = builder.start().waitFor();
    double taken = System.nanoTime() - begin;
    expectSuccess(command, status);
    return taken;
  }

  private static void expectSuccess(List<String> command, int status) throws IOException {
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with status " + status);
    }
  }

  /** The first line that a program prints, or what was said to be printed instead. */
  static String firstLine(String otherwise, String... command) {
    try {
      return output(List.of(command)).lines().findFirst().orElse(otherwise);
    } catch (IOException e) {
      return otherwise;
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new java.io.InterruptedIOException(String.join(" ", command)));
    }
  }
}
