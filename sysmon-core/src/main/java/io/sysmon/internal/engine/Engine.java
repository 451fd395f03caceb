package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Listener;
import io.sysmon.ListenerFailedException;
import io.sysmon.Placement;
import io.sysmon.TraceException;
import io.sysmon.TraceeHandle;
import io.sysmon.internal.launch.Command;
import io.sysmon.internal.launch.StandardStreams;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is behind a {@code Tracer}: the door from other threads to the tracer thread. Any thread.
 */
public final class Engine {
  /** A task that does not stop by then sleeps uninterruptibly, and joins when it wakes. */
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(1);

  private final LiveTracees live;
  private final TracerThread tracerThread;

  private Engine(LiveTracees live, TracerThread tracerThread) {
    this.live = live;
    this.tracerThread = tracerThread;
  }

  /** Starts an engine for {@code Tracer.Builder.build()}. */
  public static Engine start(
      List<Listener> listeners,
      @Nullable Consumer<? super ListenerFailedException> failureHandler,
      Placement placement) {
    LiveTracees live = new LiveTracees();
    TracerThread thread =
        new TracerThread(Support.architecture(), listeners, failureHandler, live, placement);
    thread.start();
    return new Engine(live, thread);
  }

  /** {@code Tracer.launch}. */
  public TraceeHandle launch(ProcessBuilder builder) throws IOException {
    refuseInCallback("launch");
    Command command = Command.of(builder);
    StandardStreams streams = StandardStreams.open(builder, command);
    CompletableFuture<Tracee> started;
    try {
      started = tracerThread.launch(command, streams);
    } catch (RuntimeException e) {
      streams.abandon();
      throw e;
    }
    try {
      return Waiting.get(started);
    } catch (ExecutionException e) {
      throw onThisThread(e.getCause());
    }
  }

  /** {@code Tracer.attach}. */
  public TraceeHandle attach(int pid) {
    if (pid <= 0) {
      throw new IllegalArgumentException("No process has the id " + pid);
    }
    Tracee tracee = tracerThread.request(stops -> stops.attach(pid));
    if (!tracerThread.isCurrent()) {
      Waiting.upTo(JOIN_LIMIT, tracee.joined());
    }
    return tracee;
  }

  private static RuntimeException onThisThread(@Nullable Throwable cause) throws IOException {
    if (cause instanceof IOException) {
      throw new IOException(cause.getMessage(), cause);
    }
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    throw new TraceException("The launch failed", cause);
  }

  /** {@code Tracer.tracees}. */
  public List<TraceeHandle> tracees() {
    return live.list();
  }

  /** {@code Tracer.awaitTracees}; null waits without limit. */
  public boolean awaitTracees(@Nullable Duration timeout) throws InterruptedException {
    refuseInCallback("awaitTracees");
    if (!live.awaitNone(timeout)) {
      return false;
    }
    tracerThread.throwIfLost();
    live.throwUntoldFailure();
    return true;
  }

  /** {@code Tracer.diagnose}. */
  public String diagnose() {
    return tracerThread.diagnose();
  }

  /** {@code Tracer.close}. */
  public void close() {
    refuseInCallback("close");
    tracerThread.close();
  }

  private void refuseInCallback(String what) {
    if (tracerThread.isCurrent()) {
      throw new IllegalTraceeStateException(
          what
              + " in a callback would wait forever: the tracer's thread would wait for itself."
              + " Do it on another thread");
    }
  }
}
