package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Recorder.End;
import io.sysmon.tests.support.Recorder.Enter;
import io.sysmon.tests.support.Recorder.Event;
import io.sysmon.tests.support.Recorder.Exec;
import io.sysmon.tests.support.Recorder.Exit;
import io.sysmon.tests.support.Recorder.Fork;
import io.sysmon.tests.support.Recorder.Start;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What listeners are told, and in which order. {@link Contract} checks it in the other tests too.
 */
class EventContractTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static Recorder record(ProcessBuilder command) {
    Recorder recorder = new Recorder();
    Outcome.traced(command, recorder);
    return recorder;
  }

  @Test
  void aProgramsFirstEventsAreItsStartAndItsOwnExecve() {
    List<Event> events = record(new ProcessBuilder("/bin/true")).events();
    assertTrue(events.get(0) instanceof Start);
    assertEquals("/bin/true", ((Enter) events.get(1)).call().string(0).orElseThrow());
    assertTrue(events.get(2) instanceof Exec);
    assertEquals("execve", ((Exit) events.get(3)).call().name());
    assertEquals(0, ((Exit) events.get(3)).result());
  }

  @Test
  void aProgramsLastEventsAreItsExitGroupAndItsEnd() {
    List<Event> events = record(new ProcessBuilder("sh", "-c", "exit 5")).events();
    Enter last = (Enter) events.get(events.size() - 2);
    assertEquals("exit_group", last.call().name());
    assertEquals(5, last.call().arg(0));
    assertEquals(ExitStatus.exited(5), ((End) events.get(events.size() - 1)).status());
  }

  @RepeatedTest(5)
  void theForkIsToldRightBeforeTheStartOfTheChild() {
    List<Event> events = record(Alike.guest("forks", "fork")).events();
    int forks = 0;
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof Fork fork) {
        forks++;
        assertEquals(fork.childTid(), ((Start) events.get(i + 1)).tid());
        assertEquals(events.get(0).tid(), fork.tid());
      }
    }
    assertEquals(5, forks);
  }

  @ParameterizedTest
  @CsvSource({"fork,FORK", "vfork,VFORK", "shared-memory,FORK", "clone-parent,FORK"})
  void theForkTellsItsKind(String mode, TraceeListener.ForkKind kind) {
    List<Fork> forks = record(Alike.guest("forks", mode)).all(Fork.class);
    assertFalse(forks.isEmpty());
    forks.forEach(fork -> assertEquals(kind, fork.kind()));
  }

  @Test
  void aThreadIsAnnouncedAsAThreadOfItsProcess() {
    List<Fork> forks = record(Alike.guest("threads", "all-at-once")).all(Fork.class);
    assertEquals(64, forks.size());
    for (Fork fork : forks) {
      assertEquals(TraceeListener.ForkKind.CLONE, fork.kind());
      assertEquals(fork.tid(), fork.childPid());
    }
  }

  @RepeatedTest(3)
  void entriesAndExitsOfEachTaskAlternate() {
    Map<Integer, String> open = new HashMap<>();
    for (Event event : record(Alike.guest("forks", "from-threads")).events()) {
      if (event instanceof Enter enter) {
        assertEquals(null, open.put(enter.tid(), enter.call().name()));
      } else if (event instanceof Exit exit) {
        assertEquals(exit.call().name(), open.remove(exit.tid()));
      } else if (event instanceof End end) {
        open.remove(end.tid());
      }
    }
    assertEquals(Map.of(), open);
  }

  @Test
  void theSameObjectStandsForATaskInAllItsEvents() {
    Map<Integer, TraceeTask> tasks = new ConcurrentHashMap<>();
    List<TraceeTask> ended = Collections.synchronizedList(new ArrayList<>());
    TraceeListener listener =
        new TraceeListener() {
          @Override
          public void onStart(TraceeTask task) {
            assertTrue(task.isAlive());
            tasks.put(task.tid(), task);
          }

          @Override
          public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
            assertSame(tasks.get(parent.tid()), parent);
          }

          @Override
          public void onExec(TraceeTask task, int formerTid) {
            assertSame(tasks.get(formerTid), task);
          }

          @Override
          public void onExit(TraceeTask task, ExitStatus status) {
            assertSame(tasks.get(task.tid()), task);
            assertFalse(task.isAlive());
            ended.add(task);
          }
        };
    Outcome.traced(new ProcessBuilder("sh", "-c", "echo a | cat; (exit 1)"), listener);
    assertEquals(Set.copyOf(tasks.values()), Set.copyOf(ended));
  }

  @Test
  void processesKnowTheirTracedParents() {
    List<Start> starts =
        record(new ProcessBuilder("sh", "-c", "sh -c '(exit 1); exit 2'; exit 3")).all(Start.class);
    assertEquals(3, starts.size());
    TraceeHandle root = starts.get(0).task().tracee();
    TraceeHandle child = starts.get(1).task().tracee();
    TraceeHandle grandchild = starts.get(2).task().tracee();
    assertTrue(root.parent().isEmpty());
    assertSame(root, child.parent().orElseThrow());
    assertSame(child, grandchild.parent().orElseThrow());
    assertEquals(3, root.exitStatus().code());
    assertEquals(2, child.exitStatus().code());
    assertEquals(1, grandchild.exitStatus().code());
  }

  @RepeatedTest(3)
  void everyTaskThatStartedHasEndedWhenAwaitTraceesReturns() throws Exception {
    Contract contract = Contract.of(Interest.none());
    try (Tracer tracer = Tracer.builder().listener(contract).build()) {
      for (int i = 0; i < 10; i++) {
        // Their ends are still to come when their launched process has ended.
        tracer.launch(Alike.guest("forks", "daemon"));
        tracer.launch(new ProcessBuilder("sh", "-c", "(sleep 0.01; true) >/dev/null &"));
      }
      assertTrue(tracer.awaitTracees(LIMIT));
      assertEquals(List.of(), tracer.tracees());
      contract.verify();
    }
    assertTrue(contract.starts() > 40, contract.starts() + " tasks");
  }

  @Test
  void programsThatRunAtTheSameTimeDoNotMixTheirEvents() throws Exception {
    Contract contract = Contract.of(Interest.all());
    List<TraceeHandle> tracees = new ArrayList<>();
    try (Tracer tracer = Tracer.builder().listener(contract).build()) {
      for (int i = 0; i < 20; i++) {
        tracees.add(tracer.launch(new ProcessBuilder("sh", "-c", "echo a | cat; exit " + i)));
      }
      for (int i = 0; i < 20; i++) {
        assertEquals(new Outcome("a\n", "", i), Outcome.of(tracees.get(i)));
      }
      assertTrue(tracer.awaitTracees(LIMIT));
    }
    contract.verify();
    assertEquals(20 * 3, contract.starts());
    assertEquals(20 * 2, contract.execs());
  }

  @Test
  void aLaunchThatFailsIsAStartAndAnEnd() throws IOException {
    Contract contract = Contract.ofDying(Interest.all());
    try (Tracer tracer = Tracer.builder().listener(contract).build()) {
      tracer.launch(new ProcessBuilder("/no/such/program"));
    } catch (IOException e) {
      assertTrue(e.getMessage().contains("error=2"), e.getMessage());
    }
    contract.verify();
  }
}
