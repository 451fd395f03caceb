package io.sysmon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final int SYSCALL_STOP = 0x857f;
  private static final int EXEC_STOP = 4 << 16 | 0x057f;
  private static final int KILLED = 9;

  @Test
  void eventsComeOutInTheOrderOfTheirArrival() {
    Batch batch = new Batch();
    for (int tid = 1; tid <= 1000; tid++) {
      batch.add(tid, SYSCALL_STOP);
    }
    assertEquals(1000, batch.size());
    for (int i = 0; i < 1000; i++) {
      assertEquals(i + 1, batch.tid(i));
      assertEquals(SYSCALL_STOP, batch.status(i));
    }
  }

  @Test
  void aStopOfATaskThatWasKilledMeanwhileIsDropped() {
    Batch batch = new Batch();
    batch.add(10, SYSCALL_STOP);
    batch.add(11, SYSCALL_STOP);
    batch.add(10, KILLED);
    assertEquals(Batch.DROPPED, batch.tid(0));
    assertEquals(11, batch.tid(1));
    assertEquals(10, batch.tid(2));
  }

  @Test
  void aStopOfALeaderWhosePlaceAThreadTookByExecIsDropped() {
    Batch batch = new Batch();
    batch.add(10, SYSCALL_STOP);
    batch.add(10, EXEC_STOP);
    assertEquals(Batch.DROPPED, batch.tid(0));
    assertEquals(EXEC_STOP, batch.status(1));
  }

  @Test
  void anEndIsNeverDropped() {
    Batch batch = new Batch();
    batch.add(10, KILLED);
    batch.add(10, SYSCALL_STOP);
    assertEquals(10, batch.tid(0));
    assertEquals(10, batch.tid(1));
  }

  @Property
  void ofEachTasksStopsOnlyTheLastIsLeftInAnyBatchOfAnySize(
      @ForAll @Size(max = 5) List<@Size(max = 300) List<@IntRange(min = 1, max = 400) Integer>> runs) {
    Batch batch = new Batch();
    for (List<Integer> tids : runs) {
      batch.clear();
      tids.forEach(tid -> batch.add(tid, SYSCALL_STOP));
      assertEquals(tids.size(), batch.size());
      for (int i = 0; i < tids.size(); i++) {
        boolean last = tids.lastIndexOf(tids.get(i)) == i;
        assertEquals(last ? tids.get(i) : Batch.DROPPED, batch.tid(i));
      }
    }
  }

  @Test
  void aClearedBatchIsEmpty() {
    Batch batch = new Batch();
    batch.add(10, KILLED);
    batch.clear();
    assertEquals(0, batch.size());
  }
}
