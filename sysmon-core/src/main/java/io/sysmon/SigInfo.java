package io.sysmon;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The kernel's {@code siginfo_t}: why a signal was sent (sigaction(2)). Immutable. Which of the
 * fields have a meaning depends on signal and code; the others read as what the same bytes hold.
 *
 * <pre>{@code
 * offset  0  4  8 | 16       20      24            32     40        (64-bit layout)
 *         signo   | pid      uid     status        utime  stime     SIGCHLD
 *         errno   | pid      uid     value                          kill, tgkill, sigqueue
 *         code    | timerid  overrun value                          timers
 *                 | address                                         SIGSEGV, SIGBUS, SIGILL, ...
 *                 | band             fd                             SIGIO
 *                 | call address     syscall arch(28)               SIGSYS
 * }</pre>
 */
public final class SigInfo {
  /** {@code sizeof(siginfo_t)}. */
  public static final int SIZE = 128;

  /** {@code si_code}: sent by kill(2). */
  public static final int SI_USER = 0;

  /** {@code si_code}: sent by the kernel. */
  public static final int SI_KERNEL = 0x80;

  /** {@code si_code}: sent by sigqueue(3). */
  public static final int SI_QUEUE = -1;

  /** {@code si_code}: sent by tkill(2) or tgkill(2). */
  public static final int SI_TKILL = -6;

  private static final int SIGNO_OFFSET = 0;
  private static final int ERRNO_OFFSET = 4;
  private static final int CODE_OFFSET = 8;
  private static final int PID_OFFSET = 16;
  private static final int UID_OFFSET = 20;
  private static final int ADDRESS_OFFSET = 16;
  private static final int STATUS_OFFSET = 24;
  private static final int VALUE_OFFSET = 24;
  private static final int UTIME_OFFSET = 32;
  private static final int STIME_OFFSET = 40;

  private final ByteBuffer raw;

  /**
   * Takes over what {@code PTRACE_GETSIGINFO} filled in.
   *
   * @param bytes {@link #SIZE} bytes in the machine's byte order; copied
   */
  public SigInfo(byte[] bytes) {
    if (bytes.length != SIZE) {
      throw new IllegalArgumentException("siginfo_t has " + SIZE + " bytes, not " + bytes.length);
    }
    raw = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.nativeOrder());
  }

  /**
   * The signal, {@code si_signo}.
   *
   * @return the signal
   */
  public Signal signal() {
    return Signal.of(raw.getInt(SIGNO_OFFSET));
  }

  /**
   * {@code si_errno}.
   *
   * @return usually 0
   */
  public int errno() {
    return raw.getInt(ERRNO_OFFSET);
  }

  /**
   * {@code si_code}: positive from the kernel, zero or negative from a program.
   *
   * @return the code
   */
  public int code() {
    return raw.getInt(CODE_OFFSET);
  }

  /**
   * {@code si_pid}: who sent it, or the child that {@code SIGCHLD} is about; translated by the
   * kernel to the tracee's pid namespace.
   *
   * @return a process id
   */
  public int pid() {
    return raw.getInt(PID_OFFSET);
  }

  /**
   * {@code si_uid}: the real user id of the sender.
   *
   * @return a user id, as the kernel's unsigned number
   */
  public long uid() {
    return Integer.toUnsignedLong(raw.getInt(UID_OFFSET));
  }

  /**
   * {@code si_status} of {@code SIGCHLD}: exit code or signal.
   *
   * @return the status
   */
  public int status() {
    return raw.getInt(STATUS_OFFSET);
  }

  /**
   * {@code si_utime} of {@code SIGCHLD}.
   *
   * @return clock ticks
   */
  public long userTicks() {
    return raw.getLong(UTIME_OFFSET);
  }

  /**
   * {@code si_stime} of {@code SIGCHLD}.
   *
   * @return clock ticks
   */
  public long systemTicks() {
    return raw.getLong(STIME_OFFSET);
  }

  /**
   * {@code si_addr} of a fault: the address that was accessed or executed.
   *
   * @return an address in the tracee
   */
  public long address() {
    return raw.getLong(ADDRESS_OFFSET);
  }

  /**
   * {@code si_value} of sigqueue(3) and timers.
   *
   * @return all 64 bits of the union
   */
  public long value() {
    return raw.getLong(VALUE_OFFSET);
  }

  /**
   * The whole structure.
   *
   * @return a copy of its {@link #SIZE} bytes
   */
  public byte[] toByteArray() {
    return raw.array().clone();
  }

  @Override
  public String toString() {
    return signal().name() + " (code " + code() + ", pid " + pid() + ", uid " + uid() + ")";
  }
}
