package io.sysmon.tests.attach;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Listener;
import io.sysmon.Signal;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Stranger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.function.Executable;

/** The guests of this package, and what is said to them. */
final class Guests {
  private Guests() {}

  /** A guest that makes itself anew all the time; its mode and the mode's arguments. */
  static Stranger restless(String words) {
    Stranger restless = Stranger.guest("restless", (Object[]) words.split(" "));
    assertEquals("ready", restless.line());
    return restless;
  }

  /** A guest that sleeps in system calls of all kinds, or of those that are named. */
  static Stranger sleepers(Object... kinds) {
    Stranger sleepers = Stranger.guest("sleepers", kinds);
    assertEquals("asleep", sleepers.line());
    return sleepers;
  }

  static Tracer tracer(Listener... listeners) {
    Tracer.Builder builder = Tracer.builder();
    for (Listener listener : listeners) {
      builder.listener(listener);
    }
    return builder.build();
  }

  /** Each of its loops goes on, and nothing was wrong until now. */
  static void assertAlive(Stranger restless) {
    assertEquals("alive", restless.ask("go on"), restless::report);
  }

  /** As {@link #assertAlive}, and each call has had the kernel's own result since the last one. */
  static void assertUntouched(Stranger restless) {
    assertEquals("alive", restless.ask("strict"), restless::report);
  }

  /** Each of its calls returns when it is woken, as it should. */
  static void wake(Stranger sleepers) {
    assertEquals("woken", sleepers.ask("wake"), sleepers::report);
  }

  /** Its parent sees nothing but its end, and nothing was wrong. */
  static void assertEndsWell(Stranger guest) {
    String end = guest.end();
    assertTrue(end.endsWith(" 0 wrong\nsaw it exited 0\n"), end);
    assertEquals(2, end.lines().count(), end);
  }

  static void stop(Stranger guest) {
    guest.signal(Signal.SIGSTOP);
    assertEquals("saw it stopped by 19", guest.report());
  }

  static void goOn(Stranger guest) {
    guest.signal(Signal.SIGCONT);
    assertEquals("saw it continued", guest.report());
  }

  /** What is mapped into its memory, and how. */
  static SortedSet<String> maps(Stranger guest) throws IOException {
    return new TreeSet<>(Files.readAllLines(Path.of("/proc/" + guest.pid() + "/maps")));
  }

  /** For detach() in a callback, where it does not wait. */
  static void inCallback(Executable detach) {
    try {
      detach.execute();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
