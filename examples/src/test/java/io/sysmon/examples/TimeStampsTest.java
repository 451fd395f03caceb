package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.examples.TimeStamps.TimeOfDay;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeStampsTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-23T06:17:03.009782345Z"), ZoneId.of("Europe/Berlin"));

  private long now = 5;

  private String next(TimeStamps times) {
    StringBuilder line = new StringBuilder();
    times.append(line);
    return line.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "NONE,''",
    "SECONDS,'07:17:03 '",
    "MICROS,'07:17:03.009782 '",
    "EPOCH,'1795414623.009782 '"
  })
  void theTimeOfDayHasStracesForms(TimeOfDay timeOfDay, String expected) {
    assertEquals(expected, next(new TimeStamps(timeOfDay, false, CLOCK, () -> now)));
  }

  @Test
  void relativeTimesCountFromTheLineBefore() {
    TimeStamps times = new TimeStamps(TimeOfDay.NONE, true, CLOCK, () -> now);
    assertEquals("     0.000000 ", next(times));
    now += 1_000_328_999L;
    assertEquals("     1.000328 ", next(times));
  }

  @Test
  void relativeTimesStandBehindTheTimeOfDay() {
    TimeStamps times = new TimeStamps(TimeOfDay.SECONDS, true, CLOCK, () -> now);
    assertEquals("07:17:03 (+     0.000000) ", next(times));
  }

  @Test
  void durationsAreSecondsWithMicroseconds() {
    StringBuilder line = new StringBuilder();
    TimeStamps.appendDuration(line, 12_000_604_999L);
    assertEquals("<12.000604>", line.toString());
  }
}
