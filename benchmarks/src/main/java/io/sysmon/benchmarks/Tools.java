package io.sysmon.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The programs that are measured, and the place where they may write. */
final class Tools {
  private final Path root;
  private final Path work;
  private final Optional<Path> strace = find("strace");

  Tools(Path root) throws IOException {
    this.root = root;
    work = Files.createDirectories(root.resolve("benchmarks/target/work"));
  }

  /** A program of {@code benchmarks/src/main/c}. */
  String guest(String name) {
    return root.resolve("benchmarks/target/c") + "/" + name;
  }

  /** The command line's script. */
  String sysmon() {
    return root.resolve("sysmon").toString();
  }

  /** A file that belongs to the run. */
  Path work(String name) {
    return work.resolve(name);
  }

  /** Text without the folders in which guests and work files are. */
  String shortened(String text) {
    return text.replace(work + "/", "").replace(guest(""), "");
  }

  boolean hasStrace() {
    return strace.isPresent();
  }

  /** strace(1), with the children followed. */
  List<String> strace(Path output) {
    return List.of(strace.orElseThrow().toString(), "-f", "-o", output.toString());
  }

  /** strace(1), with its trace thrown away. */
  List<String> strace() {
    return strace(Path.of("/dev/null"));
  }

  /** Searches the {@code PATH}. */
  static Optional<Path> find(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":", -1))
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
