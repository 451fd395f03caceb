package io.sysmon.internal.engine;

import io.sysmon.SystemTrace;
import io.sysmon.internal.sys.ProcessEvents;

/** How processes become known that nobody has attached. Used by one thread. */
interface Finder extends AutoCloseable {
  /** Waits for a moment, and tells what has happened meanwhile, if anything. */
  void await(ProcessEvents.Receiver receiver);

  SystemTrace.Discovery kind();

  @Override
  void close();

  /** The best that this machine permits. */
  static Finder begin() {
    return ProcessEvents.open().<Finder>map(ByKernel::new).orElseGet(ProcScan::new);
  }

  /** By the kernel. */
  final class ByKernel implements Finder {
    private static final int MOMENT_MILLIS = 20;

    private final ProcessEvents events;

    ByKernel(ProcessEvents events) {
      this.events = events;
    }

    @Override
    public void await(ProcessEvents.Receiver receiver) {
      events.await(MOMENT_MILLIS, receiver);
    }

    @Override
    public SystemTrace.Discovery kind() {
      return SystemTrace.Discovery.CONNECTOR;
    }

    @Override
    public void close() {
      events.close();
    }
  }
}
