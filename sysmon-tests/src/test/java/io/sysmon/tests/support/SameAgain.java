package io.sysmon.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.decode.Argument;
import java.util.List;

/**
 * Rewrites every call into itself: its arguments, number, strings and result are set to what they
 * are, and other calls are made before and after it. The program must not notice.
 */
public final class SameAgain implements SyscallListener {
  private static final int ARGUMENTS = 6;
  private static final int EVERY = 5;
  private int calls;

  @Override
  public Interest interest() {
    return Interest.all();
  }

  @Override
  public void onEnter(SyscallEnter call) {
    for (int i = 0; i < ARGUMENTS; i++) {
      call.setArg(i, call.arg(i));
    }
    call.setNumber(call.number());
    for (Argument argument : call.signature().arguments()) {
      if (argument.kind().isString()) {
        int index = argument.register();
        call.findString(index).ifPresent(text -> call.relocateString(index, text));
      }
    }
    if (++calls % EVERY == 0) {
      checkIn(call);
    }
  }

  @Override
  public void onExit(SyscallExit call) {
    call.setResult(call.result());
    // At the end of such a call the program's mask is not in force yet, which is refused.
    if (++calls % EVERY == 0 && call.result() >= 0) {
      checkIn(call);
    }
  }

  private static void checkIn(SyscallStop call) {
    List<Integer> tids = call.task().namespaceTids();
    assertEquals(call.tid(), tids.get(0));
    assertEquals(tids.get(tids.size() - 1).longValue(), call.syscall("gettid"));
  }

  /** How many entries and exits there were. */
  public int calls() {
    return calls;
  }
}
