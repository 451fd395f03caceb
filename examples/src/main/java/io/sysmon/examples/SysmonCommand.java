package io.sysmon.examples;

import io.sysmon.TraceException;
import io.sysmon.Tracer;
import io.sysmon.decode.SyscallTable;
import io.sysmon.examples.rewrite.AskBeforeExec;
import io.sysmon.examples.rewrite.ProtectFile;
import io.sysmon.examples.rewrite.RedirectFile;
import io.sysmon.examples.rewrite.ReplaceOutput;
import io.sysmon.examples.rewrite.UpperCase;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The {@code sysmon} command: traces programs from the command line. */
@Command(
    name = "sysmon",
    mixinStandardHelpOptions = true,
    description = "Traces Linux programs.",
    versionProvider = SysmonCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StraceCommand.class,
      FileAccessReporter.class,
      RedirectFile.class,
      ReplaceOutput.class,
      ProtectFile.class,
      AskBeforeExec.class,
      UpperCase.class
    })
public final class SysmonCommand {
  /** What strace(1) exits with when it was used wrongly or could not start. */
  static final int FAILED = 1;

  /**
   * Runs the command line and exits with its status.
   *
   * @param arguments the subcommand, its options, and the command to trace
   */
  public static void main(String[] arguments) {
    // Each takes about as long as it takes to parse the command line.
    inBackground(Tracer::isSupported);
    inBackground(SyscallTable::get);
    System.exit(commandLine().execute(arguments));
  }

  /** Loads something early that a trace will need. If that fails, the trace will tell. */
  private static void inBackground(Runnable load) {
    Thread thread = new Thread(load, "sysmon-start");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((failed, reason) -> {});
    thread.start();
  }

  /**
   * The command line, to be executed in this JVM.
   *
   * @return a new one
   */
  static CommandLine commandLine() {
    return new CommandLine(new SysmonCommand())
        // The traced command's words are its own: options after its name, and words like @file.
        .setStopAtPositional(true)
        // The last -e counts.
        .setOverwrittenOptionsAllowed(true)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(SysmonCommand::badUsage)
        .setExecutionExceptionHandler(SysmonCommand::failed);
  }

  private static int badUsage(CommandLine.ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("sysmon: " + e.getMessage());
    command.getErr().println("Try '" + name + " --help' for more information.");
    return FAILED;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof UserException || e instanceof TraceException || e instanceof IOException) {
      command.getErr().println("sysmon: " + e.getMessage());
      return FAILED;
    }
    throw e;
  }

  /** The version in the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = SysmonCommand.class.getPackage().getImplementationVersion();
      return new String[] {"sysmon " + (version == null ? "(not packaged)" : version)};
    }
  }
}
