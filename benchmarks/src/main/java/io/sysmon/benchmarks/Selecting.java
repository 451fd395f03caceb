package io.sysmon.benchmarks;

import io.sysmon.Interest;
import io.sysmon.SyscallListener;

/** Wants to see some calls and does nothing at them. */
class Selecting implements SyscallListener {
  private final Interest interest;

  Selecting(Interest interest) {
    this.interest = interest;
  }

  @Override
  public final Interest interest() {
    return interest;
  }
}
