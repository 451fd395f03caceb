package io.sysmon;

import java.util.function.Consumer;

/** Looks at the exits of some calls. */
record ExitListener(Interest interest, Consumer<? super SyscallExit> action)
    implements SyscallListener {
  @Override
  public void onExit(SyscallExit call) {
    action.accept(call);
  }
}
