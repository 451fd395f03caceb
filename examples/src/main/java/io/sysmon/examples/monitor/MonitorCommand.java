package io.sysmon.examples.monitor;

import io.sysmon.monitor.Selection;
import io.sysmon.monitor.Shedding;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code sysmon monitor}: tells what the processes of a system do. */
@Command(
    name = "monitor",
    mixinStandardHelpOptions = true,
    description =
        "Tells what the processes of this system do, or those that are selected, or a command: programs started, files"
            + " written, connections, privileges. A policy may deny it.",
    sortOptions = false,
    footer = {
      "",
      "Left out are sysmon itself, what it was started from (shell, terminal, sshd) and its pipeline. Ctrl-C ends it, and a"
          + " command that it has launched; all other processes go on untraced. The exit status is then 0, of a command its own or 130."
          + " docs/monitoring.md tells more."
    })
public final class MonitorCommand implements Callable<Integer> {
  @Option(
      names = {"-p", "--attach"},
      split = ",",
      paramLabel = "PID",
      description = "Monitor these processes, and what comes of them.")
  private List<Integer> pids = List.of();

  @Option(
      names = {"-u", "--user"},
      split = ",",
      paramLabel = "USER",
      description = "Monitor the processes of these users.")
  private List<String> users = List.of();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "PATTERN",
      description = "Monitor these programs: a path or name, with * and **, or cgroup:/PATH.")
  private List<String> only = List.of();

  @Option(
      names = "--exclude",
      split = ",",
      paramLabel = "PATTERN",
      description = "Leave these programs out.")
  private List<String> exclude = List.of();

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What is told, allowed, denied and asked. It is read again when it changes.")
  private @Nullable Path policy;

  @Option(names = "--json", description = "Write a JSON object for each event.")
  private boolean json;

  @Option(names = "--top", description = "Show a table that is renewed, instead of the events.")
  private boolean top;

  @Option(
      names = "--shed",
      paramLabel = "HOW",
      converter = SheddingNames.class,
      description =
          "What becomes of a process that is slowed too much: 'narrow' looks at its calls no more, 'release' lets it go. Also"
              + " drops events that cannot be written in time. All of it is told and counted.")
  private Shedding shed = Shedding.NOTHING;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the events there.")
  private @Nullable Path output;

  @Parameters(
      paramLabel = "COMMAND",
      description = "Monitor this command instead, until all that comes of it has ended.")
  private List<String> command = List.of();

  private static final class SheddingNames implements ITypeConverter<Shedding> {
    @Override
    public Shedding convert(String name) {
      return switch (name) {
        case "narrow" -> Shedding.NARROW;
        case "release" -> Shedding.RELEASE;
        default ->
            throw new TypeConversionException("'" + name + "' is neither narrow nor release");
      };
    }
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  List<Integer> pids() {
    return pids;
  }

  Selection selection() {
    return new Selection(new HashSet<>(users), only, exclude);
  }

  @Nullable Path policy() {
    return policy;
  }

  boolean isJson() {
    return json;
  }

  boolean isTop() {
    return top;
  }

  Shedding shedding() {
    return shed;
  }

  @Nullable Path output() {
    return output;
  }

  List<String> command() {
    return command;
  }

  @Override
  public Integer call() throws Exception {
    if (top && json) {
      throw new ParameterException(spec.commandLine(), "--top and --json exclude each other");
    }
    return new MonitorRun(this, spec.commandLine().getOut(), spec.commandLine().getErr()).run();
  }
}
