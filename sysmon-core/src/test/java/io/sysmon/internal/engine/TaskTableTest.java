package io.sysmon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TaskTableTest {
  private static Task task(int tid) {
    Tracee process = new Tracee(tid, false, new Failures(new HashSet<>()), requests());
    return new Task(tid, process, TaskState.RUNNING);
  }

  private static Requests requests() {
    return new Requests() {
      @Override
      public boolean isCurrent() {
        return false;
      }

      @Override
      public boolean isInCallback() {
        return false;
      }

      @Override
      public boolean isClosing() {
        return false;
      }

      @Override
      public <T> T request(Tracee process, Function<Stops, T> work) {
        throw new UnsupportedOperationException();
      }

      @Override
      public void ring() {
        throw new UnsupportedOperationException();
      }

      @Override
      public void later(Tracee process, long nanos, Consumer<Stops> work) {
        throw new UnsupportedOperationException();
      }

      @Override
      public boolean offer(Consumer<Stops> work, Runnable refused) {
        throw new UnsupportedOperationException();
      }
    };
  }

  /** Ids close together and far apart, so that probing sequences collide, wrap and have gaps. */
  @Provide
  Arbitrary<List<Integer>> tids() {
    return Arbitraries.oneOf(
            Arbitraries.integers().between(1, 40),
            Arbitraries.integers().between(60, 70),
            Arbitraries.integers().between(1, 8).map(i -> i * 64),
            Arbitraries.integers().between(1, 4_194_304))
        .list()
        .ofMaxSize(400);
  }

  @Property
  void behavesAsAMapUnderAnySequenceOfAddsAndRemoves(@ForAll("tids") List<Integer> tids) {
    TaskTable table = new TaskTable();
    Map<Integer, Task> model = new HashMap<>();
    for (int tid : tids) {
      if (model.containsKey(tid)) {
        assertSame(model.remove(tid), table.remove(tid));
      } else {
        Task task = task(tid);
        model.put(tid, task);
        table.add(task);
      }
      assertEquals(model.size(), table.size());
    }
    for (int tid : tids) {
      assertSame(model.get(tid), table.get(tid));
    }
    assertEquals(new HashSet<>(model.values()), new HashSet<>(table.all()));
  }

  @Test
  void anIdThatIsNotThereIsNotFound() {
    TaskTable table = new TaskTable();
    assertNull(table.get(7));
    assertNull(table.remove(7));
  }

  @Test
  void anIdCannotBeInTheTableTwice() {
    TaskTable table = new TaskTable();
    table.add(task(7));
    assertThrows(IllegalStateException.class, () -> table.add(task(7)));
  }
}
