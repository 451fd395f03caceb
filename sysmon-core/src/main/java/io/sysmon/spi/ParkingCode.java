package io.sysmon.spi;

import java.util.List;

/**
 * Machine code in which a task sleeps that has no tracer for the moment, and that brings it back to
 * its program, with all its registers and its signal mask, when its tracer has ended. It is put
 * into memory that the program can execute and need not be able to write: once, and a frame for
 * each task, which has what that task goes on with.
 *
 * <p>It looks every half a second whether the tracer's process is there (getpgid(2)). Signals do
 * not end it that come while it sleeps, blocked or not: a handler runs, and it sleeps on.
 *
 * <p>Pure functions of bytes, stateless. Registers are in the layout of {@link
 * Architecture#registers()}.
 */
public interface ParkingCode {
  /**
   * The system calls that it makes.
   *
   * @return their names in the native ABI
   */
  List<String> calls();

  /**
   * The size of {@link #code}.
   *
   * @return bytes, a multiple of a frame's alignment
   */
  int size();

  /**
   * The size of a {@link #frame}.
   *
   * @return bytes, a multiple of its alignment, which is 8
   */
  int frameSize();

  /**
   * The code, which can be anywhere; its first instruction is where a task goes to sleep.
   *
   * @param tracer the pid, as the task knows it, of the process that must be there, or 0 for the
   *     task's own
   * @param endsProgram whether the program is killed when the tracer is not there any more, by a
   *     {@code SIGSEGV} that it cannot handle while signals are blocked; else it goes on
   * @return its bytes
   */
  byte[] code(int tracer, boolean endsProgram);

  /**
   * What one task goes on with.
   *
   * @param registers the program's, in a stop behind a system call: if the call was interrupted, it
   *     is made again, as the kernel makes it when no handler runs
   * @param signalMask the program's
   * @return the frame's bytes
   */
  byte[] frame(byte[] registers, long signalMask);

  /**
   * The registers with which a task goes to sleep.
   *
   * @param registers the program's, which is left as it is
   * @param code where the code is
   * @param frame where the task's frame is
   * @param seconds for how long it waits at most for a tracer that is there
   * @return a copy, changed
   */
  byte[] asleep(byte[] registers, long code, long frame, long seconds);
}
