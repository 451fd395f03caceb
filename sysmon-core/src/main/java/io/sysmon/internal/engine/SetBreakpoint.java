package io.sysmon.internal.engine;

import io.sysmon.Breakpoint;
import io.sysmon.CodeStop;
import java.util.function.Consumer;

/** A breakpoint that is in a tracee's code, with the bytes that it stands in place of. */
final class SetBreakpoint implements Breakpoint {
  private final AddressSpace addressSpace;
  private final long address;
  private final byte[] original;
  private final Consumer<? super CodeStop> onHit;
  private final Consumer<SetBreakpoint> remover;

  SetBreakpoint(
      AddressSpace addressSpace,
      long address,
      byte[] original,
      Consumer<? super CodeStop> onHit,
      Consumer<SetBreakpoint> remover) {
    this.addressSpace = addressSpace;
    this.address = address;
    this.original = original;
    this.onHit = onHit;
    this.remover = remover;
  }

  /** Where it was set, whatever its process has executed since. */
  AddressSpace addressSpace() {
    return addressSpace;
  }

  @Override
  public long address() {
    return address;
  }

  byte[] original() {
    return original;
  }

  Consumer<? super CodeStop> onHit() {
    return onHit;
  }

  @Override
  public void remove() {
    remover.accept(this);
  }

  @Override
  public String toString() {
    return "breakpoint at 0x" + Long.toHexString(address);
  }
}
