package io.sysmon.fault;

/** What rules do to a call that they have chosen, as far as the call shows it. */
public enum Tampering {
  /** What it is given, or what it transfers, is changed. */
  ARGUMENTS,
  /** The program sees a result that a rule has chosen. */
  RESULT,
  /** It begins, or returns, later. */
  DELAY
}
