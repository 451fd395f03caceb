package io.sysmon.tests.arch;

import java.lang.reflect.Field;
import java.util.Objects;

/** Constants of the library's, whoever may see them. */
final class LibraryConstant {
  private LibraryConstant() {}

  /** The value of a static field of a class of io.sysmon. */
  static long of(String type, String name) {
    try {
      Field field = Class.forName("io.sysmon." + type).getDeclaredField(name);
      field.setAccessible(true);
      return ((Number) Objects.requireNonNull(field.get(null))).longValue();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("The tests look for " + type + "." + name, e);
    }
  }
}
