package io.sysmon.tests;

import io.sysmon.tests.support.Guest32;
import java.nio.file.Path;

/** The same of a 32-bit program, whose structures are laid out otherwise. */
class TypedArguments32Test extends TypedArgumentsTest {
  @Override
  Path guest() {
    return Guest32.compile("typed");
  }
}
