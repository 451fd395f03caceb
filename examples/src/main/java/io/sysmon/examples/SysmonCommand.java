package io.sysmon.examples;

import io.sysmon.TraceException;
import io.sysmon.Tracer;
import io.sysmon.decode.SyscallTable;
import io.sysmon.examples.monitor.CheckedOutput;
import io.sysmon.examples.monitor.MonitorCommand;
import io.sysmon.examples.rewrite.AskBeforeExec;
import io.sysmon.examples.rewrite.ProtectFile;
import io.sysmon.examples.rewrite.RedirectFile;
import io.sysmon.examples.rewrite.ReplaceOutput;
import io.sysmon.examples.rewrite.UpperCase;
import io.sysmon.monitor.BadPolicyException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The {@code sysmon} command: traces programs from the command line. */
@Command(
    name = "sysmon",
    mixinStandardHelpOptions = true,
    description = "Traces Linux programs.",
    versionProvider = SysmonCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND")
public final class SysmonCommand {
  /** What strace(1) exits with when it was used wrongly or could not start. */
  static final int FAILED = 1;

  private static final List<Subcommand> SUBCOMMANDS =
      List.of(
          new Subcommand("strace", StraceCommand.class),
          new Subcommand("monitor", MonitorCommand.class),
          new Subcommand("files", FileAccessReporter.class),
          new Subcommand("redirect", RedirectFile.class),
          new Subcommand("replace", ReplaceOutput.class),
          new Subcommand("protect", ProtectFile.class),
          new Subcommand("ask", AskBeforeExec.class),
          new Subcommand("upper", UpperCase.class));

  private record Subcommand(String name, Class<?> type) {}

  /**
   * Runs the command line and exits with its status.
   *
   * @param arguments the subcommand, its options, and the command to trace
   */
  public static void main(String[] arguments) {
    // Each takes about as long as it takes to parse the command line.
    inBackground(Tracer::isSupported);
    inBackground(SyscallTable::get);
    PrintWriter out = new CheckedOutput(new FileOutputStream(FileDescriptor.out));
    exit(commandLine(arguments).setOut(out).execute(arguments));
  }

  private static void exit(int status) {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {}, "sysmon-end"));
    } catch (IllegalStateException e) {
      // A signal came, and was left to the command; that had its effect, and its status counts.
      Runtime.getRuntime().halt(status);
    }
    System.exit(status);
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
   * @param arguments what it will be executed with: picocli takes its time for each subcommand, and
   *     one that is named needs no others
   * @return a new one
   */
  public static CommandLine commandLine(String... arguments) {
    CommandLine commandLine = new CommandLine(new SysmonCommand());
    List<Subcommand> named =
        SUBCOMMANDS.stream()
            .filter(each -> arguments.length > 0 && each.name.equals(arguments[0]))
            .toList();
    (named.isEmpty() ? SUBCOMMANDS : named)
        .forEach(each -> commandLine.addSubcommand(each.name, each.type));
    return commandLine
        // The traced command's words are its own: options after its name, and words like @file.
        .setStopAtPositional(true)
        // The last -e counts.
        .setOverwrittenOptionsAllowed(true)
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(SysmonCommand::badUsage)
        .setExecutionExceptionHandler(SysmonCommand::failed);
  }

  private static int badUsage(CommandLine.ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("sysmon: " + message(e));
    pointToHelp(command);
    return FAILED;
  }

  private static void pointToHelp(CommandLine command) {
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("Try '" + name + " --help' for more information.");
  }

  /** In the words of getopt(3), as far as it has any. */
  private static String message(CommandLine.ParameterException e) {
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched
        && unmatched.isUnknownOption()) {
      String option = unmatched.getUnmatched().get(0);
      return option.startsWith("--")
          ? "unrecognized option '" + option + "'"
          : "invalid option -- '" + option.charAt(1) + "'";
    }
    if (e instanceof CommandLine.MissingParameterException missing
        && missing.getMissing().get(0) instanceof CommandLine.Model.OptionSpec option) {
      String name = option.shortestName();
      return name.startsWith("--")
          ? "option '" + name + "' requires an argument"
          : "option requires an argument -- '" + name.substring(1) + "'";
    }
    return String.valueOf(e.getMessage());
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof UserException
        || e instanceof BadPolicyException
        || e instanceof TraceException
        || e instanceof IOException) {
      command.getErr().println("sysmon: " + e.getMessage());
      if (e instanceof UsageException) {
        pointToHelp(command);
      }
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
