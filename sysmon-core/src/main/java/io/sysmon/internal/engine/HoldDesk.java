package io.sysmon.internal.engine;

import io.sysmon.SyscallEnter;
import io.sysmon.TracerClosedException;
import java.time.Duration;
import java.util.function.Consumer;

/** Where held calls wait: brings their answers to the tracer thread, and ends their time. */
interface HoldDesk {
  /**
   * Posts an answer to the tracer thread. Any thread.
   *
   * @throws TracerClosedException when the tracer takes nothing any more
   */
  void answer(Hold hold, Consumer<? super SyscallEnter> rewrite);

  /** Calls {@link Hold#timeOut()} when the time has passed. */
  void waitFor(Hold hold, Duration timeout);
}
