package io.sysmon.spi;

import io.sysmon.Abi;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A CPU as ptrace(2) shows it: its ABIs, register layout and system call instruction.
 * Implementations are stateless, have a public constructor without parameters and are found by
 * {@link java.util.ServiceLoader}.
 */
public interface Architecture {
  /**
   * The kernel's name of the CPU, as {@code uname -m} prints it.
   *
   * @return for example {@code x86_64}
   */
  String name();

  /**
   * Whether a JVM with this {@code os.arch} runs on this CPU, in its native word size.
   *
   * @param osArch the system property's value
   * @return true when this architecture is the one to use
   */
  boolean isHost(String osArch);

  /**
   * The calling conventions that system calls can arrive in on this CPU.
   *
   * @return the native one first; the position in this list is the ABI's index
   */
  List<Abi> abis();

  /**
   * Which ABI a system call was made in. Called at each stop: constant time, no allocation.
   *
   * @param auditArch {@code arch} of {@code PTRACE_GET_SYSCALL_INFO}
   * @param number the raw system call number
   * @return the index in {@link #abis()}
   */
  int abiIndex(int auditArch, long number);

  /**
   * How system calls are made in an ABI.
   *
   * @param abi an index in {@link #abis()}
   * @return empty when calls of that ABI can be told, but not changed, because {@link #registers()}
   *     is not the layout of a task that makes them; never for the native one
   */
  Optional<SyscallConvention> convention(int abi);

  /**
   * The layout of the general registers of a native tracee: the register set {@code NT_PRSTATUS}.
   *
   * @return the layout
   */
  RegisterLayout registers();

  /**
   * How frame descriptions number the registers of a native tracee.
   *
   * @return the table
   */
  DwarfRegisters dwarfRegisters();

  /**
   * What is on the stack below the handler of a signal.
   *
   * @return empty where unwind information tells it, as the C library's and the vdso's does on
   *     x86_64
   */
  default Optional<SignalFrame> signalFrame() {
    return Optional.empty();
  }

  /**
   * Whether {@code PTRACE_GETREGS} and {@code PTRACE_SETREGS} exist, and have the layout {@link
   * #registers()} for every task. {@code PTRACE_GETREGSET} has another one for a task that runs
   * 32-bit code.
   *
   * @return true on x86_64
   */
  default boolean hasGetRegs() {
    return false;
  }

  /**
   * The register set ({@code NT_*} of elf.h) that the system call number must be written to at an
   * entry stop, as one 4-byte integer, when it is not the register {@link
   * RegisterLayout#enteredNumber()} of the main set.
   *
   * @return {@code NT_ARM_SYSTEM_CALL} on aarch64; 0 when the main set is the place
   */
  default int numberRegset() {
    return 0;
  }

  /**
   * Whether the kernel, on the way out of a call, looks for a restart code ({@code ERESTARTSYS} and
   * alike) after it has taken the signals, so that one that a tracer writes in a stop on that way
   * is obeyed, and not handed to the program.
   *
   * @return true for x86 (arch_do_signal_or_restart()); false for aarch64 (do_signal())
   */
  default boolean restartsAfterSignals() {
    return true;
  }

  /**
   * How a task sleeps while it is handed over from one tracer thread to another.
   *
   * @return empty where there is no such code
   */
  default Optional<ParkingCode> parkingCode() {
    return Optional.empty();
  }

  /**
   * The instruction that raises {@code SIGTRAP}, for breakpoints.
   *
   * @return a copy of its bytes, no longer than the shortest instruction
   */
  byte[] breakpointInstruction();

  /**
   * Where the instruction pointer is, relative to the breakpoint, when the trap is reported.
   *
   * @return 1 after x86's int3, 0 for aarch64's brk
   */
  int breakpointAdvance();

  /**
   * Whether code makes a system call, in any ABI of this CPU; such an instruction is not stepped
   * over.
   *
   * @param code at least as many bytes as the native one has
   * @return true for a system call instruction
   */
  default boolean isSyscallInstruction(byte[] code) {
    byte[] instruction = convention(0).orElseThrow().instruction();
    return Arrays.equals(instruction, Arrays.copyOf(code, instruction.length));
  }
}
