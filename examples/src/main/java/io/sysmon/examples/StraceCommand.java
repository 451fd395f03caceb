package io.sysmon.examples;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sysmon strace}: shows the system calls and signals of a command, as strace(1) does. */
@Command(
    name = "strace",
    mixinStandardHelpOptions = true,
    versionProvider = SysmonCommand.Version.class,
    description = "Runs a command and shows its system calls and signals, as strace(1) does.",
    sortOptions = false,
    footer = "The exit status is the command's, or 128 plus the signal that ended it.")
public final class StraceCommand implements Callable<Integer> {
  @Mixin private StraceOptions options = new StraceOptions();

  @Parameters(paramLabel = "COMMAND", description = "The command and its arguments.")
  private List<String> command = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    options.check();
    if (command.isEmpty()) {
      throw new UserException("must have COMMAND [ARGS]; 'sysmon strace --help' tells more");
    }
    return new StraceRun(options, spec.commandLine().getErr()).run(command);
  }
}
