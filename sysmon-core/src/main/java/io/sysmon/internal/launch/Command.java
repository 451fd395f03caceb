package io.sysmon.internal.launch;

import io.sysmon.Errno;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a {@link ProcessBuilder} describes, copied and checked as {@code start()} checks it. */
public final class Command {
  private final List<String> words;
  private final @Nullable File directory;
  private final List<byte[]> environment;

  private Command(List<String> words, @Nullable File directory, List<byte[]> environment) {
    this.words = words;
    this.directory = directory;
    this.environment = environment;
  }

  /**
   * Copies command, directory and environment.
   *
   * @throws IndexOutOfBoundsException when the command is empty
   * @throws NullPointerException when a word of it is null
   * @throws IOException when a word or the directory has a NUL character
   */
  public static Command of(ProcessBuilder builder) throws IOException {
    List<String> words = List.copyOf(builder.command());
    if (words.isEmpty()) {
      throw new IndexOutOfBoundsException(
          "The command is empty; give ProcessBuilder at least the program's name");
    }
    for (String word : words) {
      if (word.indexOf('\0') >= 0) {
        throw new IOException("invalid null character in command");
      }
    }
    File directory = builder.directory();
    if (directory != null && directory.getPath().indexOf('\0') >= 0) {
      throw new IOException("invalid null character in the working directory");
    }
    List<byte[]> environment = new ArrayList<>();
    builder.environment().forEach((k, v) -> environment.add(NativeText.variable(k, v)));
    return new Command(words, directory, environment);
  }

  /** The program's name as it was given. */
  String program() {
    return words.get(0);
  }

  /** The working directory, or null for the JVM's own. */
  byte @Nullable [] directory() {
    return directory == null ? null : NativeText.encode(directory.getPath());
  }

  /** The arguments, the program's name first. */
  List<byte[]> arguments() {
    return words.stream().map(NativeText::encode).toList();
  }

  /** The environment, {@code NAME=value}. */
  List<byte[]> environment() {
    return environment;
  }

  /** The exception that {@link ProcessBuilder#start()} throws when the program cannot be run. */
  public IOException cannotRun(int errno) {
    return cannotRun(
        "error=" + errno + Errno.find(errno).map(known -> ", " + known.message()).orElse(""), null);
  }

  /** As {@link #cannotRun(int)}, with another reason. */
  public IOException cannotRun(String reason, @Nullable Throwable cause) {
    return new IOException(
        "Cannot run program \""
            + program()
            + "\""
            + (directory == null ? "" : " (in directory \"" + directory + "\")")
            + ": "
            + reason,
        cause);
  }
}
