package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest32;

/** The same in a 32-bit program, where the kernel goes back to an int 0x80 in the vdso. */
class Restart32Test extends RestartTest {
  @Override
  ProcessBuilder program(String mode) {
    return guest32("restart", mode);
  }
}
