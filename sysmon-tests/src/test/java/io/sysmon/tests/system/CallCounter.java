package io.sysmon.tests.system;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the entries of one system call. */
final class CallCounter implements SyscallListener {
  private final String name;
  private final AtomicInteger calls = new AtomicInteger();

  CallCounter(String name) {
    this.name = name;
  }

  @Override
  public Interest interest() {
    return Interest.enter(name);
  }

  @Override
  public void onEnter(SyscallEnter call) {
    calls.incrementAndGet();
  }

  int calls() {
    return calls.get();
  }
}
