package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest32;

/** The same in a 32-bit program, whose calls are other ones, also those that map the areas. */
class Relocation32Test extends RelocationTest {
  @Override
  ProcessBuilder program(Object... arguments) {
    return guest32("memory_relocation", arguments);
  }
}
