package io.sysmon;

/**
 * A breakpoint in a tracee's code. It stays until it is removed, the program executes another one,
 * or ends; a forked child does not have it, a vfork child, which is in the same memory, does.
 *
 * <p>While one thread steps over the original instruction, another one may pass the address without
 * stopping.
 */
public interface Breakpoint {
  /**
   * Where it is.
   *
   * @return the address of an instruction
   */
  long address();

  /**
   * Puts the original instruction back. Does nothing when that was done. From any thread.
   *
   * @throws TracerClosedException when the tracer takes nothing any more
   */
  void remove();
}
