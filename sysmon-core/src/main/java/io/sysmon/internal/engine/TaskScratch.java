package io.sysmon.internal.engine;

import java.util.ArrayList;
import java.util.List;

/** The scratch areas that one task uses, and the address space they are in. Tracer thread. */
final class TaskScratch {
  private final AddressSpace addressSpace;
  private final List<AddressSpace.Area> areas = new ArrayList<>();

  TaskScratch(AddressSpace addressSpace) {
    this.addressSpace = addressSpace;
  }

  /**
   * Takes bytes for the call under way.
   *
   * @param highest the last address that a pointer can have
   * @return 0 when a further area is needed
   */
  long take(int size, long highest) {
    for (AddressSpace.Area area : areas) {
      long address = area.endsBy(highest) ? AddressSpace.take(area, size) : 0;
      if (address != 0) {
        return address;
      }
    }
    AddressSpace.Area free = addressSpace.takeFree(size, highest);
    if (free == null) {
      return 0;
    }
    areas.add(free);
    return AddressSpace.take(free, size);
  }

  void add(long address, int size) {
    areas.add(new AddressSpace.Area(address, size));
  }

  /** The task enters a new call. */
  void reset() {
    areas.forEach(AddressSpace::reset);
  }

  /** The task has ended or has left the address space. */
  void giveBack() {
    areas.forEach(addressSpace::giveBack);
    areas.clear();
  }
}
