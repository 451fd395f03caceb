package io.sysmon.internal.launch;

import io.sysmon.Signal;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A launched tracee as the JDK's {@link Process}. */
public final class LaunchedProcess extends Process {
  private final TraceeHandle tracee;
  private final @Nullable OutputStream inputPipe;
  private final OutputStream input;
  private final PipeInput output;
  private final PipeInput error;

  /** Takes over the streams. */
  public LaunchedProcess(TraceeHandle tracee, StandardStreams streams) {
    this.tracee = tracee;
    inputPipe = streams.input();
    input = inputPipe == null ? closedOutput() : new BufferedOutputStream(inputPipe);
    output = new PipeInput(streams.output());
    error = new PipeInput(streams.error());
  }

  private static OutputStream closedOutput() {
    OutputStream closed = OutputStream.nullOutputStream();
    try {
      closed.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return closed;
  }

  /**
   * Frees the pipes when the process has ended, as the JDK does: what it wrote and nobody has read
   * yet is kept in memory. Never blocks.
   */
  public void ended() throws IOException {
    output.writerEnded();
    error.writerEnded();
    if (inputPipe != null) {
      // Not through the buffer: flushing could block on a pipe that a grandchild does not read.
      inputPipe.close();
    }
  }

  @Override
  public OutputStream getOutputStream() {
    return input;
  }

  @Override
  public InputStream getInputStream() {
    return output;
  }

  @Override
  public InputStream getErrorStream() {
    return error;
  }

  @Override
  public int waitFor() throws InterruptedException {
    return tracee.waitFor();
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    return tracee.waitFor(Duration.ofNanos(Math.max(0, unit.toNanos(timeout))));
  }

  @Override
  public int exitValue() {
    if (tracee.isAlive()) {
      throw new IllegalThreadStateException("Process " + pid() + " has not exited");
    }
    return tracee.exitStatus().exitValue();
  }

  @Override
  public void destroy() {
    try {
      tracee.signal(Signal.SIGTERM);
    } catch (TraceeDiedException e) {
      // Process.destroy(): "does nothing if the process has terminated".
    }
  }

  @Override
  public Process destroyForcibly() {
    tracee.kill();
    return this;
  }

  @Override
  public boolean supportsNormalTermination() {
    return true;
  }

  @Override
  public boolean isAlive() {
    return tracee.isAlive();
  }

  @Override
  public long pid() {
    return tracee.pid();
  }

  @Override
  public CompletableFuture<Process> onExit() {
    return tracee.onExit().handle((status, lost) -> this);
  }

  @Override
  public ProcessHandle toHandle() {
    throw new UnsupportedOperationException(
        "A ProcessHandle takes a tracee's stops for its end; TraceeHandle has pid(), parent() and"
            + " onExit(), Tracer has tracees()");
  }

  @Override
  public ProcessHandle.Info info() {
    return ProcessHandle.of(pid()).map(ProcessHandle::info).orElseGet(NoInfo::new);
  }

  @Override
  public Stream<ProcessHandle> children() {
    return ProcessHandle.of(pid()).stream().flatMap(ProcessHandle::children);
  }

  @Override
  public Stream<ProcessHandle> descendants() {
    return ProcessHandle.of(pid()).stream().flatMap(ProcessHandle::descendants);
  }

  @Override
  public String toString() {
    return "Process[pid="
        + pid()
        + ", exitValue="
        + (isAlive() ? "\"not exited\"" : exitValue())
        + "]";
  }

  private static final class NoInfo implements ProcessHandle.Info {
    @Override
    public Optional<String> command() {
      return Optional.empty();
    }

    @Override
    public Optional<String> commandLine() {
      return Optional.empty();
    }

    @Override
    public Optional<String[]> arguments() {
      return Optional.empty();
    }

    @Override
    public Optional<Instant> startInstant() {
      return Optional.empty();
    }

    @Override
    public Optional<Duration> totalCpuDuration() {
      return Optional.empty();
    }

    @Override
    public Optional<String> user() {
      return Optional.empty();
    }
  }
}
