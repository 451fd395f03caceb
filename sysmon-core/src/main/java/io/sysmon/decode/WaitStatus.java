package io.sysmon.decode;

import io.sysmon.Signal;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a parent is told of a child, wait(2).
 *
 * <pre>{@code
 * exited   code << 8           killed   signal | 0x80 with a core
 * stopped  signal << 8 | 0x7f  continued 0xffff          event of ptrace(2): << 16
 * }</pre>
 *
 * @param value the number, which need not be one that the kernel makes
 */
public record WaitStatus(int value) {
  private static final int CONTINUED = 0xffff;
  private static final int STOPPED = 0x7f;

  static WaitStatus of(StructBytes status) {
    return new WaitStatus(status.i32(0));
  }

  /**
   * {@code WIFEXITED} and {@code WEXITSTATUS}.
   *
   * @return the exit code; empty when the child has not exited
   */
  public OptionalInt exitCode() {
    return (value & 0x7f) == 0 ? OptionalInt.of(value >> 8 & 0xff) : OptionalInt.empty();
  }

  /**
   * {@code WIFSIGNALED} and {@code WTERMSIG}.
   *
   * @return the signal that killed the child; empty when none has
   */
  public Optional<Signal> killedBy() {
    int signal = value & 0x7f;
    boolean killed = signal != 0 && signal != STOPPED;
    return killed ? Optional.of(Signal.of(signal)) : Optional.empty();
  }

  /**
   * {@code WCOREDUMP}.
   *
   * @return true when the signal has made the child leave a core dump
   */
  public boolean hasCoreDump() {
    return killedBy().isPresent() && (value & 0x80) != 0;
  }

  /**
   * {@code WIFSTOPPED} and {@code WSTOPSIG}.
   *
   * @return the signal by which the child stopped, with the bit of {@code PTRACE_O_TRACESYSGOOD}
   *     taken away; empty when it has not stopped
   */
  public Optional<Signal> stoppedBy() {
    boolean stopped = (value & 0xff) == STOPPED;
    return stopped ? Optional.of(Signal.of(value >> 8 & 0x7f)) : Optional.empty();
  }

  /**
   * {@code WIFCONTINUED}.
   *
   * @return true when {@code SIGCONT} has made the child go on
   */
  public boolean isContinued() {
    return (value & 0xffff) == CONTINUED;
  }

  /** As strace(1) prints it: {@code {WIFEXITED(s) && WEXITSTATUS(s) == 0}}. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    int low = value & 0xffff;
    if (isContinued()) {
      out.append("{WIFCONTINUED(s)}");
      low = 0;
    } else if (stoppedBy().isPresent()) {
      out.append("{WIFSTOPPED(s) && WSTOPSIG(s) == ");
      ScalarPrinters.signal(out, low >> 8 & 0x7f);
      out.append((low & 0x8000) == 0 ? "}" : " | 0x80}");
      low = 0;
    } else if (exitCode().isPresent()) {
      out.append("{WIFEXITED(s) && WEXITSTATUS(s) == ").append(low >> 8).append('}');
      low &= ~0xff00;
    } else {
      out.append("{WIFSIGNALED(s) && WTERMSIG(s) == ");
      ScalarPrinters.signal(out, low & 0x7f);
      out.append(hasCoreDump() ? " && WCOREDUMP(s)}" : "}");
      low &= ~0xff;
    }
    int event = value >>> 16;
    if (event != 0) {
      out.append('|').append(new Constant(event, "ptrace_event", AbiLayout.X86_64)).append("<<16");
    }
    if (low != 0) {
      out.append("|0x").append(Integer.toHexString(low));
    }
    return out.toString();
  }
}
