package io.sysmon.examples;

import io.sysmon.TraceeTask;
import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The log of each task: one for all, on standard error or in a file, or a file for each. Listens on
 * the tracer's thread; is closed by any.
 */
final class TraceLogs implements StracePrinter.Logs, AutoCloseable {
  private static final int PID_WIDTH = 5;

  private final StraceOptions options;
  private final TimeStamps times;
  private final Consumer<IOException> onFailure;
  private final Flusher flusher = new Flusher();
  private final LogOutput standardError;
  private final @Nullable LogOutput sharedOutput;
  private final @Nullable TraceLog shared;
  private final Map<TraceeTask, LogOutput> ownOutputs = new HashMap<>();
  private final Map<TraceeTask, TraceLog> own = new HashMap<>();
  private final boolean several;
  private volatile boolean complete;
  private int tasks;

  /**
   * Opens the file, if there is one for all.
   *
   * @param several whether more than one task is shown from the beginning
   * @param onFailure told when something cannot be written, on the thread that met it
   * @throws UserException when the file cannot be opened
   */
  TraceLogs(StraceOptions options, boolean several, Consumer<IOException> onFailure) {
    this.options = options;
    this.several = several;
    this.onFailure = onFailure;
    // Not System.err, which swallows failures and locks at each call.
    standardError = new LogOutput(new FileOutputStream(FileDescriptor.err), true, onFailure);
    times = options.lines().timeStamps();
    String file = options.output();
    if (file != null && (file.startsWith("|") || file.startsWith("!"))) {
      throw new UserException("-o '" + file + "': writing to a command is not supported");
    }
    if (options.separateFiles()) {
      sharedOutput = null;
      shared = null;
    } else {
      sharedOutput = file == null ? standardError : openFile(file);
      shared = new TraceLog(sharedOutput, prefix(), options.lines().resultColumn());
    }
  }

  private LogOutput openFile(String file) {
    return open(file, options.isAppending());
  }

  /**
   * Opens another file, which is flushed as the others are.
   *
   * @throws UserException when it cannot be opened
   */
  LogOutput open(String file, boolean append) {
    try {
      LogOutput output = new LogOutput(new FileOutputStream(file, append), false, onFailure);
      flusher.add(output);
      return output;
    } catch (FileNotFoundException e) {
      throw new UserException("Can't open '" + file + "': " + reason(file, e));
    }
  }

  /** {@code FILE (reason)} without the file. */
  private static String reason(String file, FileNotFoundException e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith(file + " (") && message.endsWith(")")
        ? message.substring(file.length() + 2, message.length() - 1)
        : message;
  }

  private TraceLog.Prefix prefix() {
    if (options.separateFiles() || !(options.isFollowing() || several)) {
      return (line, tid) -> times.append(line);
    }
    if (options.output() != null) {
      return (line, tid) -> {
        String number = Integer.toString(tid);
        line.append(number).append(" ".repeat(Math.max(0, PID_WIDTH - number.length()) + 1));
        times.append(line);
      };
    }
    return (line, tid) -> {
      if (tasks > 1 || (several && !complete)) {
        String number = Integer.toString(tid);
        line.append("[pid ").append(" ".repeat(Math.max(0, PID_WIDTH - number.length())));
        line.append(number).append("] ");
      }
      times.append(line);
    };
  }

  /** All tasks that are to be shown from the beginning are there. Any thread. */
  void complete() {
    complete = true;
  }

  @Override
  public TraceLog of(TraceeTask task) {
    if (shared != null) {
      return shared;
    }
    TraceLog log = own.get(task);
    if (log == null) {
      throw new IllegalStateException("Task " + task + " has no log");
    }
    return log;
  }

  /** Where the lines of a task are written to. */
  LogOutput output(TraceeTask task) {
    LogOutput output = sharedOutput == null ? ownOutputs.get(task) : sharedOutput;
    if (output == null) {
      throw new IllegalStateException("Task " + task + " has no log");
    }
    return output;
  }

  @Override
  public void started(TraceeTask task) {
    tasks++;
    if (shared == null) {
      LogOutput output = openOwn(options.output() + "." + task.tid());
      ownOutputs.put(task, output);
      own.put(task, new TraceLog(output, prefix(), options.lines().resultColumn()));
    }
  }

  /** Writes a message to standard error: a line of its own, also where the log goes there. */
  void message(String text) {
    if (shared != null && options.output() == null) {
      shared.notice(text);
    } else {
      standardError.write(text + "\n");
    }
  }

  /** Writes to standard error as it is. */
  void error(String text) {
    standardError.write(text);
  }

  /** In a callback, which must not throw: the failure ends the trace, and its lines go nowhere. */
  private LogOutput openOwn(String file) {
    try {
      return openFile(file);
    } catch (UserException e) {
      onFailure.accept(new IOException(e.getMessage(), e));
      return new LogOutput(OutputStream.nullOutputStream(), false, onFailure);
    }
  }

  @Override
  public void ended(TraceeTask task) {
    tasks--;
    LogOutput output = ownOutputs.remove(task);
    if (output != null) {
      own.remove(task);
      flusher.remove(output);
      output.close();
    }
  }

  /** Writes the summary, when nothing is traced any more. */
  void write(String table) {
    if (sharedOutput != null) {
      sharedOutput.write(table);
    }
  }

  /** Writes what is buffered and closes the files. May be repeated. */
  @Override
  public void close() {
    flusher.close();
    if (sharedOutput != null) {
      if (options.output() == null) {
        sharedOutput.flush();
      } else {
        sharedOutput.close();
      }
    }
  }
}
