package io.sysmon.internal.engine;

import io.sysmon.TraceeDiedException;
import io.sysmon.internal.launch.Command;
import io.sysmon.internal.launch.Gate;
import io.sysmon.internal.launch.LaunchedProcess;
import io.sysmon.internal.launch.StandardStreams;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.internal.sys.SystemCallException;
import io.sysmon.spi.Architecture;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Starts programs: from the gate to the execve that succeeds or finally fails. Tracer thread. */
final class Launches {
  private static final System.Logger LOG = System.getLogger("io.sysmon.launch");

  private final Stops stops;
  private final Lives lives;
  private final Ptrace ptrace;
  private final Architecture architecture;
  private final LaunchFilter filter;

  Launches(
      Stops stops, Lives lives, Ptrace ptrace, Architecture architecture, LaunchFilter filter) {
    this.stops = stops;
    this.lives = lives;
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.filter = filter;
  }

  /**
   * Opens a gate and lets it enter its execve, which the listeners see.
   *
   * @param started completes with the tracee when the execve succeeds, exceptionally with an {@link
   *     IOException} or a {@link RuntimeException} when the program cannot be started
   */
  void begin(Command command, StandardStreams streams, CompletableFuture<Tracee> started) {
    // The gate would inherit where this thread is bound to.
    stops.placer().releaseAll();
    Gate gate;
    try {
      gate = Gate.open(ptrace, architecture, streams.programs());
    } catch (TraceeDiedException e) {
      streams.abandon();
      started.completeExceptionally(command.cannotRun("it was killed before it began", e));
      return;
    } catch (SystemCallException e) {
      // No process or descriptor is left, as ProcessBuilder would tell.
      streams.abandon();
      started.completeExceptionally(command.cannotRun(e.errno()));
      return;
    } catch (RuntimeException | Error e) {
      streams.abandon();
      started.completeExceptionally(e);
      return;
    }
    streams.releaseProgramsEnds();
    Tracee tracee;
    PendingLaunch launch;
    try {
      Gate.Exec exec = gate.prepare(command);
      boolean filtered = filter.install(gate);
      exec.begin();
      launch = new PendingLaunch(command, exec, started);
      tracee = lives.newTracee(gate.pid());
      if (filtered) {
        tracee.filtering(Filtering.BY_FILTER);
      }
    } catch (TraceeDiedException e) {
      streams.abandon();
      started.completeExceptionally(command.cannotRun("it was killed before it began", e));
      return;
    } catch (IOException | RuntimeException | Error e) {
      gate.destroy();
      streams.abandon();
      started.completeExceptionally(e);
      return;
    }
    tracee.process(new LaunchedProcess(tracee, streams));
    lives.launched(tracee, launch);
  }

  /** An execve failed; its task is in the exit stop. */
  void failed(Task task, PendingLaunch launch, long result) {
    try {
      if (result >= 0) {
        throw launch.command().cannotRun("a listener skipped its execve", null);
      }
      launch.exec().afterFailure((int) -result);
    } catch (IOException e) {
      launch.failed(e);
      task.process().kill();
      return;
    } catch (TraceeDiedException e) {
      stops.take(task.tid(), ptrace.status());
      return;
    }
    stops.syscallStop(task);
  }

  /** The process goes on untraced. If it was launched, it still is a child of this JVM. */
  void released(Tracee process) {
    LaunchedProcess launched = process.launched();
    if (launched != null) {
      new UntracedChild(process, launched).awaitEnd();
    }
  }

  void closeStreams(Tracee process) {
    LaunchedProcess launched = process.launched();
    if (launched == null) {
      return;
    }
    try {
      launched.ended();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Closing the pipes of " + process, e);
    }
  }
}
