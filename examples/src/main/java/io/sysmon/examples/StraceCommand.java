package io.sysmon.examples;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sysmon strace}: shows the system calls and signals of programs, as strace(1) does. */
@Command(
    name = "strace",
    mixinStandardHelpOptions = true,
    versionProvider = SysmonCommand.Version.class,
    description =
        "Shows the system calls and signals of a command, or of running processes (-p), as strace(1) does.",
    sortOptions = false,
    footer =
        "The exit status is the command's, or 128 plus the signal that ended it. Without a command"
            + " it is 0, or 1 when no process could be attached.")
public final class StraceCommand implements Callable<Integer> {
  @Mixin private StraceOptions options = new StraceOptions();

  @Parameters(paramLabel = "COMMAND", description = "The command and its arguments.")
  private List<String> command = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    options.check();
    Targets targets = options.targets();
    if (command.isEmpty() && targets.isEmpty()) {
      throw new UsageException("must have PROG [ARGS] or -p PID");
    }
    return new StraceRun(options, targets, command, spec.commandLine().getErr()).run();
  }
}
