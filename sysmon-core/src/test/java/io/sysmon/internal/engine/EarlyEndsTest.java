package io.sysmon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sysmon.ExitStatus;
import org.junit.jupiter.api.Test;

class EarlyEndsTest {
  private static final int ANNOUNCERS = 10;
  private static final int ROOM = ANNOUNCERS + EarlyEnds.SPARE;

  private final EarlyEnds ends = new EarlyEnds();

  @Test
  void anEndIsThereUntilItIsTakenOut() {
    ends.add(7, ExitStatus.exited(1), ANNOUNCERS);
    assertNull(ends.remove(8));
    assertEquals(ExitStatus.exited(1), ends.remove(7));
    assertNull(ends.remove(7));
  }

  @Test
  void theOldestGiveWay() {
    for (int tid = 1; tid <= 3 * ROOM; tid++) {
      ends.add(tid, ExitStatus.exited(0), ANNOUNCERS);
    }
    for (int tid = 1; tid <= 2 * ROOM; tid++) {
      assertNull(ends.remove(tid));
    }
    for (int tid = 2 * ROOM + 1; tid <= 3 * ROOM; tid++) {
      assertEquals(ExitStatus.exited(0), ends.remove(tid));
    }
  }

  @Test
  void anEndOfTheSameIdIsANewOne() {
    ends.add(1, ExitStatus.exited(1), ANNOUNCERS);
    for (int tid = 2; tid <= ROOM; tid++) {
      ends.add(tid, ExitStatus.exited(0), ANNOUNCERS);
    }
    ends.add(1, ExitStatus.exited(2), ANNOUNCERS);
    ends.add(ROOM + 1, ExitStatus.exited(0), ANNOUNCERS);
    assertEquals(ExitStatus.exited(2), ends.remove(1));
    assertNull(ends.remove(2));
  }
}
