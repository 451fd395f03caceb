package io.sysmon.benchmarks;

import java.util.List;

/**
 * A program that people trace.
 *
 * @param name for tables
 * @param command a line for {@code sh -c}, which prints nothing
 */
record Program(String name, String command) {
  List<String> words() {
    return List.of("sh", "-c", command);
  }
}
