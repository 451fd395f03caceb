package io.sysmon.junit5;

import io.sysmon.Listener;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a program sees of the world that differs from run to run, made the same. Immutable: each
 * method gives new ones.
 *
 * <pre>{@code
 * command.in(Surroundings.fixed().time(Instant.EPOCH).random(42))
 * }</pre>
 */
public final class Surroundings {
  private static final Map<String, String> FIXED =
      Map.of("PATH", "/usr/local/bin:/usr/bin:/bin", "LC_ALL", "C", "TZ", "UTC", "HOME", "/");

  private final @Nullable Supplier<Instant> clock;
  private final OptionalLong seed;

  private Surroundings(@Nullable Supplier<Instant> clock, OptionalLong seed) {
    this.clock = clock;
    this.seed = seed;
  }

  /**
   * A fixed environment ({@code PATH}, {@code LC_ALL=C}, {@code TZ=UTC}, {@code HOME=/}), and
   * addresses that are not randomized (personality(2), {@code ADDR_NO_RANDOMIZE}).
   *
   * @return the surroundings
   */
  public static Surroundings fixed() {
    return new Surroundings(null, OptionalLong.empty());
  }

  /**
   * Freezes time: clock_gettime(2), gettimeofday(2) and time(2) tell always the same. The vDSO, in
   * which the C library finds these without a system call, is hidden from programs.
   *
   * @param when what the clocks of the day tell; the monotonic ones tell the time since 1970 of it
   * @return new surroundings
   */
  public Surroundings time(Instant when) {
    return clock(() -> when);
  }

  /**
   * Lets time pass as a script says. Sleeping takes as long as ever.
   *
   * @param script asked at each look at a clock, on the tracer's thread
   * @return new surroundings
   */
  public Surroundings clock(Supplier<Instant> script) {
    return new Surroundings(script, seed);
  }

  /**
   * Lets getrandom(2), and the bytes that the kernel gives each new program ({@code AT_RANDOM}), be
   * the same in each run. Not /dev/urandom.
   *
   * @param from the seed
   * @return new surroundings
   */
  public Surroundings random(long from) {
    return new Surroundings(clock, OptionalLong.of(from));
  }

  void apply(ProcessBuilder builder) {
    builder.environment().clear();
    builder.environment().putAll(FIXED);
  }

  /** For one run. */
  Listener listener() {
    return new SurroundingsListener(clock, seed);
  }
}
