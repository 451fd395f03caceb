package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeTask;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Observer;
import io.sysmon.tests.support.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every system call, and numbers that are none, with random arguments: each is printed, none is
 * lost, and whatever it does to the program that makes it, the tracer goes on. The guest {@code
 * random_calls} tells what it has called; the soak takes new seeds for {@code
 * -Dsysmon.soak.seconds}.
 */
class RandomCallsTest {
  /** The guest's, where it may not shut itself off from the machine. */
  private static final int NO_PLACE = 77;

  private static final int SECONDS = Integer.getInteger("sysmon.soak.seconds", 60);
  private static final long SEED = Long.getLong("sysmon.soak.seed", System.nanoTime());
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir private Path directory;

  @Test
  void everyCallOfTheProcessorIsPrintedAndNoneIsLost() {
    assertEveryCallIsSeen(1);
  }

  @Test
  void everyCallByInt80IsPrintedAndNoneIsLost() {
    Guest32.assumeKernel();
    assertEveryCallIsSeen(1, "i386");
  }

  @Test
  @Tag("soak")
  @Timeout(1200)
  void noSeedLosesACall() {
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    boolean foreign = System.getProperty("os.arch").equals("amd64");
    for (long seed = SEED; System.nanoTime() < end; seed++) {
      System.out.println("Soak of random calls, -Dsysmon.soak.seed=" + seed);
      assertEveryCallIsSeen(seed);
      if (foreign) {
        assertEveryCallIsSeen(seed, "i386");
      }
    }
  }

  private void assertEveryCallIsSeen(long seed, String... abi) {
    List<String> command = new ArrayList<>();
    command.add(Guest.compile("random_calls", "-static").toString());
    command.add(directory.toString());
    command.add(Long.toUnsignedString(seed));
    command.addAll(List.of(abi));
    Marked seen = new Marked();
    Outcome outcome =
        Outcome.traced(LIMIT, new ProcessBuilder(command), seen, new Observer(Interest.all()));
    assumeTrue(outcome.exitValue() != NO_PLACE, "The guest may not make the namespaces it needs");
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    Map<Long, Long> made = new TreeMap<>();
    for (String line : outcome.stdout().lines().toList()) {
      String[] words = line.split(" ", -1);
      long place = Long.parseLong(words[0]);
      // A child that is killed because it blocks may not have come to block in its call.
      if (words.length == 2 || seen.calls.containsKey(place)) {
        made.put(place, Long.parseLong(words[1]));
      }
    }
    assertTrue(made.size() > 1000, () -> "Only " + made.size() + " calls");
    assertEquals(differing(made, seen.calls), differing(seen.calls, made), "seed " + seed);
    // x32 is the processor's own with another number.
    assertEquals(abi.length > 0, seen.abis.contains("i386"), () -> "ABIs " + seen.abis);
  }

  private static Map<Long, Long> differing(Map<Long, Long> of, Map<Long, Long> from) {
    Map<Long, Long> differing = new TreeMap<>(of);
    differing.entrySet().removeIf(call -> call.getValue().equals(from.get(call.getKey())));
    return differing;
  }

  /** The calls that come after their marks. */
  private static final class Marked implements SyscallListener {
    private static final long MARK = 0x5eed;

    final Map<Long, Long> calls = new TreeMap<>();
    final Set<String> abis = new TreeSet<>();
    private final Map<TraceeTask, Long> places = new HashMap<>();

    @Override
    public void onEnter(SyscallEnter call) {
      Long place = places.remove(call.task());
      if (place != null) {
        calls.put(place, call.number());
        abis.add(call.abi().name());
      } else if (call.name().equals("getppid") && call.arg(0) == MARK) {
        places.put(call.task(), call.arg(1));
      }
    }
  }
}
