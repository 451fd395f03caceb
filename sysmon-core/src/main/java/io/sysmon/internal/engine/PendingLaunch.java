package io.sysmon.internal.engine;

import io.sysmon.TraceException;
import io.sysmon.TracerClosedException;
import io.sysmon.internal.launch.Command;
import io.sysmon.internal.launch.Gate;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A launch between the first execve's entry and its success. */
final class PendingLaunch {
  private final Command command;
  private final Gate.Exec exec;
  private final CompletableFuture<Tracee> started;
  private @Nullable IOException failure;

  /**
   * Describes the launch.
   *
   * @param command what is launched
   * @param exec the attempts that are left
   * @param started completes with the running tracee, or with why it did not start
   */
  PendingLaunch(Command command, Gate.Exec exec, CompletableFuture<Tracee> started) {
    this.command = command;
    this.exec = exec;
    this.started = started;
  }

  Command command() {
    return command;
  }

  Gate.Exec exec() {
    return exec;
  }

  /** No attempt is left. The launch has failed once its process is gone too. */
  void failed(IOException why) {
    failure = why;
  }

  void succeeded(Tracee tracee) {
    started.complete(tracee);
  }

  /** Its process was killed before it became the program, because the tracer is being closed. */
  void closed() {
    started.completeExceptionally(
        failure != null
            ? failure
            : new TracerClosedException("The tracer was closed before the program began"));
  }

  /** The tracer's thread failed. */
  void lost(TraceException why) {
    started.completeExceptionally(why);
  }

  /** Its process ended before it became the program. */
  void ended(String how) {
    started.completeExceptionally(
        failure != null ? failure : command.cannotRun("it was " + how + " before it began", null));
  }
}
