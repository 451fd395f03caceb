package io.sysmon.internal.engine;

import io.sysmon.internal.event.StopKind;
import io.sysmon.internal.event.WaitStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The last stops of a task and how it was resumed from them. Written by the tracer thread without
 * allocating; another thread may read it, and then may see an entry that is half written.
 */
final class TaskHistory {
  private static final int CAPACITY = 16;
  private static final double NANOS_PER_MILLI = 1e6;

  static final int CONT = 0;
  static final int SYSCALL = 1;
  static final int SINGLESTEP = 2;
  static final int LISTEN = 3;
  static final int DETACH = 4;
  static final int INTERRUPT = 5;
  static final int SEIZE = 6;
  private static final List<String> REQUESTS =
      List.of("CONT", "SYSCALL", "SINGLESTEP", "LISTEN", "DETACH", "INTERRUPT", "SEIZE");

  /** A wait status for a stop; for a request minus one minus its index, and the signal above. */
  private final int[] entries = new int[CAPACITY];

  private final long[] times = new long[CAPACITY];
  private final long begun = System.nanoTime();
  private int count;
  private int lastStop;
  private int lastRequest;

  /**
   * A stop was taken up.
   *
   * @param now {@link System#nanoTime()}, for which the clock is read once a wait
   */
  void stopped(int status, long now) {
    lastStop = status;
    add(status, now);
  }

  void requested(int request, int signal, long now) {
    int entry = -1 - request - (signal << 8);
    lastRequest = entry;
    add(entry, now);
  }

  private void add(int entry, long now) {
    int at = count % CAPACITY;
    entries[at] = entry;
    times[at] = now;
    count++;
  }

  /** When the last entry was made, or this history began. */
  long lastNanos() {
    return count == 0 ? begun : times[(count - 1) % CAPACITY];
  }

  /** Whether the last stop was a system call's, or none of a call, a signal or an event. */
  boolean stoppedAtCallOrTrap() {
    StopKind kind = WaitStatus.kind(lastStop);
    return kind == StopKind.SYSCALL || kind == StopKind.TRAP;
  }

  /** How many entries were made. */
  int count() {
    return count;
  }

  String lastStop() {
    return lastStop == 0 ? "-" : describe(lastStop);
  }

  String lastRequest() {
    return lastRequest == 0 ? "-" : describe(lastRequest);
  }

  /** All that is kept, the oldest first, with how long ago it was. */
  List<String> lines(long now) {
    List<String> lines = new ArrayList<>();
    for (int i = Math.max(0, count - CAPACITY); i < count; i++) {
      int at = i % CAPACITY;
      lines.add(
          String.format(
              Locale.ROOT,
              "%,.3f ms ago: %s",
              (now - times[at]) / NANOS_PER_MILLI,
              describe(entries[at])));
    }
    return lines;
  }

  private static String describe(int entry) {
    if (entry >= 0) {
      StopKind kind = WaitStatus.kind(entry);
      return kind == StopKind.SIGNAL || kind == StopKind.GROUP_STOP
          ? kind + " " + WaitStatus.stopSignal(entry)
          : kind.toString();
    }
    int packed = -1 - entry;
    int signal = packed >> 8;
    return "PTRACE_" + REQUESTS.get(packed & 0xff) + (signal == 0 ? "" : " with signal " + signal);
  }
}
