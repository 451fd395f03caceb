package io.sysmon.monitor;

/** What is done about a process that tracing slows too much. */
public enum Shedding {
  /** Nothing but to tell it. */
  NOTHING,
  /**
   * Its calls are not looked at any more, nor those of the processes that it makes from then on: it
   * runs at full speed. Starts and ends of processes are told as before, and the calls that a rule
   * denies or asks about are looked at; a process that has been attached then stops as often as
   * before, but not as long.
   */
  NARROW,
  /**
   * It is let go. One that cannot be, because it was launched with a seccomp filter, is narrowed.
   */
  RELEASE
}
