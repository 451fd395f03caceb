package io.sysmon.internal.engine;

import io.sysmon.ExitStatus;
import io.sysmon.TraceException;
import io.sysmon.internal.launch.LaunchedProcess;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.SystemCallException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A launched process that was let go: still a child of this JVM, which has to reap it and tells how
 * it ended. Any thread, also when the tracer is closed.
 */
final class UntracedChild {
  private static final System.Logger LOG = System.getLogger("io.sysmon.launch");

  private static final Executor AGAIN = CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS);

  private final Tracee process;
  private final LaunchedProcess launched;

  UntracedChild(Tracee process, LaunchedProcess launched) {
    this.process = process;
    this.launched = launched;
  }

  /**
   * Has the JDK wait for its end. It does so by waitid(2) with {@code WNOWAIT} for children that
   * its own {@code ProcessBuilder} did not start, and leaves their status to us.
   */
  void awaitEnd() {
    Optional<ProcessHandle> handle = ProcessHandle.of(process.pid());
    if (handle.isPresent()) {
      var unused = handle.get().onExit().thenRunAsync(this::ended);
    } else if (Native.kill(process.pid(), 0) == 0) {
      // Not to be found for a moment: a thread that calls execve is taking the leader's place.
      AGAIN.execute(this::awaitEnd);
    } else {
      ended();
    }
  }

  private void ended() {
    int status;
    try {
      status = process.reap(() -> Native.waitForChild(process.pid()));
    } catch (SystemCallException e) {
      // Somebody else in this JVM waits for any child, and took it.
      process.lost(
          new TraceException(process + " was detached, and other code of this JVM reaped it", e));
      return;
    }
    try {
      launched.ended();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Closing the pipes of " + process, e);
    }
    ExitStatus end = Lives.endStatus(status);
    process.status(end);
    process.ended(end);
  }
}
