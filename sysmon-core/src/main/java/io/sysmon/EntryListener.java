package io.sysmon;

import java.util.function.Consumer;

/** Looks at the entries of some calls. */
record EntryListener(Interest interest, Consumer<? super SyscallEnter> action)
    implements SyscallListener {
  @Override
  public void onEnter(SyscallEnter call) {
    action.accept(call);
  }
}
