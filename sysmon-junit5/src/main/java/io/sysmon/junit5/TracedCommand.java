package io.sysmon.junit5;

import io.sysmon.Interest;
import io.sysmon.fault.CallCondition;
import io.sysmon.fault.FaultInjector;
import io.sysmon.fault.FaultRule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command, how it is run, and what it will meet; made by {@link Harness#command}. Its methods
 * change it and give it back.
 *
 * <pre>{@code
 * Run run = harness.command("sqlite3", "test.db", "insert into t values (1)")
 *     .directory(directory)
 *     .fault("write,pwrite64:path=*.db:error=ENOSPC:when=2+")
 *     .run();
 * }</pre>
 */
public final class TracedCommand {
  private final Harness harness;
  private final ProcessBuilder builder;
  private final List<FaultRule> rules = new ArrayList<>();
  private Interest recorded = Interest.all();
  private byte[] input = new byte[0];
  private Duration limit = Duration.ofSeconds(60);
  private @Nullable Surroundings surroundings;

  TracedCommand(Harness harness, List<String> words, List<FaultRule> rules) {
    this.harness = harness;
    builder = new ProcessBuilder(words);
    this.rules.addAll(rules);
  }

  /**
   * Sets the working directory; that of this JVM if nothing is said.
   *
   * @param path a directory
   * @return this
   */
  public TracedCommand directory(Path path) {
    builder.directory(path.toFile());
    return this;
  }

  /**
   * Sets a variable, in place of what it was or besides those of this JVM.
   *
   * @param name its name
   * @param value its value
   * @return this
   */
  public TracedCommand environment(String name, String value) {
    builder.environment().put(name, value);
    return this;
  }

  /**
   * Gives the program exactly these variables, and none of this JVM.
   *
   * @param variables names and values
   * @return this
   */
  public TracedCommand onlyEnvironment(Map<String, String> variables) {
    builder.environment().clear();
    builder.environment().putAll(variables);
    return this;
  }

  /**
   * Gives the program something to read; nothing if not called.
   *
   * @param text what is on its standard input, as UTF-8
   * @return this
   */
  public TracedCommand input(String text) {
    input = text.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  /**
   * Adds faults, which come after those that are there.
   *
   * @param texts as {@link FaultRule#parse} takes them
   * @return this
   * @throws io.sysmon.fault.BadFaultRuleException when one makes no sense
   */
  public TracedCommand fault(String... texts) {
    Arrays.stream(texts).map(FaultRule::parse).forEach(rules::add);
    return this;
  }

  /**
   * Adds faults, which come after those that are there.
   *
   * @param more the rules
   * @return this
   */
  public TracedCommand fault(FaultRule... more) {
    rules.addAll(Arrays.asList(more));
    return this;
  }

  /**
   * Records only some calls, which makes the program faster. What is asserted later can only be
   * about these.
   *
   * @param calls which; by default all
   * @return this
   */
  public TracedCommand record(Interest calls) {
    recorded = calls;
    return this;
  }

  /**
   * Makes the program see the same in each run. Its environment is replaced; {@link #environment}
   * adds to it afterwards.
   *
   * @param what it sees
   * @return this
   */
  public TracedCommand in(Surroundings what) {
    surroundings = what;
    what.apply(builder);
    return this;
  }

  /**
   * Says how long the program may take: each wait, for its end or for a call to stop at, is as long
   * at most; then all that came of it is killed, and the test fails.
   *
   * <p>A call that the program is stopped at waits as long for its answer. It is made then, and the
   * test fails at its next {@link RunningCommand#stopAt} or {@link RunningCommand#await}, or at its
   * end.
   *
   * @param time a minute if nothing is said
   * @return this
   */
  public TracedCommand limit(Duration time) {
    limit = time;
    return this;
  }

  /**
   * Runs the program and waits for its end, and for that of all that came of it.
   *
   * @return what it did
   * @throws IOException when it cannot be started, as {@link ProcessBuilder#start()}
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public Run run() throws IOException, InterruptedException {
    return launch(null, Interest.none()).await();
  }

  /**
   * Starts the program.
   *
   * @return the running program, for {@link RunningCommand#stopAt}
   * @throws IOException when it cannot be started, as {@link ProcessBuilder#start()}
   */
  public RunningCommand start() throws IOException {
    return launch(null, Interest.all());
  }

  /**
   * Starts the program and waits until one of its processes is about to make a call. The execve(2)
   * by which the program itself is launched is none: {@code startTo("execve")} is the first one
   * that the program makes.
   *
   * @param calls as {@link FaultRule#on} takes them
   * @param conditions what must hold of the call
   * @return the running program, stopped at {@link RunningCommand#stop()}
   * @throws IOException when it cannot be started, as {@link ProcessBuilder#start()}
   * @throws org.opentest4j.AssertionFailedError as {@link RunningCommand#stopAt}
   * @throws InterruptedException when the waiting thread is interrupted
   */
  public RunningCommand startTo(String calls, CallCondition... conditions)
      throws IOException, InterruptedException {
    RunningCommand running =
        launch(new RunningCommand.Target(calls, List.of(conditions)), Interest.all());
    running.awaitStop();
    return running;
  }

  private RunningCommand launch(RunningCommand.@Nullable Target first, Interest stopping)
      throws IOException {
    RunningCommand running =
        new RunningCommand(
            builder,
            new FaultInjector(rules),
            new CallRecorder(recorded),
            surroundings,
            stopping,
            limit);
    harness.started(running);
    running.launch(first, input);
    return running;
  }
}
