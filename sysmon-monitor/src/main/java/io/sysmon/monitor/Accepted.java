package io.sysmon.monitor;

import io.sysmon.BadAddressException;
import io.sysmon.SyscallExit;
import java.util.Optional;

/** Who was accepted, where the program has asked for it (accept(2)). */
final class Accepted {
  private static final int LONGEST = 128;

  private Accepted() {}

  static Optional<Address> address(SyscallExit call) {
    if (call.arg(1) == 0 || call.arg(2) == 0) {
      return Optional.empty();
    }
    try {
      int length = Math.min(LONGEST, call.memory().readInt(call.arg(2)));
      return length <= 0 ? Optional.empty() : Optional.of(Address.of(call.bytes(1, length)));
    } catch (BadAddressException e) {
      // Another thread has unmapped it.
      return Optional.empty();
    }
  }
}
