package io.sysmon.examples;

import io.sysmon.Errno;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Listener;
import io.sysmon.ListenerFailedException;
import io.sysmon.SeccompMode;
import io.sysmon.Signal;
import io.sysmon.SyscallStop;
import io.sysmon.TraceException;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.TracerClosedException;
import io.sysmon.decode.SyscallFormatter;
import io.sysmon.examples.Qualifiers.Message;
import io.sysmon.fault.FaultInjector;
import io.sysmon.fault.FaultRule;
import io.sysmon.stack.Unwinder;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@code sysmon strace}: starts the command, attaches to processes, and waits for their
 * end or the user's.
 */
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
  private final Targets targets;
  private final List<String> words;
  private final PrintWriter messages;
  private final Qualifiers qualifiers;
  private final ShownCalls calls;
  private final ShownTasks shown;
  private final FaultInjector faults;
  private final TraceLogs logs;
  private final SummaryListener summary;
  private final @Nullable Unwinder unwinder;
  private final Listener printer;
  private final @Nullable Timeline timeline;
  private final @Nullable Progress progress;
  private volatile @Nullable Tracer tracer;
  private volatile @Nullable TraceeHandle command;
  private volatile @Nullable IOException outputFailure;
  private boolean attached;
  private boolean listenerFailed;
  private boolean finished;

  /**
   * Opens the trace's file.
   *
   * @param targets what is attached
   * @param words what is launched, or nothing
   * @throws UserException when the file, or what the options ask for, cannot be used
   */
  StraceRun(StraceOptions options, Targets targets, List<String> words, PrintWriter messages) {
    this.options = options;
    this.targets = targets;
    this.words = words;
    this.messages = messages;
    qualifiers = options.qualifiers();
    shown = new ShownTasks(options.isFollowing(), targets, hasCommand());
    PathFilter paths = options.paths();
    if (qualifiers.tells(Message.PATH_RESOLUTION)) {
      paths
          .resolved()
          .forEach(
              (path, real) ->
                  tell("Requested path \"" + path + "\" resolved into \"" + real + "\""));
    }
    calls = new ShownCalls(qualifiers.calls(), paths, shown);
    faults =
        new FaultInjector(
            qualifiers.faults().stream()
                .map(rule -> rule.where(call -> isMeant(call, paths)))
                .toList());
    summary = new SummaryListener(calls, shown);
    boolean several = targets.size() + (hasCommand() ? 1 : 0) > 1;
    logs = new TraceLogs(options, several, this::outputFailed);
    unwinder = options.lines().hasStacks() ? new Unwinder() : null;
    Stacks stacks = new Stacks(unwinder);
    StracePrinter.Wanted wanted =
        new StracePrinter.Wanted(
            qualifiers,
            calls,
            shown,
            options.lines().marks(),
            stacks,
            qualifiers.tells(Message.PERSONALITY) && options.output() == null,
            options.lines().hasDurations(),
            options.lines().translatesPids() ? new PidTranslation() : null);
    CallText texts =
        new CallText(
            new SyscallFormatter(options.lines().format()), options.lines().descriptors(), faults);
    printer =
        options.isJson()
            ? new JsonPrinter(qualifiers, calls, shown, texts, stacks, logs, Clock.systemUTC())
            : new StracePrinter(wanted, texts, logs);
    String file = options.timeline();
    timeline = file == null ? null : new Timeline(calls, shown, texts, logs.open(file, false));
    progress =
        options.output() != null && Progress.isPossible()
            ? new Progress(calls, shown, logs::error)
            : null;
  }

  /** Whether faults are for a call: those that are shown, as under strace(1). */
  private boolean isMeant(SyscallStop call, PathFilter paths) {
    return shown.isShown(call.task())
        && qualifiers.calls().accepts(call.name())
        && (paths.isEmpty() || paths.accepts(call));
  }

  /** Writes to standard error: an object where those of the trace are written. */
  private void tell(String message) {
    messages.println(
        options.isJson() && options.output() == null
            ? JsonPrinter.message(Clock.systemUTC(), message)
            : "sysmon: " + message);
  }

  private boolean hasCommand() {
    return !words.isEmpty();
  }

  /**
   * Traces until the end.
   *
   * @return the exit status for sysmon
   * @throws UserException when the command cannot be used
   */
  int run() {
    try (Tracer built = tracer()) {
      tracer = built;
      Thread hook = new Thread(() -> interrupted(built), "sysmon-interrupted");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        attach(built);
        if (hasCommand()) {
          command = launch(built);
        }
        logs.complete();
        awaitEnd(built);
        return status();
      } finally {
        finish(built);
        remove(hook);
      }
    }
  }

  private Tracer tracer() {
    Tracer.Builder builder =
        Tracer.builder()
            .onListenerFailure(this::listenerFailed)
            .listener(shown)
            .listener(calls)
            // What is not followed is detached.
            .seccomp(options.isFollowing() ? SeccompMode.AUTO : SeccompMode.OFF);
    if (!faults.rules().isEmpty()) {
      builder.listener(faults);
    }
    if (options.summary().isWanted()) {
      builder.listener(summary);
    }
    if (options.summary().isOnly()) {
      if (unwinder != null) {
        tell("-k/--stack-traces has no effect with -c/--summary-only");
      }
    } else {
      if (unwinder != null) {
        builder.listener(unwinder);
      }
      builder.listener(printer);
    }
    if (timeline != null) {
      builder.listener(timeline);
    }
    if (progress != null) {
      builder.listener(progress);
      progress.start();
    }
    // The messages of a command's trace in a file would come between what the command writes.
    if (qualifiers.tells(Message.ATTACH)
        && !options.isJson()
        && (options.output() == null || !hasCommand())) {
      builder.listener(new AttachMessages(shown, targets, options.isFollowing(), logs::message));
    }
    return builder.build();
  }

  /** Attaches what can be, and tells why the rest cannot. */
  private void attach(Tracer built) {
    for (int process : targets.processes()) {
      try {
        built.attach(process);
        attached = true;
      } catch (TracerClosedException e) {
        // The user has interrupted it.
        return;
      } catch (TraceException e) {
        tell("attach: " + e.getMessage());
      }
    }
  }

  private @Nullable TraceeHandle launch(Tracer built) {
    ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
    options.changeEnvironment(builder.environment());
    try {
      return built.launch(builder);
    } catch (IOException e) {
      if (outputFailure != null) {
        // Which has ended it before it began.
        return null;
      }
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

  private int status() {
    IOException failure = outputFailure;
    if (failure != null) {
      boolean brokenPipe = Errno.EPIPE.message().equals(failure.getMessage());
      return brokenPipe ? BROKEN_PIPE : SysmonCommand.FAILED;
    }
    if (!hasCommand()) {
      return attached ? 0 : SysmonCommand.FAILED;
    }
    TraceeHandle launched = command;
    return launched == null || launched.isAlive() ? INTERRUPTED : launched.exitStatus().exitValue();
  }

  /**
   * Nobody will see what the command does any more; it ends, as under strace. What was attached is
   * let go when the wait for its end has noticed.
   */
  private void outputFailed(IOException failure) {
    outputFailure = failure;
    if (!Errno.EPIPE.message().equals(failure.getMessage())) {
      tell("Can't write the trace: " + failure.getMessage());
    }
    Tracer built = tracer;
    if (built != null) {
      built.tracees().stream().filter(shown::isOfCommand).forEach(StraceRun::kill);
    }
  }

  private static void kill(TraceeHandle process) {
    try {
      process.kill();
    } catch (IllegalTraceeStateException e) {
      // A child that is not followed, and was let go just now.
      return;
    }
  }

  private void listenerFailed(ListenerFailedException failure) {
    if (!listenerFailed) {
      listenerFailed = true;
      tell("internal error: " + failure.getMessage());
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down, and the hook is what ends it.
      awaitHalt();
    }
  }

  /** The kernel ends this thread, with all others. */
  private static void awaitHalt() {
    while (true) {
      LockSupport.park();
    }
  }

  /** Ends what is left and writes what is buffered; once, by whoever comes first. */
  private synchronized void finish(Tracer built) {
    if (!finished) {
      finished = true;
      shown.lettingGo();
      built.close();
      tellOfUnusedFaults();
      if (progress != null) {
        progress.close();
      }
      if (timeline != null) {
        timeline.close();
      }
      if (options.summary().isWanted()) {
        logs.write(summary.counts().table(options.summary().order()));
      }
      logs.close();
    }
  }

  private void tellOfUnusedFaults() {
    List<FaultRule> rules = qualifiers.faults();
    for (int i = 0; i < rules.size(); i++) {
      if (faults.injections().get(i) == 0) {
        boolean isTraced = rules.get(i).calls().stream().anyMatch(qualifiers.calls()::accepts);
        String why =
            isTraced
                ? ""
                : ": only calls that are traced are injected, and -e trace= excludes these";
        tell("No call was chosen by inject=" + rules.get(i) + why);
      }
    }
  }

  /**
   * The JVM got SIGINT, SIGTERM or SIGHUP: what was attached is let go. A command gets a Ctrl-C
   * too; with -o, as strace does, its end is left to it, else it is ended. Runs as the shutdown
   * hook.
   */
  private void interrupted(Tracer built) {
    TraceeHandle launched = command;
    if (!hasCommand() || (attached && launched != null && !launched.isAlive())) {
      // The JVM ends with 128 plus the signal.
      finish(built);
      return;
    }
    try {
      detachAttached(built);
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
    finish(built);
    // exit() would wait for this hook.
    Runtime.getRuntime().halt(status());
  }

  /** And what came of it, which may grow meanwhile. */
  private void detachAttached(Tracer built) throws InterruptedException {
    shown.lettingGo();
    boolean some = true;
    while (some) {
      some = false;
      for (TraceeHandle process : built.tracees()) {
        some |= !shown.isOfCommand(process) && process.detach(TO_END_POLITELY);
      }
    }
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
