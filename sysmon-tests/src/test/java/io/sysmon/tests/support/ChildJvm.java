package io.sysmon.tests.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM with this one's class path, for what must not be done to this one. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * Describes a child JVM that runs a class's {@code main}.
   *
   * @param mainClass the class
   * @param arguments what its {@code main} gets
   */
  public static ProcessBuilder of(Class<?> mainClass, String... arguments) {
    return withOptions(List.of(), mainClass, arguments);
  }

  /** As {@link #of}, with options for the JVM. */
  public static ProcessBuilder withOptions(
      List<String> options, Class<?> mainClass, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath()));
    command.addAll(options);
    command.add(mainClass.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
