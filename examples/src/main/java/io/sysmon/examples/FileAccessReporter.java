package io.sysmon.examples;

import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sysmon files}: runs a command and reports which files it opened, removed, renamed. */
@Command(name = "files", mixinStandardHelpOptions = true, description = "Reports the files used.")
public final class FileAccessReporter implements SyscallListener, Callable<Integer> {
  private static final int O_ACCMODE = 3;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The command to run.")
  private List<String> command = List.of();

  private final TreeMap<String, TreeSet<String>> files = new TreeMap<>();

  @Override
  public Interest interest() {
    return Interest.exit(
        "open", "openat", "creat", "unlink", "unlinkat", "rename", "renameat", "renameat2");
  }

  @Override
  public void onExit(SyscallExit call) {
    // The calls with "at" take a directory before the path: openat(directory, path, flags).
    int path = call.name().matches(".*at2?") && !call.name().equals("creat") ? 1 : 0;
    files
        .computeIfAbsent(use(call, path), how -> new TreeSet<>())
        .add(call.findString(path).orElse("(a bad address)"));
  }

  private static String use(SyscallExit call, int path) {
    if (call.failed()) {
      return call.errno() == Errno.ENOENT ? "not found" : "failed with " + call.errno();
    } else if (call.name().startsWith("open")) {
      return (call.arg(path + 1) & O_ACCMODE) == 0 ? "read" : "written";
    }
    boolean deleted = call.name().startsWith("unlink");
    return deleted ? "deleted" : call.name().equals("creat") ? "written" : "renamed";
  }

  @Override
  public Integer call() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(this).build()) {
      int status = tracer.launch(new ProcessBuilder(command).inheritIO()).waitFor();
      tracer.awaitTracees();
      files.forEach((use, names) -> System.err.println(use + ":\n  " + String.join("\n  ", names)));
      return status;
    }
  }
}
