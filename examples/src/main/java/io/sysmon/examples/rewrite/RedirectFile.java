package io.sysmon.examples.rewrite;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/**
 * {@code sysmon redirect /etc/hosts my-hosts COMMAND}: a command, and all that it starts, opens
 * another file in the place of one. The path has to be written as it is named here.
 */
@CommandLine.Command(
    name = "redirect",
    description = "Runs a command that opens another file for one.")
public final class RedirectFile implements SyscallListener, Callable<Integer> {
  @CommandLine.Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The path that is opened.")
  private String file = "";

  @CommandLine.Parameters(
      index = "1",
      paramLabel = "INSTEAD",
      description = "The path to open instead.")
  private String instead = "";

  @CommandLine.Parameters(
      index = "2..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "What to run.")
  private List<String> command = List.of();

  RedirectFile() {}

  /** Redirects {@code file}, as programs write it, to {@code instead}. */
  public RedirectFile(String file, String instead) {
    this.file = file;
    this.instead = instead;
  }

  @Override
  public Interest interest() {
    return Interest.enter("open", "openat", "openat2");
  }

  @Override
  public void onEnter(SyscallEnter call) {
    // open(path, flags), but openat(directory, path, flags).
    int path = call.name().equals("open") ? 0 : 1;
    // A snapshot has the strings that can be read; call.string(path) throws for a bad pointer.
    if (call.snapshot().string(path).filter(file::equals).isPresent()) {
      // Of any length, and the program's own string stays as it is: its messages name FILE.
      call.relocateString(path, instead);
    }
  }

  @Override
  public Integer call() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(this).build()) {
      int status = tracer.launch(new ProcessBuilder(command).inheritIO()).waitFor();
      tracer.awaitTracees();
      return status;
    }
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new RedirectFile()).setStopAtPositional(true).execute(args));
  }
}
