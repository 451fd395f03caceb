package io.sysmon.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class EventOutputTest {
  private static Event event(Object... details) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (int i = 0; i < details.length; i += 2) {
      all.put((String) details[i], details[i + 1]);
    }
    return new Event(
        Instant.parse("2026-01-02T03:04:05.678Z"),
        EventKind.PROCESS_START,
        new Actor(7, 1, "/bin/ls", "me", "web"),
        8,
        all);
  }

  @Test
  void anEventIsOneJsonObjectOnOneLine() {
    assertEquals(
        "{\"time\":\"2026-01-02T03:04:05.678Z\",\"event\":\"process.start\",\"pid\":7,\"tid\":8,"
            + "\"ppid\":1,\"program\":\"/bin/ls\",\"user\":\"me\",\"container\":\"web\","
            + "\"path\":\"a\\\"b\\n\",\"arguments\":[\"ls\",\"-l\"],\"none\":[],\"code\":3}",
        EventJson.line(
            event(
                "path",
                "a\"b\n",
                "arguments",
                List.of("ls", "-l"),
                "none",
                List.of(),
                "code",
                3L)));
  }

  @Test
  void noNameEndsALineOrMovesTheCursor() {
    assertEquals(
        "03:04:05.678 ls[7] me process.start path=a\\u000a\\u001b[2J\\u202e arguments=[ls \"x y\" \"\"]"
            + " container=web",
        new EventText(ZoneOffset.UTC)
            .line(event("path", "a\n\u001b[2J\u202e", "arguments", List.of("ls", "x y", ""))));
  }

  @Test
  void eventsThatDoNotFitAreCountedWhereTheyAreDropped() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<Event> taken = new ArrayList<>();
    EventQueue queue =
        new EventQueue(
            2,
            true,
            event -> {
              first.countDown();
              try {
                goOn.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              taken.add(event);
            });
    queue.accept(event());
    first.await();
    for (int i = 0; i < 5; i++) {
      queue.accept(event());
    }
    assertEquals(3, queue.dropped());
    goOn.countDown();
    queue.close();
    assertEquals(3, queue.delivered());
    assertEquals(3, queue.dropped());
    assertEquals(4, taken.size());
    assertEquals(EventKind.MONITOR, taken.get(1).kind());
    assertEquals(3L, taken.get(1).details().get("dropped"));
  }

  @Test
  void eventsThatDoNotFitWaitElse() {
    List<Event> taken = new ArrayList<>();
    EventQueue queue = new EventQueue(1, false, taken::add);
    for (int i = 0; i < 1000; i++) {
      queue.accept(event());
    }
    queue.close();
    assertEquals(1000, taken.size());
    assertEquals(0, queue.dropped());
  }

  @Test
  void whatAReceiverThatFailsDoesNotTakeIsCounted() throws Exception {
    EventQueue queue =
        new EventQueue(
            1,
            false,
            event -> {
              throw new IllegalStateException("expected");
            });
    for (int i = 0; i < 10; i++) {
      queue.accept(event());
    }
    queue.close();
    assertEquals(0, queue.delivered());
    assertEquals(10, queue.dropped());
  }
}
