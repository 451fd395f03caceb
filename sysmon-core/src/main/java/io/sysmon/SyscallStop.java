package io.sysmon;

import io.sysmon.decode.Flags;
import io.sysmon.decode.SockAddr;
import io.sysmon.decode.SyscallSignature;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What both stops of a system call tell: who calls, what, and with which arguments.
 *
 * <p>A view of the stopped task, reused for the next stop. It may be used on the tracer's thread
 * until the callback returns; after that, and on any other thread, each method throws {@link
 * IllegalTraceeStateException}.
 *
 * <p>Every method that reads memory throws {@link BadAddressException} when the address cannot be
 * read, {@link TraceeDiedException} when the task was killed meanwhile, and {@link
 * TracePermissionException} when the program is not dumpable (prctl(2) {@code PR_SET_DUMPABLE}) and
 * this process has no {@code CAP_SYS_PTRACE}. Memory is what the tracee has there now: another
 * thread of it may change it before the kernel reads it, and at an exit the program's argument
 * buffers may have been overwritten by the call.
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
   * The call that this one stands for, as the typed arguments are its: socketcall(2) and ipc(2) of
   * i386 are many calls in one. It is read from memory where those have their arguments there.
   *
   * @return {@code connect} for a socketcall(2) that connects; of other calls {@link #signature()},
   *     and also of one whose arguments cannot be read
   */
  SyscallSignature meant();

  /**
   * A raw argument, as it is in the register. Of an {@code int} (descriptor, flags, pid) only the
   * lower half counts, {@code (int) call.arg(0)}: the upper half is whatever the program left
   * there.
   *
   * @param index 0 to 5
   * @return the bits of {@link Abi#registerMask()}: all 64, or for i386 the lower 32. The kernel
   *     looks at the lower 32 bits of an {@code int}, such as a descriptor: compare {@code (int)
   *     call.arg(0)}
   * @throws IllegalArgumentException when there is no such argument register
   */
  long arg(int index);

  /**
   * The string that an argument points to. Programs may pass pointers that cannot be read; where
   * that should be no failure, {@code snapshot().string(index)} is empty instead.
   *
   * @param index 0 to 5
   * @return the bytes before the NUL, as UTF-8
   * @throws BadAddressException when it cannot be read
   */
  default String string(int index) {
    return memory().readString(arg(index));
  }

  /**
   * The string that an argument points to, if it can be read. Programs do pass bad pointers, which
   * the kernel answers with {@code EFAULT}; a listener for arbitrary programs is prepared for them.
   *
   * @param index 0 to 5
   * @return empty when the pointer is null or not mapped, no NUL follows, or the kernel does not
   *     permit to read the program's memory
   */
  default Optional<String> findString(int index) {
    try {
      return Optional.of(string(index));
    } catch (BadAddressException | TracePermissionException e) {
      return Optional.empty();
    }
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
   * An argument, by its meaning.
   *
   * @param index its register, 0 to 5, as for {@link #arg}
   * @return a view of it
   * @throws IllegalArgumentException when the call has no argument there
   */
  CallArgument argument(int index);

  /**
   * An argument, by its meaning.
   *
   * @param name its name, such as {@code pathname}; {@code signature()} has those there are
   * @return a view of it
   * @throws IllegalArgumentException when the call has no argument of that name; the message has
   *     those there are
   */
  CallArgument argument(String name);

  /**
   * The arguments, by their meaning.
   *
   * @return views of them, in their order
   */
  List<CallArgument> arguments();

  /**
   * A number; see {@link CallArgument#number()}.
   *
   * @param index 0 to 5
   * @return the number, as wide and with the sign that the kernel sees
   */
  default long number(int index) {
    return argument(index).number();
  }

  /**
   * The name of a file, as the program wrote it; see {@link CallArgument#path()}.
   *
   * @param index 0 to 5
   * @return the bytes before the NUL, as UTF-8
   */
  default String path(int index) {
    return argument(index).path();
  }

  /**
   * The file that a path or a descriptor means to the calling task; see {@link
   * CallArgument#file()}.
   *
   * @param index 0 to 5
   * @return empty when there is none that can be told
   */
  default Optional<Path> file(int index) {
    return argument(index).file();
  }

  /**
   * Flags; see {@link CallArgument#flags()}.
   *
   * @param index 0 to 5
   * @return the bits with their names
   */
  default Flags flags(int index) {
    return argument(index).flags();
  }

  /**
   * A socket's address; see {@link CallArgument#sockaddr()}.
   *
   * @param index 0 to 5
   * @return the address
   */
  default SockAddr sockaddr(int index) {
    return argument(index).sockaddr();
  }

  /**
   * An argument's value: {@code call.value(1, FileStat.class)}; see {@link CallArgument#value}.
   *
   * @param index 0 to 5
   * @param type the value's class
   * @param <T> the value's type
   * @return the value
   */
  default <T> T value(int index, Class<T> type) {
    return argument(index).value(type);
  }

  /**
   * The values of an array: {@code call.values(0, PollFd.class)}; see {@link CallArgument#values}.
   *
   * @param index 0 to 5
   * @param type the class of one of them
   * @param <T> the values' type
   * @return the values
   */
  default <T> List<T> values(int index, Class<T> type) {
    return argument(index).values(type);
  }

  /**
   * The call as strace(1) prints it, at an entry without a result: {@code openat(AT_FDCWD,
   * "/etc/passwd", O_RDONLY) = 3}. What cannot be read, and what the kernel has not filled, stands
   * as an address. An exit has what memory held when the call was last described at its entry; if
   * it was not, what it holds now.
   *
   * @return the line, without the task's id
   */
  String describe();

  /**
   * The calling process's memory, for as long as this view is valid.
   *
   * @return the accessor
   */
  TraceeMemory memory();

  /**
   * All registers of the task, by name.
   *
   * @return the accessor, valid as long as this view
   */
  Registers registers();

  /**
   * Makes a system call inside the stopped task and waits for its result. Registers, signal mask
   * and pending signals are afterwards as they were. Listeners do not see it.
   *
   * <p>The call is one of this stop's {@link #abi()}, by its names, numbers and structures: at an
   * i386 call, mmap2 is what mmap is elsewhere, and pointers have 32 bits. At an x32 call it is a
   * native one, and at the exit of an execve one of the new program's ABI.
   *
   * <p>Signals that come meanwhile wait, but for {@code SIGSTOP}, which cannot be blocked: {@link
   * TraceeListener#onSignal} is called for it from within this method, on the same thread.
   *
   * <p>A call that blocks (read(2) from an empty pipe) blocks the tracer's thread.
   *
   * @param name the call's name
   * @param args up to six arguments; what they point to has to be in the tracee's memory
   * @return the result, or minus the errno
   * @throws UnknownSyscallException when the ABI has no such call
   * @throws IllegalArgumentException for calls that do not return or that change the task itself
   *     (exit, execve, fork and alike), for more than six arguments, and for one that does not fit
   *     into the ABI's registers
   * @throws TracePermissionException when the task runs under a seccomp filter of its own, which
   *     might kill it, and the filter cannot be suspended, which needs {@code CAP_SYS_ADMIN} and a
   *     tracer without a filter
   * @throws TraceeDiedException when the task was killed meanwhile
   */
  long syscall(String name, long... args);

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
