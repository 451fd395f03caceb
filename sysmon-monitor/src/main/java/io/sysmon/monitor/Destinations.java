package io.sysmon.monitor;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** To which addresses something was sent from which socket. The tracer thread of the process. */
final class Destinations {
  /** Of one socket. One that asks a whole network is forgotten, and told again. */
  private static final int MOST = 1000;

  private final Map<Integer, Set<Address>> byDescriptor = new HashMap<>();

  /** False when it is known already. */
  boolean add(int descriptor, Address address) {
    Set<Address> known = byDescriptor.computeIfAbsent(descriptor, key -> new HashSet<>());
    if (known.size() >= MOST) {
      known.clear();
    }
    return known.add(address);
  }

  void remove(int descriptor) {
    byDescriptor.remove(descriptor);
  }
}
