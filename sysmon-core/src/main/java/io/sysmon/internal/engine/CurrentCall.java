package io.sysmon.internal.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * The system call that a stopped task is in, or is just leaving, by {@code /proc/TID/syscall}
 * (proc(5)): for a task whose entry into the call was not seen. Unlike the registers it has the
 * first argument also where the result took its register (aarch64).
 */
final class CurrentCall {
  private final long number;
  private final long[] arguments;

  private CurrentCall(long number, long[] arguments) {
    this.number = number;
    this.arguments = arguments;
  }

  /** Null when the task is in no call, or gone. */
  static @Nullable CurrentCall of(int tid) {
    try {
      return parse(Files.readString(Path.of("/proc/" + tid + "/syscall")));
    } catch (IOException e) {
      // It was killed in its stop; or the kernel has no such file (CONFIG_HAVE_ARCH_TRACEHOOK).
      return null;
    }
  }

  /**
   * Reads {@code number argument... stack-pointer instruction-pointer}; a task in no call has
   * number −1 and no arguments, one that runs has the word {@code running}.
   */
  static @Nullable CurrentCall parse(String text) {
    StringTokenizer words = new StringTokenizer(text);
    if (words.countTokens() <= Task.ARGUMENTS) {
      return null;
    }
    long number = Long.parseLong(words.nextToken());
    long[] arguments = new long[Task.ARGUMENTS];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = Long.parseUnsignedLong(words.nextToken().substring(2), 16);
    }
    return new CurrentCall(number, arguments);
  }

  long number() {
    return number;
  }

  long argument(int index) {
    return arguments[index];
  }
}
