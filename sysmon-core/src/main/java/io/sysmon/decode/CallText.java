package io.sysmon.decode;

import java.util.Arrays;

/**
 * The line that strace(1) prints for one call, by default options. Begun at the entry, it has what
 * memory held then. Not thread-safe.
 */
public final class CallText {
  private static final SyscallFormatter FORMATTER = new SyscallFormatter(FormatOptions.DEFAULT);

  /** Of a call that failed, what the kernel would have filled stands as an address. */
  private static final long FAILED = -1;

  private final SyscallSignature signature;
  private final StringBuilder text = new StringBuilder();
  private final PendingCall call;
  private final long[] arguments;

  /**
   * Begins a line.
   *
   * @param signature the call
   * @param arguments the argument registers, at least as many as the call has
   * @param stackPointer the caller's stack pointer; 0 when it is not known
   * @param memory the caller's memory
   */
  public CallText(
      SyscallSignature signature, long[] arguments, long stackPointer, MemoryReader memory) {
    this.signature = signature;
    this.arguments = arguments.clone();
    call = FORMATTER.enter(signature, arguments, stackPointer, memory, text);
  }

  /**
   * Whether the line is of a call.
   *
   * @param call perhaps the call
   * @param registers its argument registers
   * @return true when nobody has changed it since
   */
  public boolean isOf(SyscallSignature call, long[] registers) {
    return signature == call && Arrays.equals(arguments, registers);
  }

  /**
   * The call without a result: {@code read(3, 0x7ffd1c2b4e50, 4096)}. What the kernel will fill
   * stands as an address.
   *
   * @param memory the caller's memory at the entry
   * @return the text
   */
  public String atEntry(MemoryReader memory) {
    StringBuilder line = new StringBuilder(text);
    FORMATTER.exit(new PendingCall(call), FAILED, memory, line);
    return line.toString();
  }

  /**
   * The call with its result: {@code read(3, "root:x"..., 4096) = 1024}.
   *
   * @param result the result register: minus the errno when the call failed
   * @param memory the caller's memory at the exit
   * @return the text
   */
  public String atExit(long result, MemoryReader memory) {
    StringBuilder line = new StringBuilder(text);
    PendingCall ended = new PendingCall(call);
    FORMATTER.exit(ended, result, memory, line);
    FORMATTER.result(ended, result, memory, line.append(" = "));
    return line.toString();
  }
}
