package io.sysmon.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Interest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Runs a program untraced, traced with a stop at every system call, at which an {@link Observer}
 * looks, and traced with none, and fails when its outcomes differ or the events broke the
 * listeners' contract.
 */
public final class Alike {
  private Alike() {}

  /** Runs a program three times. */
  public static Outcome run(ProcessBuilder command) {
    Outcome bare = Outcome.bare(command);
    traced(command, bare, false);
    return bare;
  }

  /**
   * Runs a program as {@link #run(ProcessBuilder)} does, but on aarch64 only with stops at its
   * calls: without them the tracer cannot hide there that an ignored signal interrupts some calls.
   */
  public static Outcome runInterrupted(ProcessBuilder command) {
    if (Cpu.current() == Cpu.X86_64) {
      return run(command);
    }
    Outcome bare = Outcome.bare(command);
    assertEquals(bare, traced(command, Interest.all(), false));
    return bare;
  }

  /** Runs a program of which threads or processes are killed in the middle of what they do. */
  public static Outcome runDying(ProcessBuilder command) {
    Outcome bare = Outcome.bare(command);
    traced(command, bare, true);
    return bare;
  }

  /** Runs a program three times, each time in a new directory of the same content. */
  public static Outcome run(Path base, Function<Path, ProcessBuilder> command) {
    Outcome bare = Outcome.bare(command.apply(directory(base, "bare")));
    assertEquals(bare, traced(command.apply(directory(base, "calls")), Interest.all(), false));
    assertEquals(bare, traced(command.apply(directory(base, "quiet")), Interest.none(), false));
    return bare;
  }

  private static void traced(ProcessBuilder command, Outcome bare, boolean dying) {
    assertEquals(bare, traced(command, Interest.all(), dying), "with a stop at every system call");
    assertEquals(bare, traced(command, Interest.none(), dying), "without system call stops");
  }

  /** Runs a program under a contract. */
  public static Outcome traced(ProcessBuilder command, Interest interest, boolean dying) {
    Contract contract = dying ? Contract.ofDying(interest) : Contract.of(interest);
    Outcome outcome = Outcome.traced(command, contract, new Observer(interest));
    contract.verify();
    return outcome;
  }

  private static Path directory(Path base, String name) {
    try {
      return Files.createDirectory(base.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A guest's command line. */
  public static ProcessBuilder guest(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of(Guest.compile(name, "-pthread").toString()));
    command.addAll(Arrays.asList(arguments));
    return new ProcessBuilder(command);
  }
}
