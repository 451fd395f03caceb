package io.sysmon;

import java.util.Set;

/**
 * The registers of a stopped task by name, as the kernel's structure calls them ({@code
 * user_regs_struct} of sys/user.h on x86_64, {@code user_pt_regs} on aarch64). Valid as long as the
 * view that it came from.
 *
 * <p>A 32-bit program's are the lower halves of the same names on x86_64: {@code ebx} is {@code
 * rbx}. On aarch64 they have no names here, and reading them throws {@link TraceException}.
 *
 * <p>Changing a register here is not undone for you, unlike {@link SyscallEnter#setArg}.
 */
public interface Registers {
  /**
   * The names.
   *
   * @return an immutable set
   */
  Set<String> names();

  /**
   * Reads a register ({@code PTRACE_GETREGSET}).
   *
   * @param name one of {@link #names()}
   * @return its 64 bits
   * @throws IllegalArgumentException when there is no such register
   * @throws TraceeDiedException when the task was killed meanwhile
   */
  long get(String name);

  /**
   * Writes a register at once ({@code PTRACE_SETREGSET}).
   *
   * @param name one of {@link #names()}
   * @param value its 64 bits
   * @throws IllegalArgumentException when there is no such register
   * @throws TraceeDiedException when the task was killed meanwhile
   */
  void set(String name, long value);

  /**
   * Reads a word of the task's USER area ({@code PTRACE_PEEKUSER}).
   *
   * @param offset a multiple of the word size
   * @return the word
   * @throws TraceException when the kernel refuses the offset; aarch64 refuses all ({@code EIO})
   * @throws TraceeDiedException when the task was killed meanwhile
   */
  long peekUser(long offset);

  /**
   * Writes a word of the task's USER area ({@code PTRACE_POKEUSER}).
   *
   * @param offset a multiple of the word size
   * @param word what to write
   * @throws TraceException when the kernel refuses; aarch64 refuses all ({@code EIO})
   * @throws TraceeDiedException when the task was killed meanwhile
   */
  void pokeUser(long offset, long word);
}
