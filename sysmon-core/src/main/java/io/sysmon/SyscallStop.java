package io.sysmon;

import io.sysmon.decode.SyscallSignature;
import java.util.List;

/**
 * What both stops of a system call tell: who calls, what, and with which arguments.
 *
 * <p>A view of the stopped task, reused for the next stop. It may be used on the tracer's thread
 * until the callback returns; after that, and on any other thread, each method throws {@link
 * IllegalTraceeStateException}.
 *
 * <p>Every method that reads memory throws {@link BadAddressException} when the address cannot be
 * read and {@link TraceeDiedException} when the task was killed meanwhile. Memory is what the
 * tracee has there now: another thread of it may change it before the kernel reads it, and at an
 * exit the program's argument buffers may have been overwritten by the call.
 */
public interface SyscallStop {
  /**
   * The calling task.
   *
   * @return an object that may be kept
   */
  TraceeTask task();

  /**
   * The calling task's id.
   *
   * @return {@code task().tid()}
   */
  default int tid() {
    return task().tid();
  }

  /**
   * The calling process's id.
   *
   * @return {@code task().pid()}
   */
  default int pid() {
    return task().pid();
  }

  /**
   * The calling convention of this call, which also says whose numbers {@link #number()} are.
   *
   * @return the ABI
   */
  Abi abi();

  /**
   * The system call's number in its {@link #abi()}.
   *
   * @return the number as the program gave it, which no call may have
   */
  long number();

  /**
   * The system call's name.
   *
   * @return for example {@code openat}; {@code syscall_0x1f4} for a number that no call has
   */
  default String name() {
    return signature().name();
  }

  /**
   * What is known of this call's arguments and result.
   *
   * @return the entry of the system call table
   */
  SyscallSignature signature();

  /**
   * A raw argument, as it is in the register.
   *
   * @param index 0 to 5
   * @return all 64 bits; for an ABI of 32-bit words zero-extended
   * @throws IllegalArgumentException when there is no such argument register
   */
  long arg(int index);

  /**
   * The string that an argument points to.
   *
   * @param index 0 to 5
   * @return the bytes before the NUL, as UTF-8
   */
  default String string(int index) {
    return memory().readString(arg(index));
  }

  /**
   * The strings of a NULL-terminated array that an argument points to, such as execve's argv.
   *
   * @param index 0 to 5
   * @return the strings
   */
  List<String> strings(int index);

  /**
   * Bytes that an argument points to.
   *
   * @param index 0 to 5
   * @param length how many
   * @return the bytes
   */
  default byte[] bytes(int index, int length) {
    return memory().read(arg(index), length);
  }

  /**
   * The calling process's memory, for as long as this view is valid.
   *
   * @return the accessor
   */
  TraceeMemory memory();

  /**
   * Where the task will go on: the address after the system call instruction.
   *
   * @return an address in the tracee
   */
  long instructionPointer();

  /**
   * The task's stack pointer.
   *
   * @return an address in the tracee
   */
  long stackPointer();

  /**
   * When the stop was taken up.
   *
   * @return {@link System#nanoTime()} of that moment
   */
  long nanoTime();

  /**
   * Copies what is known now, to keep.
   *
   * @return the record, with the strings that the call's path and string arguments point to
   */
  SyscallRecord snapshot();
}
