package io.sysmon.decode;

import io.sysmon.Signal;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of signals, sigsetops(3).
 *
 * @param bits signal 1 is the lowest bit
 * @param size how many signals the set is of: 64, or 32 in the first calls of i386
 */
public record SignalSet(long bits, int size) {
  private static final int SIG_PREFIX = 3;

  /** Leaves what the set does not have. */
  public SignalSet {
    bits &= size == 64 ? -1L : (1L << size) - 1;
  }

  /**
   * Whether a signal is in it.
   *
   * @param signal a signal
   * @return true when its bit is set
   */
  public boolean contains(Signal signal) {
    int number = signal.number();
    return number >= 1 && number <= size && (bits >>> (number - 1) & 1) != 0;
  }

  /**
   * The signals in it.
   *
   * @return ascending
   */
  public List<Signal> signals() {
    List<Signal> signals = new ArrayList<>();
    for (int number = 1; number <= size; number++) {
      if ((bits >>> (number - 1) & 1) != 0) {
        signals.add(Signal.of(number));
      }
    }
    return List.copyOf(signals);
  }

  /** As strace(1) prints it: {@code [INT CHLD]}, or {@code ~[KILL]} when most are in. */
  @Override
  public String toString() {
    boolean inverted = Long.bitCount(bits) >= size * 2 / 3;
    SignalSet shown = inverted ? new SignalSet(~bits, size) : this;
    StringBuilder out = new StringBuilder(inverted ? "~[" : "[");
    String separator = "";
    for (Signal signal : shown.signals()) {
      out.append(separator).append(signal.name(), SIG_PREFIX, signal.name().length());
      separator = " ";
    }
    return out.append(']').toString();
  }
}
