package io.sysmon.tests.signals;

import static io.sysmon.tests.signals.Signalled.guest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.io.BufferedReader;
import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stops and continuations at awkward moments: what parents are told is what they would be. */
class StopsTest {
  private static String sameAsUntraced(String arguments) {
    Outcome outcome = Alike.run(guest("stops", (Object[]) arguments.split(" ", -1)));
    assertEquals("", outcome.stderr());
    assertEquals(0, outcome.exitValue());
    return outcome.stdout();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "handler", "blocked", "ignored"})
  void sigcontContinuesWhateverTheProgramDoesWithIt(String how) {
    String round = "child stopped by %d\nchild continued\n";
    String rounds = round.formatted(19) + round.formatted(20) + round.formatted(21);
    rounds += round.formatted(22);
    assertEquals(
        round.formatted(19) + rounds.repeat(3) + "child stopped by 19\nchild killed by 9\n",
        sameAsUntraced("sequence " + how));
  }

  @Test
  void aBlockedStopSignalStopsOnceItIsUnblockedUnlessItIsTaken() {
    assertEquals(
        "not yet\nchild stopped by 20\ntaken 20\n".repeat(5) + "child exited 7\n",
        sameAsUntraced("blocked"));
  }

  @Test
  void anOrphanedProcessGroupIsStoppedBySigstopOnly() {
    assertEquals(
        "after 20\nafter 21\nafter 22\nchild stopped by 19\nafter 19\nchild exited 7\n",
        sameAsUntraced("orphaned"));
  }

  @Test
  void aStopSignalForOneThreadStopsTheProcess() {
    assertEquals(
        "child stopped by 19\nchild continued\nchild stopped by 20\nchild continued\n".repeat(5)
            + "child killed by 15\n",
        sameAsUntraced("directed"));
  }

  @Test
  void aProcessThatWaitsInVforkStopsWhenItsChildHasLetItGo() {
    assertEquals(
        """
        in vfork: 0
        child stopped by 19
        child continued
        grandchild exited 3
        child exited 4
        """
            .repeat(3),
        sameAsUntraced("in-vfork"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"execing 1 40", "execing 3 20", "working 3 200", "working 3 200 handled"})
  void eachStopOfABusyProcessIsToldAndEachContinuation(String what) {
    String stdout = sameAsUntraced("waited " + what);
    assertTrue(stdout.endsWith("\nbad 0\n"), stdout);
  }

  /** SIGCONT comes before, while and after SIGSTOP takes effect. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "execing 1 60",
        "execing 4 30",
        "working 1 500",
        "working 12 200",
        "working 4 200 h"
      })
  void nothingStaysStoppedWhenContinuationsFollowStopsAtOnce(String what) {
    String end = what.startsWith("execing") ? "child exited 21\n" : "child exited 22\n";
    assertEquals(end, sameAsUntraced("storm " + what));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theListenerIsToldOfEachStopOnce(boolean everyCall) {
    Recorder recorder = new Recorder(everyCall ? Interest.all() : Interest.none());
    Outcome outcome = Outcome.traced(guest("stops", "counted", "execing", 1, 20), recorder);
    assertEquals(
        "child exited 21\nstops " + recorder.all(Recorder.GroupStop.class).size() + "\n",
        outcome.stdout());
  }

  /** The rest of what the parent prints, after it has told its child's pid. */
  private static String told(String how, Attaching attaching) throws Exception {
    Process parent = guest("stops", "told", how).start();
    try (BufferedReader output = parent.inputReader()) {
      attaching.to(Integer.parseInt(output.readLine()));
      parent.outputWriter().append('\n').close();
      String rest = output.lines().collect(Collectors.joining("\n"));
      assertEquals(0, parent.waitFor());
      return rest;
    }
  }

  private interface Attaching {
    void to(int pid) throws Exception;
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "stopped"})
  void theParentOfAnAttachedProcessIsToldTheSame(String how) throws Exception {
    String bare = told(how, pid -> {});
    assertTrue(bare.endsWith("child stopped by 19\nchild killed by 15"), bare);
    Recorder recorder = new Recorder();
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      assertEquals(bare, told(how, tracer::attach));
      assertTrue(tracer.awaitTracees(Outcome.LIMIT));
    }
    assertTrue(recorder.all(Recorder.GroupStop.class).size() >= 9);
  }

  /** A tracer whose tracee leaves a child to a process that nobody traces. */
  static final class Leaving {
    private Leaving() {}

    /** Traces the command, and what it leaves behind. */
    public static void main(String[] command) throws Exception {
      Recorder recorder = new Recorder(Interest.none());
      int exitValue;
      try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
        TraceeHandle tracee =
            tracer.launch(
                new ProcessBuilder(Arrays.asList(command))
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(new File("/proc/self/fd/9"))));
        exitValue = tracee.waitFor();
        tracer.awaitTracees();
      }
      System.exit(recorder.all(Recorder.GroupStop.class).size() == 9 ? exitValue : 1);
    }
  }

  @Test
  void aParentThatIsNotTracedIsToldTheSame() {
    List<String> leaving = guest("stops", "leaves").command();
    List<String> bare = new ArrayList<>(guest("stops", "reaper").command());
    List<String> traced = new ArrayList<>(bare);
    bare.addAll(leaving);
    bare.add("9");
    traced.addAll(ChildJvm.of(Leaving.class, leaving.toArray(String[]::new)).command());
    traced.add("1");
    Outcome outcome = Outcome.bare(new ProcessBuilder(bare));
    assertTrue(
        outcome.stdout().endsWith("orphan killed by 15\ncommand exited 23\n"), outcome::toString);
    assertEquals(outcome, Outcome.bare(new ProcessBuilder(traced)));
  }
}
