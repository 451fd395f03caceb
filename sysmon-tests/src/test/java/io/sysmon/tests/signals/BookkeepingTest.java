package io.sysmon.tests.signals;

import static io.sysmon.tests.signals.Signalled.guest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks, queues, stacks and handlers of programs are what they are untraced. */
class BookkeepingTest {
  private static String sameAsUntraced(Object... arguments) {
    Outcome outcome = Alike.run(guest("masks", arguments));
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    return outcome.stdout();
  }

  @Test
  void callsThatWaitWithAnotherMaskEndByItsSignalsAndPutTheMaskBack() {
    String stdout = sameAsUntraced("waits");
    for (String call : List.of("ppoll", "pselect", "epoll_pwait", "sigsuspend")) {
      String expected =
          (call + " = -1 Interrupted system call, 1 handled\n")
              + (call + " blocks 10 14\nstill pending: 10\n");
      assertTrue(stdout.contains(expected.repeat(2)), stdout);
    }
    assertTrue(stdout.endsWith("epoll_pwait = 1\nepoll_pwait blocks 10 14\n"), stdout);
  }

  @ParameterizedTest
  @ValueSource(strings = {"flat", "nested"})
  void allRealTimeSignalsAreDeliveredInTheirOrder(String handlers) {
    List<String> lines = sameAsUntraced("queue", handlers).lines().toList();
    assertEquals(31 + 16 + 11 + 11 + 7 + 2, lines.size());
    assertEquals("all told", lines.get(lines.size() - 1));
  }

  @Test
  void handlersRunOnTheStacksThatTheProgramChose() {
    assertEquals(12, sameAsUntraced("stacks").lines().count());
  }

  @Test
  void handlersAndReturnsLeaveTheMaskThatTheyAskFor() {
    assertEquals(
        "before blocks\nSIGUSR1 blocks 12\nSIGALRM blocks\n1 handled, SIGALRM is reset\n",
        sameAsUntraced("masks"));
  }

  @Test
  void noSigchldIsLost() {
    assertEquals("reaped 150\n", sameAsUntraced("children", 150));
  }

  @Test
  void signalsThatAreTakenAreNotDelivered() {
    assertEquals("in order 100, then 17 status 6\n10\n", sameAsUntraced("taken", 100));
    Recorder recorder = new Recorder(Interest.none());
    Outcome.traced(guest("masks", "taken", 100), recorder);
    assertEquals(List.of(), recorder.all(Recorder.Delivery.class));
  }

  @Test
  void aShellLosesNoChildAndNoTrap() {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
    String script =
        """
        trap 'traps=$((traps+1))' USR1
        for i in $(seq 40); do (exit $((i % 7))) & wait $!; [ $? = $((i % 7)) ] || echo lost; done
        for i in $(seq 20); do kill -USR1 $$; done; echo $traps traps
        exec 2>/dev/null # bash tells the pids of those that a signal ends
        sleep 30 & slow=$!
        exec 9<> <(:) # to sleep without a fork, in which it would be killed and announce nobody
        (while :; do read -t 0.01 -u 9; kill -USR1 $$; done) & sender=$!
        wait $slow; echo $?
        kill -KILL $slow $sender; trap '' USR1; wait $slow; echo $?; wait $sender; echo $?
        sh -c 'kill -SEGV $$'; echo $?
        timeout 0.05 sleep 30; echo $?
        timeout -s KILL 0.05 sleep 30; echo $?
        """;
    Outcome outcome = Alike.run(new ProcessBuilder("bash", "--norc", "-c", script));
    assertEquals("20 traps\n138\n137\n137\n139\n124\n137\n", outcome.stdout());
  }

  /** What makes HotSpot raise signals and handle them. */
  static final class Faulting {
    private static final int ROUNDS = 20_000;

    private Faulting() {}

    /** Prints how often each was caught, and ends by SIGTERM. */
    public static void main(String[] arguments) throws Exception {
      int caught = 0;
      for (int i = 0; i < ROUNDS; i++) {
        caught += lengthOf(i % 1000 == 999 ? null : "text") < 0 ? 1 : 0;
      }
      System.out.println(caught + " null");
      caught = 0;
      for (int i = 0; i < ROUNDS; i++) {
        caught += quotientOf(i, i % 1000 == 999 ? 0 : 1) < 0 ? 1 : 0;
      }
      System.out.println(caught + " zero");
      caught = 0;
      for (int i = 0; i < 5; i++) {
        caught += overflows() ? 1 : 0;
      }
      System.out.println(caught + " overflows");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("terminated")));
      new ProcessBuilder("kill", "-TERM", "" + ProcessHandle.current().pid()).start();
      Thread.sleep(20_000);
    }

    private static int lengthOf(String text) {
      try {
        return text.length();
      } catch (NullPointerException e) {
        return -1;
      }
    }

    private static int quotientOf(int dividend, int divisor) {
      try {
        return dividend / divisor;
      } catch (ArithmeticException e) {
        return -1;
      }
    }

    private static boolean overflows() {
      try {
        return recurse(1) < 0;
      } catch (StackOverflowError e) {
        return true;
      }
    }

    private static int recurse(int depth) {
      return depth < 0 ? depth : recurse(depth + 1) + 1;
    }
  }

  @Test
  void aJvmHandlesItsFaults() {
    ProcessBuilder jvm = ChildJvm.withOptions(List.of("-Xcomp"), Faulting.class);
    Outcome bare = Outcome.bare(jvm);
    assertEquals(new Outcome("20 null\n20 zero\n5 overflows\nterminated\n", "", 128 + 15), bare);
    Recorder recorder = new Recorder(Interest.none());
    assertEquals(bare, Outcome.traced(jvm, recorder));
    assertTrue(recorder.all(Recorder.Delivery.class).stream().anyMatch(this::isFault));
    assertEquals(bare, Outcome.traced(jvm, new Recorder(Interest.of("futex", "rt_sigreturn"))));
  }

  private boolean isFault(Recorder.Delivery delivery) {
    return delivery.signal().equals(Signal.SIGSEGV) && delivery.info().code() > 0;
  }
}
