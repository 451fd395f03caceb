package io.sysmon;

import io.sysmon.decode.SyscallTable;
import java.time.Duration;

/**
 * A task that is about to make a system call, and the verbs that change the call.
 *
 * <p>Changes take effect when all listeners have been called: each sees in {@link #arg} and {@link
 * #number} what the ones before it left. Argument registers that were changed get the program's own
 * values back when the call returns, because compilers assume that a system call preserves them.
 *
 * <p>A view: see {@link SyscallStop}. After its callback each verb throws {@link
 * IllegalTraceeStateException}.
 */
public interface SyscallEnter extends SyscallStop {
  /** How long {@link #hold()} waits for an answer. */
  Duration DEFAULT_HOLD = Duration.ofSeconds(5);

  /**
   * An argument as the program gave it, whatever listeners have changed.
   *
   * @param index 0 to 5
   * @return the register's value
   */
  long programArg(int index);

  /**
   * Whether the kernel is restarting a call that a signal interrupted (signal(7), "Interruption of
   * system calls"): the same call with the program's own arguments, or restart_syscall(2). Changes
   * that were made at the first entry have to be made again.
   *
   * @return true for a restart
   */
  boolean isRestart();

  /**
   * Changes an argument register for this call.
   *
   * @param index 0 to 5
   * @param value the new value; of i386, it must fit into 32 bits, signed or not
   * @throws IllegalArgumentException when there is no such argument or the value does not fit
   */
  void setArg(int index, long value);

  /**
   * Makes the kernel do another call with the same registers.
   *
   * @param number a number of this call's {@link #abi()}: {@code
   *     SyscallTable.get().abi(call.abi().name()).number("write")}
   */
  void setNumber(long number);

  /**
   * Makes the kernel do another call with the same registers.
   *
   * @param name a call's name in this call's {@link #abi()}
   * @throws UnknownSyscallException when the ABI has no such call
   */
  default void setNumber(String name) {
    int number = SyscallTable.get().abi(abi().name()).number(name);
    if (number < 0) {
      throw new UnknownSyscallException(abi() + " has no system call '" + name + "'");
    }
    setNumber(number);
  }

  /**
   * Makes the kernel do nothing. Listeners that come after this one still see the entry, and all
   * see the exit, with this result. It cannot be taken back, not by {@link Verdict#proceed()}
   * either.
   *
   * @param result what the program sees as the call's result; of i386, it must fit into 32 bits
   * @throws IllegalArgumentException when the result does not fit
   */
  void skip(long result);

  /**
   * Makes the kernel do nothing, and the call fail.
   *
   * @param errno what the program sees
   */
  default void fail(Errno errno) {
    skip(-errno.number());
  }

  /**
   * Overwrites the string that an argument points to, in the program's own memory. The
   * same-or-shorter rule: it must not be longer, in bytes of UTF-8.
   *
   * <p>The string stays changed after the call: a literal until the process ends, a buffer until
   * the program writes to it again. No other process sees it, and no file changes (copy on write).
   *
   * @param index the argument, 0 to 5
   * @param replacement the new string, without U+0000
   * @throws StringTooLongException when it is longer; nothing was written
   * @throws BadAddressException when the pointer is null or not mapped; nothing was written
   */
  void replaceString(int index, String replacement);

  /**
   * Points an argument to another string of any length for this call. The string is in a scratch
   * page of the process, not in the program's memory.
   *
   * @param index the argument, 0 to 5
   * @param replacement the new string, without U+0000
   * @throws TracePermissionException when the program's own seccomp filter forbids to map a page
   */
  void relocateString(int index, String replacement);

  /**
   * Points an argument to a copy of other bytes for this call, as {@link #relocateString} does to a
   * string. The kernel then reads these bytes, whatever other threads do meanwhile to those that
   * the program has given; they could still change the copy, if they look for it.
   *
   * @param index the argument, 0 to 5
   * @param replacement the bytes, with the NUL of a string
   * @throws TracePermissionException when the program's own seccomp filter forbids to map a page
   */
  void relocateBytes(int index, byte[] replacement);

  /**
   * Overwrites the bytes that an argument points to, of a call such as write(2), and sets the
   * length argument. The same-or-shorter rule: there must not be more bytes than the length
   * argument says.
   *
   * <p>The bytes stay changed after the call, as for {@link #replaceString}. A loop that writes one
   * literal finds it changed the second time, with the old tail behind a shorter text.
   *
   * @param index the pointer argument, 0 to 5
   * @param lengthIndex the length argument, 0 to 5
   * @param replacement the new bytes
   * @param reportOriginalLength true lets a call that has taken all of {@code replacement} return
   *     the original length, so that the program does not take the difference for a partial write
   *     and write the rest
   * @throws StringTooLongException when there are more bytes; nothing was written
   * @throws BadAddressException when the buffer is not mapped; it tells what was written
   */
  void replaceBuffer(int index, int lengthIndex, byte[] replacement, boolean reportOriginalLength);

  /**
   * Points an argument to other bytes, of any length, for this call, and sets the length argument.
   *
   * @param index the pointer argument, 0 to 5
   * @param lengthIndex the length argument, 0 to 5
   * @param replacement the new bytes
   * @param reportOriginalLength as for {@link #replaceBuffer}
   * @throws TracePermissionException when the program's own seccomp filter forbids to map a page
   */
  void relocateBuffer(int index, int lengthIndex, byte[] replacement, boolean reportOriginalLength);

  /**
   * Keeps the task at this entry until somebody answers; other tasks go on. After {@link
   * #DEFAULT_HOLD} the call proceeds.
   *
   * @return the token to answer with, from any thread
   */
  default HeldCall hold() {
    return hold(DEFAULT_HOLD, Verdict.proceed());
  }

  /**
   * Keeps the task at this entry until somebody answers; other tasks go on. The listeners that come
   * after this one see the entry first, and what any of them changes is part of the call.
   *
   * @param timeout how long to wait
   * @param onTimeout what becomes of the call when nobody has answered by then
   * @return the token to answer with, from any thread
   * @throws IllegalTraceeStateException when another listener holds this call already
   */
  HeldCall hold(Duration timeout, Verdict onTimeout);

  /**
   * Lets the call begin later. The tracer's thread does not wait: other tasks go on.
   *
   * @param delay how much later
   * @throws IllegalTraceeStateException when another listener holds or delays this call already
   */
  default void delay(Duration delay) {
    hold(delay, Verdict.proceed());
  }
}
