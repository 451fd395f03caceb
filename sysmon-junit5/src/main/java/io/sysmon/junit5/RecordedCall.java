package io.sysmon.junit5;

import io.sysmon.SyscallRecord;
import io.sysmon.decode.Constant;
import io.sysmon.decode.Flags;
import io.sysmon.decode.SockAddr;
import java.util.List;
import java.util.Optional;

/**
 * A system call that a program has made. Immutable.
 *
 * @param call the call, as it was at its exit, or at its entry if it had none
 * @param name its name, {@code openat} for example; of a socketcall(2) or ipc(2) of i386, of the
 *     call that it stands for, as in {@code line}
 * @param line the call as strace(1) would print it
 * @param paths what its path arguments name, as absolute paths
 * @param descriptors what its descriptors are of, as {@code /proc/PID/fd} says
 * @param address of connect(2), the address; else empty, also when it could not be read
 * @param family of socket(2), the family; else empty
 * @param openFlags of a call that opens a file, and is told how, the flags; else empty, also when
 *     they could not be read
 * @param words of an execve, the program's arguments; else empty
 * @param environment of an execve, the variables, {@code NAME=VALUE}; else empty
 * @param written of a call that writes, the bytes that it has written; else empty
 */
public record RecordedCall(
    SyscallRecord call,
    String name,
    String line,
    List<String> paths,
    List<String> descriptors,
    Optional<SockAddr> address,
    Optional<Constant> family,
    Optional<Flags> openFlags,
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

  /** The same call at its end. */
  RecordedCall ended(SyscallRecord call, String line, Optional<Bytes> written) {
    return new RecordedCall(
        call,
        name,
        line,
        paths,
        descriptors,
        address,
        family,
        openFlags,
        words,
        environment,
        written);
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
