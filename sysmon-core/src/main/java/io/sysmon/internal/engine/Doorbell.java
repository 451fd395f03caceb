package io.sysmon.internal.engine;

import io.sysmon.TraceeDiedException;
import io.sysmon.internal.launch.Gate;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;

/**
 * Wakes the tracer thread out of wait4. A process sleeps under its tracing; any thread rings by
 * sending it a signal, its signal-delivery-stop ends the wait, and the signal is dropped. No
 * handler in the JVM, no lost wake-up: a signal that comes before the wait is reported by the wait.
 */
final class Doorbell {
  private static final int SIGKILL = 9;
  private static final int SIGURG = 23;
  private static final int ATTEMPTS = 100;
  private static final int[] INHERIT_ALL = {-1, -1, -1};

  private final Ptrace ptrace;
  private final Architecture architecture;
  private int pid;

  Doorbell(Ptrace ptrace, Architecture architecture) {
    this.ptrace = ptrace;
    this.architecture = architecture;
  }

  /** Starts the process. Tracer thread only, as all but {@link #ring()}. */
  synchronized void install() {
    for (int attempt = 1; ; attempt++) {
      try {
        pid = start();
        return;
      } catch (TraceeDiedException e) {
        // Somebody kills children of this JVM.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private int start() {
    Gate gate = Gate.open(ptrace, architecture, INHERIT_ALL);
    try {
      gate.closeFrom(0);
      gate.park();
      return gate.pid();
    } catch (TraceeDiedException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      gate.destroy();
      throw e;
    }
  }

  /** Wakes the tracer thread, now or at its next wait. Any thread. */
  synchronized void ring() {
    if (pid != 0) {
      Native.kill(pid, SIGURG);
    }
  }

  /**
   * Ends the process, which the tracer thread then replaces: its stop was reported to other code of
   * this JVM, so that it cannot ring any more. Any thread.
   */
  synchronized void breakOff() {
    if (pid != 0) {
      Native.kill(pid, SIGKILL);
    }
  }

  boolean is(int tid) {
    return tid == pid;
  }

  /** It has stopped for a ring. */
  void rung() {
    ptrace.cont(pid, 0);
  }

  /** It has ended, and its pid is free: somebody killed it, and another one must take its place. */
  synchronized void ended() {
    pid = 0;
  }

  synchronized void remove() {
    if (pid != 0) {
      ptrace.killAndReap(pid);
      pid = 0;
    }
  }
}
