package io.sysmon.junit5;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;

/**
 * Shows a listener the calls that the program itself makes: not the execve(2) by which it is
 * launched, because the launch waits for that, and who starts the program waits for the launch.
 */
final class AfterLaunch implements SyscallListener, TraceeListener {
  private final SyscallListener listener;
  private volatile boolean isLaunched;

  AfterLaunch(SyscallListener listener) {
    this.listener = listener;
  }

  @Override
  public Interest interest() {
    return listener.interest();
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    isLaunched = true;
  }

  @Override
  public void onEnter(SyscallEnter call) {
    if (isLaunched) {
      listener.onEnter(call);
    }
  }
}
