package io.sysmon.internal.engine;

import io.sysmon.internal.memory.Vdso;
import io.sysmon.internal.memory.VmTransfer;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.ParkingCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prepares processes for the time between two tracers, with {@link ParkingCode} in the bytes of
 * their vdso that belong to nothing: there it is without a call injected, which would not be
 * completed if the tracer was killed. Tracer thread.
 */
final class Parking {
  private static final int NATIVE = 0;

  /** How long a process waits for a tracer that is there, but does not come: it is stopped. */
  private static final long PATIENCE_SECONDS = Long.getLong("io.sysmon.handover.seconds", 30);

  private static final long FOR_EVER_SECONDS = Long.MAX_VALUE / 16;

  private final @Nullable ParkingCode code;
  private final @Nullable Vdso vdso;
  private final boolean passesFilter;
  private final VmTransfer transfer;

  Parking(Architecture architecture, Listeners listeners, VmTransfer transfer) {
    this.transfer = transfer;
    code = architecture.parkingCode().orElse(null);
    vdso = Vdso.own().orElse(null);
    passesFilter =
        code != null
            && code.calls().stream().noneMatch(name -> listeners.stopsOrFails(NATIVE, name));
  }

  /**
   * Prepares all tasks of a process, which are stopped.
   *
   * @param registers of each task
   * @param masks of each task, the signals that it blocks
   * @return what each task is parked with; empty when they cannot be parked so
   */
  List<Parked> prepare(Tracee process, List<Task> tasks, List<byte[]> registers, long[] masks) {
    ParkingCode ours = code;
    Vdso free = vdso;
    if (ours == null
        || free == null
        || (process.filtering() != Filtering.NONE && !passesFilter)
        || ours.size() + tasks.size() * ours.frameSize() > free.freeSize()) {
      return List.of();
    }
    int tid = tasks.get(0).tid();
    ParkingPlace place = process.addressSpace().parkingPlace(() -> ParkingPlace.of(tid));
    if (place.vdso() == 0 || !free.isAt(transfer, tid, place.vdso())) {
      return List.of();
    }
    boolean endsProgram = (process.traceOptions() & Ptrace.EXITKILL) != 0;
    boolean waits = endsProgram && place.tracer() != 0;
    long patience = waits ? FOR_EVER_SECONDS : PATIENCE_SECONDS;
    long start = place.vdso() + free.freeOffset();
    ByteBuffer bytes = ByteBuffer.allocate(ours.size() + tasks.size() * ours.frameSize());
    bytes.put(ours.code(place.tracer(), endsProgram));
    List<Parked> parked = new ArrayList<>();
    for (int i = 0; i < masks.length; i++) {
      byte[] own = registers.get(i);
      byte[] asleep = ours.asleep(own, start, start + bytes.position(), patience);
      parked.add(new Parked(own, masks[i], asleep, start, bytes.capacity()));
      bytes.put(ours.frame(own, masks[i]));
    }
    transfer.put(bytes.array(), 0, bytes.capacity());
    return transfer.force(tid, start, bytes.capacity()) == bytes.capacity() ? parked : List.of();
  }
}
