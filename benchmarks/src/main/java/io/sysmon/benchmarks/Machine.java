package io.sysmon.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells what was measured on, and when. */
final class Machine {
  private static final double BUSY = 0.7;

  private Machine() {}

  /** Facts by what they are about. */
  static Map<String, String> facts(Tools tools) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Date", LocalDate.now(ZoneOffset.UTC).toString());
    int processors = Runtime.getRuntime().availableProcessors();
    facts.put("CPU", processors + " × " + processor() + hypervisor());
    facts.put("Load when it began", load());
    facts.put("Kernel", Commands.firstLine("unknown", "uname", "-srm"));
    facts.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put(
        "strace",
        tools.hasStrace()
            ? Commands.firstLine("unknown", "strace", "--version")
            : "not found, so its rows are missing");
    facts.put("Compiler", Commands.firstLine("unknown", "cc", "--version"));
    return facts;
  }

  /** What else runs decides whether two tasks that take turns find a CPU for each of them. */
  private static String load() throws IOException {
    String load = Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0];
    return Double.parseDouble(load) < BUSY
        ? load
        : load + ": **the machine was busy**, so trust the rows on one CPU only";
  }

  private static String processor() throws IOException {
    return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).trim())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  private static String hypervisor() throws IOException {
    boolean virtual =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .anyMatch(line -> line.startsWith("flags") && line.contains(" hypervisor"));
    return virtual ? ", a virtual machine" : "";
  }
}
