package io.sysmon.junit5;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeMemory;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes programs see what {@link Surroundings} say. Tracer thread. */
final class SurroundingsListener implements SyscallListener {
  /** linux/personality.h. */
  private static final long ADDR_NO_RANDOMIZE = 0x40000;

  private static final long QUERY_PERSONALITY = 0xffff_ffffL;

  /** linux/auxvec.h. */
  private static final long AT_NULL = 0;

  private static final long AT_IGNORE = 1;
  private static final long AT_RANDOM = 25;
  private static final long AT_SYSINFO_EHDR = 33;
  private static final int RANDOM_BYTES = 16;

  /** linux/time.h: the clocks of the day, and those that count from some moment. */
  private static final Set<Integer> OF_THE_DAY = Set.of(0, 5, 8, 11);

  private static final Set<Integer> MONOTONIC = Set.of(1, 4, 6, 7, 9);

  private final @Nullable Supplier<Instant> clock;
  private final OptionalLong seed;
  private final Random random;

  SurroundingsListener(@Nullable Supplier<Instant> clock, OptionalLong seed) {
    this.clock = clock;
    this.seed = seed;
    random = new Random(seed.orElse(0));
  }

  @Override
  public Interest interest() {
    Interest interest = Interest.of("execve", "execveat");
    if (clock != null) {
      interest =
          interest.and(Interest.exit("clock_gettime", "clock_gettime64", "gettimeofday", "time"));
    }
    return seed.isPresent() ? interest.and(Interest.exit("getrandom")) : interest;
  }

  @Override
  public void onEnter(SyscallEnter call) {
    long now = call.syscall("personality", QUERY_PERSONALITY);
    if ((now & ADDR_NO_RANDOMIZE) == 0) {
      call.syscall("personality", now | ADDR_NO_RANDOMIZE);
    }
  }

  @Override
  public void onExit(SyscallExit call) {
    if (call.failed()) {
      return;
    }
    Supplier<Instant> script = clock;
    switch (call.name()) {
      case "execve", "execveat" -> begins(call);
      case "getrandom" -> call.memory().write(call.arg(0), bytes((int) call.result()));
      default -> {
        if (script != null) {
          tell(call, script.get());
        }
      }
    }
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /**
   * Changes what the kernel tells a new program on its stack: argc, argv, envp and then pairs of
   * words, the auxiliary vector (getauxval(3)).
   */
  private void begins(SyscallExit call) {
    TraceeMemory memory = call.memory();
    long at = call.stackPointer();
    // The program may be of another ABI than the one that called execve. Of 32 bits, argc and the
    // first pointer are read together.
    boolean narrow = memory.readLong(at) >>> 32 != 0;
    int size = narrow ? Integer.BYTES : Long.BYTES;
    at += (word(memory, at, size) + 2) * size;
    while (word(memory, at, size) != 0) {
      at += size;
    }
    at += size;
    for (long key = word(memory, at, size); key != AT_NULL; key = word(memory, at, size)) {
      if (key == AT_SYSINFO_EHDR && clock != null) {
        put(memory, at, size, AT_IGNORE);
      } else if (key == AT_RANDOM && seed.isPresent()) {
        memory.write(word(memory, at + size, size), bytes(RANDOM_BYTES));
      }
      at += 2L * size;
    }
  }

  private static long word(TraceeMemory memory, long at, int size) {
    return size == Integer.BYTES ? Integer.toUnsignedLong(memory.readInt(at)) : memory.readLong(at);
  }

  private static void put(TraceeMemory memory, long at, int size, long value) {
    if (size == Integer.BYTES) {
      memory.writeInt(at, (int) value);
    } else {
      memory.writeLong(at, value);
    }
  }

  private static void tell(SyscallExit call, Instant now) {
    boolean wide = call.name().equals("clock_gettime64");
    int size = wide ? Long.BYTES : call.abi().wordSize();
    switch (call.name()) {
      case "time" -> {
        call.setResult(now.getEpochSecond());
        if (call.arg(0) != 0) {
          put(call.memory(), call.arg(0), size, now.getEpochSecond());
        }
      }
      case "gettimeofday" -> {
        if (call.arg(0) != 0) {
          put(call.memory(), call.arg(0), size, now.getEpochSecond());
          put(call.memory(), call.arg(0) + size, size, now.getNano() / 1_000);
        }
      }
      default -> {
        int which = (int) call.arg(0);
        if (OF_THE_DAY.contains(which) || MONOTONIC.contains(which)) {
          Duration time = Duration.between(Instant.EPOCH, now);
          put(call.memory(), call.arg(1), size, time.getSeconds());
          put(call.memory(), call.arg(1) + size, size, time.getNano());
        }
      }
    }
  }
}
