package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Listener;
import io.sysmon.ListenerFailedException;
import io.sysmon.Placement;
import io.sysmon.ProcessInfo;
import io.sysmon.SeccompMode;
import io.sysmon.SystemTrace;
import io.sysmon.TraceException;
import io.sysmon.TraceeHandle;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallTable;
import io.sysmon.internal.launch.Command;
import io.sysmon.internal.launch.StandardStreams;
import io.sysmon.spi.Architecture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is behind a {@code Tracer}: the door from other threads to the tracer thread. Any thread.
 */
public final class Engine {
  /** When none stops for so long, those left sleep uninterruptibly, and join when they wake. */
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(1);

  private final Listeners listeners;
  private final Shards shards;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final Set<SystemWide> systems = ConcurrentHashMap.newKeySet();

  private Engine(Listeners listeners, Shards shards) {
    this.listeners = listeners;
    this.shards = shards;
  }

  /**
   * Starts an engine for {@code Tracer.Builder.build()}.
   *
   * @param threads how many at most; 0 for as many as are needed
   */
  public static Engine start(
      List<Listener> callbacks,
      List<FailRule> failRules,
      @Nullable Consumer<? super ListenerFailedException> failureHandler,
      SeccompMode seccomp,
      Placement placement,
      int threads) {
    Architecture architecture = Support.architecture();
    List<SyscallNumbers> abis =
        architecture.abis().stream().map(abi -> SyscallTable.get().abi(abi.name())).toList();
    Listeners listeners = new Listeners(callbacks, failRules, abis, failureHandler);
    LaunchFilter filter = LaunchFilter.of(seccomp, architecture.abis(), abis, listeners);
    return new Engine(
        listeners,
        new Shards(
            threads,
            shards -> new TracerThread(architecture, listeners, filter, placement, shards)));
  }

  /** {@code Tracer.launch}. */
  public TraceeHandle launch(ProcessBuilder builder) throws IOException {
    refuseInCallback("launch");
    Command command = Command.of(builder);
    StandardStreams streams = StandardStreams.open(builder, command);
    CompletableFuture<Tracee> started;
    try {
      started = shards.forNewProcess().launch(command, streams);
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
    TracerThread current = shards.current();
    if (current == null && shards.live().contains(pid)) {
      throw Attachments.tracedAlready(pid);
    }
    TracerThread shard = current == null ? shards.forNewProcess() : current;
    Tracee tracee = shard.request(stops -> stops.attach(pid, null));
    if (current == null) {
      awaitJoined(tracee);
    }
    return tracee;
  }

  private static void awaitJoined(Tracee tracee) {
    int before;
    do {
      before = tracee.joins();
      Waiting.upTo(JOIN_LIMIT, tracee.joined());
    } while (!tracee.joined().isDone() && tracee.joins() != before);
  }

  /** {@code Tracer.attachAll}. */
  public SystemTrace attachAll(Predicate<? super ProcessInfo> which) {
    refuseInCallback("attachAll");
    // Also if there is nobody to attach a closed tracer says so.
    shards.all().get(0).request(stops -> stops);
    SystemWide system = new SystemWide(shards, which, systems::remove);
    systems.add(system);
    system.start();
    return system;
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
    return shards.live().list();
  }

  /** {@code Tracer.awaitTracees}; null waits without limit. */
  public boolean awaitTracees(@Nullable Duration timeout) throws InterruptedException {
    refuseInCallback("awaitTracees");
    if (!shards.live().awaitNone(timeout)) {
      return false;
    }
    shards.all().forEach(TracerThread::throwIfLost);
    shards.live().throwUntoldFailure();
    return true;
  }

  /**
   * Hands a process over to the next of the tracer's threads, whatever their loads are. For tests.
   *
   * @return completes with false when it cannot be handed over now
   */
  public CompletableFuture<Boolean> move(int pid) {
    Tracee process = shards.live().get(pid);
    return process == null
        ? CompletableFuture.completedFuture(false)
        : shards.move(process, shards.after(process.shard()), "asked for");
  }

  /** {@code Tracer.diagnose}. */
  public String diagnose() {
    Diagnosis diagnosis = new Diagnosis();
    Map<Requests, List<Tracee>> processes =
        shards.live().all().stream().collect(Collectors.groupingBy(Tracee::shard));
    for (TracerThread shard : shards.all()) {
      shard.diagnose(diagnosis, processes.getOrDefault(shard, List.of()));
    }
    if (shards.areSeveral()) {
      diagnosis.moves(shards.moves());
    }
    return diagnosis.toString();
  }

  /** {@code Tracer.close}. */
  public void close() {
    refuseInCallback("close");
    systems.forEach(SystemWide::stopLooking);
    shards.close();
    if (!isClosed.getAndSet(true)) {
      listeners.onClose();
    }
  }

  private void refuseInCallback(String what) {
    if (shards.current() != null) {
      throw new IllegalTraceeStateException(
          what
              + " in a callback would wait forever: the tracer's thread would wait for itself."
              + " Do it on another thread");
    }
  }
}
