package io.sysmon.junit5;

import io.sysmon.SyscallRecord;
import io.sysmon.decode.SockAddr;
import java.util.List;
import java.util.Optional;

/**
 * A system call that a program has made. Immutable.
 *
 * @param call the call, as it was at its exit, or at its entry if it had none
 * @param line the call as strace(1) would print it
 * @param paths what its path arguments name, as absolute paths
 * @param descriptors what its descriptors are of, as {@code /proc/PID/fd} says
 * @param address of connect(2), the address; else empty, also when it could not be read
 * @param words of an execve, the program's arguments; else empty
 * @param environment of an execve, the variables, {@code NAME=VALUE}; else empty
 * @param written of a call that writes, the bytes that it has written; else empty
 */
public record RecordedCall(
    SyscallRecord call,
    String line,
    List<String> paths,
    List<String> descriptors,
    Optional<SockAddr> address,
    List<String> words,
    List<String> environment,
    Optional<Bytes> written) {

  /**
   * Bytes that were written.
   *
   * @param text as ISO 8859-1: a character is a byte
   */
  public record Bytes(String text) {}

  /** Copies the lists. */
  public RecordedCall {
    paths = List.copyOf(paths);
    descriptors = List.copyOf(descriptors);
    words = List.copyOf(words);
    environment = List.copyOf(environment);
  }

  /**
   * The call's name.
   *
   * @return for example {@code openat}
   */
  public String name() {
    return call.name();
  }

  /**
   * Whether it has returned, and not with an error.
   *
   * @return false also when its process was killed inside
   */
  public boolean succeeded() {
    SyscallRecord.Exit exit = call.exit();
    return exit != null && (exit.result() >= 0 || exit.result() < -4095);
  }

  /** Whether what it is for may be done: also when its process was killed inside. */
  boolean mayHaveSucceeded() {
    return call.exit() == null || succeeded();
  }

  @Override
  public String toString() {
    return "[" + call.tid() + "] " + line;
  }
}
