package io.sysmon.internal.engine;

import io.sysmon.TraceException;
import io.sysmon.internal.memory.GeneralRegisters;
import io.sysmon.internal.memory.RemoteCalls;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.permission.Permission;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands processes over to other tracer threads, which take them over by {@link Arrivals}. Tracer
 * thread.
 *
 * <p>Each task of a process is brought to a stop behind a system call, and kept there. When all
 * are, each is parked: with all signals blocked it is detached into a call that sleeps, from which
 * it goes on by itself if the JVM is killed ({@link Parking}; where there is no room for that, it
 * sleeps until a signal comes). The other thread seizes and interrupts it, and puts registers and
 * signal mask back at its first stop. Between the two it executes no instruction of its program, so
 * that no call is missed; and since nothing but {@code SIGKILL} ends it meanwhile, it is known how
 * it ended when it cannot be seized.
 *
 * <p>Only behind a call, because code that a change of the instruction pointer would break
 * (rseq(2)) makes none. And only where the kernel looks for an interrupted call when it has taken
 * the signals ({@link Architecture#restartsAfterSignals}): the registers are put back in the stop
 * of another call than that which they are leaving.
 */
final class Handovers {
  private static final int EFAULT = 14;
  private static final int NATIVE = 0;

  /** A task that made no call for as long is asked to stop: it sleeps, or computes. */
  private static final long SILENT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Times the interval of {@code TracerThread}: 100 ms. */
  private static final int PATIENCE = 20;

  /**
   * Calls that sleep until a signal comes when all arguments are 0, and leave alone what the kernel
   * keeps to go on with another one (restart_syscall(2)).
   */
  private static final List<String> PARKING = List.of("ppoll", "pause", "pselect6", "select");

  private final Stops stops;
  private final Lives lives;
  private final Ptrace ptrace;
  private final Architecture architecture;
  private final SyscallStops syscalls;
  private final LiveTracees live;
  private final Requests requests;
  private final VmTransfer transfer;
  private final GeneralRegisters registers;

  /** A call that our filter lets pass also when nobody traces; null when it selects all. */
  private final @Nullable String parkingBehindFilter;

  private final Map<Tracee, Handover> leaving = new LinkedHashMap<>();
  private final Arrivals arrivals;
  private final Parking parking;

  Handovers(
      Stops stops,
      Lives lives,
      Ptrace ptrace,
      Architecture architecture,
      Listeners listeners,
      SyscallStops syscalls,
      LiveTracees live,
      Requests requests) {
    this.stops = stops;
    this.lives = lives;
    this.ptrace = ptrace;
    this.architecture = architecture;
    this.syscalls = syscalls;
    this.live = live;
    this.requests = requests;
    transfer = stops.transfer();
    parking = new Parking(architecture, listeners, transfer);
    arrivals = new Arrivals(lives, ptrace, architecture, transfer, syscalls);
    registers = new GeneralRegisters(ptrace, architecture);
    parkingBehindFilter =
        PARKING.stream()
            .filter(name -> !listeners.stopsOrFails(NATIVE, name))
            .findFirst()
            .orElse(null);
  }

  /**
   * Begins to hand a process over.
   *
   * @param done completes with whether it was, when its last task goes on
   */
  void begin(Tracee process, Requests to, CompletableFuture<Boolean> done) {
    Handover handover = new Handover(process, to, done);
    if (leaving.containsKey(process)
        || process.shard() != requests
        || to == requests
        || !mayLeave(process)
        || process.taskList().stream().anyMatch(Handovers::cannotStop)) {
      handover.done(false);
      return;
    }
    leaving.put(process, handover);
    process.handingOver(true);
    interruptSilent(process);
  }

  private void interruptSilent(Tracee process) {
    for (Task task : process.taskList()) {
      if (task.state() == TaskState.RUNNING && !task.interrupted && isSilent(task)) {
        task.interrupt(ptrace);
      }
    }
  }

  /** Whether a process can be parked if its tasks stop in the right places. */
  private boolean mayLeave(Tracee process) {
    return architecture.restartsAfterSignals()
        && !requests.isClosing()
        && process.isTraced()
        && process.hasTasks()
        && !process.isReleasing()
        && parkingCall(process) != null
        && process.addressSpace().isUntouched()
        && !process.addressSpace().isLeft()
        && process.taskList().stream().allMatch(Handovers::mayLeave)
        && live.all().stream()
            .noneMatch(other -> other != process && other.addressSpace() == process.addressSpace());
  }

  private static boolean mayLeave(Task task) {
    TaskState state = task.state();
    return (state == TaskState.RUNNING || state == TaskState.KEPT || state == TaskState.STOPPED)
        && !task.listening
        && task.launch == null
        && task.step == null;
  }

  /** Whether a task will not come to a stop soon, or at all. */
  private static boolean cannotStop(Task task) {
    return task.state() == TaskState.RUNNING
        && isSilent(task)
        && (ProcStatus.isZombie(task.tid()) || ProcStatus.sleepsUninterruptibly(task.tid()));
  }

  private static boolean isSilent(Task task) {
    return System.nanoTime() - task.history.lastNanos() > SILENT_NANOS;
  }

  private @Nullable String parkingCall(Tracee process) {
    return switch (process.filtering()) {
      case NONE -> PARKING.get(0);
      case BY_FILTER -> parkingBehindFilter;
      case FOLLOWED -> null;
    };
  }

  /**
   * A task of a process that is to be handed over is about to be resumed: keeps it stopped if it is
   * in a place to be parked, and hands the process over if it is the last.
   *
   * @param signal what would be delivered to it, or 0
   * @return false when it has to go on to another stop
   */
  boolean keep(Task task, int signal) {
    if (signal != 0 || !isBehindCall(task)) {
      return false;
    }
    task.state(TaskState.KEPT);
    stops.limit(task);
    Handover handover = leaving.get(task.process());
    if (handover != null && isComplete(handover)) {
      leave(handover);
    }
    return true;
  }

  private static boolean isComplete(Handover handover) {
    return handover.process().taskList().stream().allMatch(task -> task.state() == TaskState.KEPT);
  }

  /** By its registers: it may leave a call of which no stop has told. */
  private boolean isBehindCall(Task task) {
    return !task.inSyscall
        && !task.interruptOnReturn
        && !task.wasStepping
        && task.abi == NATIVE
        && !syscalls.isChanged(task)
        && task.history.stoppedAtCallOrTrap()
        && !registers.runs32BitCode(task.tid())
        && registers.read(task.tid())
        && (int) registers.get(registers.layout().enteredNumber()) >= 0;
  }

  /** All tasks are kept: parks them. */
  private void leave(Handover handover) {
    Tracee process = handover.process();
    List<Task> tasks = List.copyOf(process.taskList());
    List<Parked> beds;
    try {
      if (!mayLeave(process) || lives.hasOrphans()) {
        giveUp(handover);
        return;
      }
      beds = prepare(process, tasks);
    } catch (TraceException e) {
      // It was killed meanwhile, or has no system call instruction.
      giveUp(handover);
      return;
    }
    if (beds.isEmpty() || !ParkingGuard.begin()) {
      giveUp(handover);
      return;
    }
    handover.servesItself(transfer.waitsNever());
    leaving.remove(process);
    process.handingOver(false);
    List<Task> parked = new ArrayList<>();
    for (int i = 0; i < beds.size(); i++) {
      if (park(tasks.get(i), beds.get(i))) {
        parked.add(tasks.get(i));
      }
    }
    boolean whole = parked.size() == tasks.size();
    process.shard(whole ? handover.to() : requests);
    if (!whole
        || !handover
            .to()
            .offer(
                other -> other.arrivals().begin(handover, parked),
                () -> handBack(handover, parked))) {
      takeBack(handover, parked);
    }
  }

  /** What each task is to be parked with; empty when not all can be. */
  private List<Parked> prepare(Tracee process, List<Task> tasks) {
    long[] masks = new long[tasks.size()];
    List<byte[]> own = new ArrayList<>();
    for (Task task : tasks) {
      if (!canBeSeizedAgain(task) || !registers.read(task.tid())) {
        return List.of();
      }
      masks[own.size()] = ptrace.signalMask();
      byte[] saved = new byte[registers.layout().size()];
      registers.save(saved);
      own.add(saved);
    }
    List<Parked> ready = parking.prepare(process, tasks, own, masks);
    return ready.isEmpty() ? atTheirCalls(process, tasks, masks) : ready;
  }

  /** They sleep until they are woken, by the call instructions that they are behind. */
  private List<Parked> atTheirCalls(Tracee process, List<Task> tasks, long[] masks) {
    String call = String.valueOf(parkingCall(process));
    List<Parked> ready = new ArrayList<>();
    for (Task task : tasks) {
      RemoteCalls calls = RemoteCalls.after(ptrace, architecture, NATIVE, task.tid());
      byte[] asleep = calls.registersFor(call);
      ready.add(new Parked(calls.registersBefore(), masks[ready.size()], asleep, 0, 0));
    }
    return ready;
  }

  /**
   * Whether the kernel permits what it has permitted before. It is asked for the same right; but
   * Yama grants it to whoever traces a task, and so would have to be asked later.
   */
  private boolean canBeSeizedAgain(Task task) {
    int tid = task.tid();
    if (ptrace.syscallInfo(tid) < 0 || ptrace.getSignalMask(tid) < 0) {
      return false;
    }
    long read = transfer.read(tid, ptrace.infoStackPointer(), 1);
    boolean filtered =
        ProcStatus.isFiltered(tid, task.process().filtering() == Filtering.NONE ? 0 : 1);
    return (read >= 0 || read == -EFAULT) && !filtered && Permission.isUpToTheTask();
  }

  private boolean park(Task task, Parked bed) {
    stops.placer().release(task);
    if (!bed.fallAsleep(task.tid(), ptrace, registers)) {
      // Those, too, then, that were parked before.
      task.state(TaskState.RUNNING);
      return false;
    }
    task.parked = bed;
    lives.table().remove(task.tid());
    task.state(TaskState.ARRIVING);
    task.history.requested(TaskHistory.DETACH, 0, System.nanoTime());
    return true;
  }

  /** Who was to take a process over has failed. On that one's thread. */
  private void handBack(Handover handover, List<Task> parked) {
    handover.process().shard(requests);
    if (!requests.offer(
        own -> own.handovers().takeBack(handover, parked), () -> abandon(handover))) {
      abandon(handover);
    }
  }

  /** Nobody is left to take it. */
  private void abandon(Handover handover) {
    Tracee process = handover.process();
    process.killIfLaunched();
    process.lost(new TraceException("The tracer failed while it handed the process over"));
    live.remove(process);
    handover.over(false);
  }

  private void takeBack(Handover handover, List<Task> parked) {
    handover.process().shard(requests);
    handover.done(false);
    arrivals.begin(handover, parked);
  }

  /** Lets the tasks of a process go on here that is to be handed over. */
  void giveUp(Tracee process) {
    Handover handover = leaving.get(process);
    if (handover != null) {
      giveUp(handover);
    }
  }

  private void giveUp(Handover handover) {
    Tracee process = handover.process();
    leaving.remove(process);
    process.handingOver(false);
    handover.done(false);
    for (Task task : process.taskList()) {
      stops.limit(task);
      if (task.state() == TaskState.KEPT) {
        task.state(TaskState.STOPPED);
        stops.resume(task, 0);
      }
    }
  }

  /** A process is not traced any more. */
  void over(Tracee process) {
    giveUp(process);
    arrivals.over(process);
  }

  /** What comes from other threads. */
  Arrivals arrivals() {
    return arrivals;
  }

  boolean areUnderWay() {
    return !leaving.isEmpty() || arrivals.areUnderWay();
  }

  /** To be called at intervals while some are under way. */
  void look() {
    arrivals.look();
    for (Handover handover : List.copyOf(leaving.values())) {
      if (handover.looked() > PATIENCE || !mayLeave(handover.process())) {
        giveUp(handover);
      } else if (isComplete(handover)) {
        // The last one that was not there has ended.
        leave(handover);
      } else {
        interruptSilent(handover.process());
      }
    }
  }
}
