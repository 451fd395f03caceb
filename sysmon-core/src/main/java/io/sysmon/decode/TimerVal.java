package io.sysmon.decode;

/**
 * {@code struct itimerval}, setitimer(2).
 *
 * @param interval from one expiration to the next; zero for a timer that expires once
 * @param value how long it is to the first one; zero for a timer that is not armed
 */
public record TimerVal(TimeVal interval, TimeVal value) {
  static TimerVal of(StructBytes bytes) {
    return new TimerVal(TimeVal.of(bytes, 0), TimeVal.of(bytes, 2 * bytes.abi().registerSize()));
  }

  @Override
  public String toString() {
    return "{it_interval=" + interval + ", it_value=" + value + "}";
  }
}
