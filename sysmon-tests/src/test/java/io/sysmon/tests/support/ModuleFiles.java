package io.sysmon.tests.support;

import java.nio.file.Path;

/** Where this Maven module is. */
public final class ModuleFiles {
  private static final Path BASE =
      Path.of(System.getProperty("basedir", System.getProperty("user.dir"))).toAbsolutePath();

  private ModuleFiles() {}

  /** A file of the module, by its path from the module's directory. */
  public static Path file(String path) {
    return BASE.resolve(path);
  }
}
