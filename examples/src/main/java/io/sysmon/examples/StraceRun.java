package io.sysmon.examples;

import io.sysmon.Errno;
import io.sysmon.Listener;
import io.sysmon.ListenerFailedException;
import io.sysmon.Signal;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.decode.SyscallFormatter;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of {@code sysmon strace}: starts the command, and waits for its end or the user's. */
final class StraceRun {
  /** What a shell's {@code $?} is after Ctrl-C. */
  private static final int INTERRUPTED = 130;

  /** What it is after writing to a pipe that nobody reads. */
  private static final int BROKEN_PIPE = 141;

  /** Ctrl-C reaches the command too, and mostly ends it. */
  private static final Duration TO_END_BY_ITSELF = Duration.ofMillis(300);

  private static final Duration TO_END_POLITELY = Duration.ofSeconds(1);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final StraceOptions options;
  private final PrintWriter messages;
  private volatile @Nullable Tracer tracer;
  private volatile @Nullable TraceeHandle command;
  private volatile @Nullable IOException outputFailure;
  private boolean listenerFailed;
  private boolean finished;

  StraceRun(StraceOptions options, PrintWriter messages) {
    this.options = options;
    this.messages = messages;
  }

  /**
   * Runs a command.
   *
   * @return the exit status for sysmon
   * @throws UserException when the command or the trace's file cannot be used
   */
  int run(List<String> words) {
    CallFilter calls = options.calls();
    SummaryListener summary = new SummaryListener(calls, options.isFollowing());
    TraceLogs logs = new TraceLogs(options, this::outputFailed);
    try (Tracer built = tracer(calls, logs, summary)) {
      tracer = built;
      Thread hook = new Thread(() -> interrupted(built, logs, summary), "sysmon-interrupted");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        TraceeHandle launched = launch(built, words);
        command = launched;
        awaitEnd(built);
        return status(launched);
      } finally {
        remove(hook);
        finish(built, logs, summary);
      }
    }
  }

  private Tracer tracer(CallFilter calls, TraceLogs logs, SummaryListener summary) {
    Tracer.Builder builder = Tracer.builder().onListenerFailure(this::listenerFailed);
    if (options.isSummary()) {
      builder.listener(summary);
    }
    if (!options.isSummaryOnly()) {
      builder.listener(printer(calls, logs));
    }
    return builder.build();
  }

  private Listener printer(CallFilter calls, TraceLogs logs) {
    StracePrinter.Wanted wanted =
        new StracePrinter.Wanted(
            calls,
            options.isFollowing(),
            options.tellsExits(),
            options.hasDurations(),
            options.translatesPids());
    return new StracePrinter(wanted, new SyscallFormatter(options.format()), logs);
  }

  private TraceeHandle launch(Tracer built, List<String> words) {
    ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
    options.changeEnvironment(builder.environment());
    try {
      return built.launch(builder);
    } catch (IOException e) {
      String reason = reason(e);
      String what = reason.equals(Errno.ENOENT.message()) ? "stat" : "exec";
      throw new UserException("Can't " + what + " '" + words.get(0) + "': " + reason);
    }
  }

  /** The end of {@code Cannot run program "x": error=2, No such file or directory}. */
  private static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    int error = message.lastIndexOf(": error=");
    int comma = message.indexOf(", ", Math.max(0, error));
    return error >= 0 && comma >= 0 ? message.substring(comma + 2) : message;
  }

  /** Without -f too: a child that is not shown must not be killed by the tracer's end. */
  private void awaitEnd(Tracer built) {
    try {
      boolean ended = false;
      while (!ended && outputFailure == null) {
        ended = built.awaitTracees(PERIOD);
      }
    } catch (ListenerFailedException e) {
      // The failure handler has told of it.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int status(TraceeHandle launched) {
    IOException failure = outputFailure;
    if (failure != null) {
      boolean brokenPipe = Errno.EPIPE.message().equals(failure.getMessage());
      return brokenPipe ? BROKEN_PIPE : SysmonCommand.FAILED;
    }
    return launched.isAlive() ? INTERRUPTED : launched.exitStatus().exitValue();
  }

  /** Nobody will see what the command does any more; it ends, as under strace. */
  private void outputFailed(IOException failure) {
    outputFailure = failure;
    if (!Errno.EPIPE.message().equals(failure.getMessage())) {
      messages.println("sysmon: Can't write the trace: " + failure.getMessage());
    }
    Tracer built = tracer;
    if (built != null) {
      built.tracees().forEach(TraceeHandle::kill);
    }
  }

  private void listenerFailed(ListenerFailedException failure) {
    if (!listenerFailed) {
      listenerFailed = true;
      messages.println("sysmon: internal error: " + failure.getMessage());
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down, and the hook is what ends it.
      return;
    }
  }

  /** Ends what is left and writes what is buffered; once, by whoever comes first. */
  private synchronized void finish(Tracer built, TraceLogs logs, SummaryListener summary) {
    if (!finished) {
      finished = true;
      built.close();
      if (options.isSummary()) {
        logs.write(summary.counts().table());
      }
      logs.close();
    }
  }

  /**
   * The JVM got SIGINT, SIGTERM or SIGHUP. With -o, as strace does, that is left to the command,
   * which gets a Ctrl-C too; else the command is ended. Runs as the shutdown hook.
   */
  private void interrupted(Tracer built, TraceLogs logs, SummaryListener summary) {
    try {
      if (options.output() != null) {
        awaitEnd(built);
      } else if (!built.awaitTracees(TO_END_BY_ITSELF)) {
        terminate();
        built.awaitTracees(TO_END_POLITELY);
      }
    } catch (ListenerFailedException e) {
      // The failure handler has told of it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    finish(built, logs, summary);
    TraceeHandle launched = command;
    // exit() would wait for this hook.
    Runtime.getRuntime().halt(launched == null ? INTERRUPTED : status(launched));
  }

  private void terminate() {
    TraceeHandle launched = command;
    if (launched != null && launched.isAlive()) {
      try {
        launched.signal(Signal.SIGTERM);
      } catch (TraceeDiedException e) {
        // That was what was wanted.
        return;
      }
    }
  }
}
