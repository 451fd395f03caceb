package io.sysmon.decode;

/**
 * {@code struct itimerspec}, timer_settime(2).
 *
 * @param interval from one expiration to the next; zero for a timer that expires once
 * @param value how long, or until when, it is to the first one; zero for a timer that is not armed
 */
public record TimerSpec(TimeSpec interval, TimeSpec value) {
  static TimerSpec of(StructBytes bytes) {
    return new TimerSpec(TimeSpec.of(bytes, 0), TimeSpec.of(bytes, 2 * bytes.abi().registerSize()));
  }

  /** {@code struct __kernel_itimerspec}. */
  static TimerSpec wide(StructBytes bytes) {
    return new TimerSpec(TimeSpec.wide(bytes, 0), TimeSpec.wide(bytes, 16));
  }

  @Override
  public String toString() {
    return "{it_interval=" + interval + ", it_value=" + value + "}";
  }
}
