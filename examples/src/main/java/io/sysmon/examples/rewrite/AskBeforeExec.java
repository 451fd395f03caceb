package io.sysmon.examples.rewrite;

import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import io.sysmon.Verdict;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import picocli.CommandLine;

/** {@code sysmon ask -a /bin/ls COMMAND}: asks before each execve of a path that is not listed. */
@CommandLine.Command(name = "ask", description = "Runs a command, and asks before each execve.")
public final class AskBeforeExec implements SyscallListener, Callable<Integer> {
  @CommandLine.Option(names = "-a", paramLabel = "PATH", description = "To be executed unasked.")
  private List<String> allowed = List.of();

  @CommandLine.Option(names = "-t", paramLabel = "TIME", description = "When to give up: PT30S.")
  private Duration timeout = Duration.ofSeconds(30);

  @CommandLine.Parameters(arity = "1..*", paramLabel = "COMMAND", description = "What to run.")
  private List<String> command = List.of();

  private Predicate<String> question = AskBeforeExec::askOnTerminal;

  AskBeforeExec() {}

  /** The question is about a path, and may take its time: the program waits, nobody else does. */
  public AskBeforeExec(List<String> allowed, Duration timeout, Predicate<String> question) {
    this.allowed = allowed;
    this.timeout = timeout;
    this.question = question;
  }

  @Override
  public Interest interest() {
    return Interest.enter("execve", "execveat");
  }

  @Override
  public void onEnter(SyscallEnter call) {
    // execve(path, argv, envp), but execveat(directory, path, argv, envp, flags).
    String path = call.snapshot().string(call.name().equals("execve") ? 0 : 1).orElse("");
    if (!allowed.contains(path)) {
      var held = call.hold(timeout, Verdict.fail(Errno.EPERM));
      var unused = // Of interest only to see answers that came too late, which throw.
          CompletableFuture.supplyAsync(() -> question.test(path))
              .thenAccept(yes -> held.answer(yes ? Verdict.proceed() : Verdict.fail(Errno.EPERM)));
    }
  }

  private static synchronized boolean askOnTerminal(String path) {
    try (RandomAccessFile terminal = new RandomAccessFile("/dev/tty", "rw")) {
      terminal.writeBytes("sysmon: execute " + path + "? [y/N] ");
      return "y".equals(terminal.readLine());
    } catch (IOException e) {
      return false; // There is no terminal.
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
    System.exit(new CommandLine(new AskBeforeExec()).setStopAtPositional(true).execute(args));
  }
}
