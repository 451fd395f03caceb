package io.sysmon.decode;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** Printers of points in time and durations. */
final class TimePrinters {
  private static final String NANOSECONDS = "tv_nsec";
  private static final String MICROSECONDS = "tv_usec";

  /** Special values of {@code tv_nsec}, utimensat(2). */
  private static final long UTIME_NOW = 0x3fff_ffff;

  private static final long UTIME_OMIT = 0x3fff_fffe;

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT);
  private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xx", Locale.ROOT);

  private TimePrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("timespec", pair(NANOSECONDS));
    types.put("timeval", pair(MICROSECONDS));
    types.put("timespec64", new FixedStruct(abi -> 16, (c, s) -> wide(c, s, 0)));
    types.put("itimerspec", interval(NANOSECONDS));
    types.put("itimerval", interval(MICROSECONDS));
    types.put("itimerspec64", new FixedStruct(abi -> 32, TimePrinters::wideInterval));
    types.put("utimes", new FixedStruct(abi -> 4 * abi.wordSize(), TimePrinters::utimes));
    types.put("utimensat", new FixedStruct(abi -> 4 * abi.wordSize(), TimePrinters::utimensat));
    types.put("utimensat64", new FixedStruct(abi -> 32, TimePrinters::utimensat64));
    types.put("utimbuf", new FixedStruct(abi -> 2 * abi.wordSize(), TimePrinters::utimbuf));
    types.put("timezone", new FixedStruct(abi -> 8, TimePrinters::timezone));
    types.put("time", FixedStruct.scalar(AbiLayout::wordSize, TimePrinters::time));
    types.put("tms", new FixedStruct(abi -> 4 * abi.wordSize(), TimePrinters::tms));
  }

  private static PointedPrinter pair(String fraction) {
    return new FixedStruct(
        abi -> 2 * abi.wordSize(),
        (c, s) -> append(c, s.signedWord(0), fraction, s.signedWord(c.abi.wordSize())));
  }

  private static void wide(PrintContext context, StructBytes bytes, int offset) {
    append(context, bytes.i64(offset), NANOSECONDS, bytes.i64(offset + 8));
  }

  private static PointedPrinter interval(String fraction) {
    return new FixedStruct(
        abi -> 4 * abi.wordSize(),
        (c, s) -> {
          int word = c.abi.wordSize();
          c.out.append("{it_interval=");
          append(c, s.signedWord(0), fraction, s.signedWord(word));
          c.out.append(", it_value=");
          append(c, s.signedWord(2 * word), fraction, s.signedWord(3 * word));
          c.out.append('}');
        });
  }

  private static void wideInterval(PrintContext context, StructBytes bytes) {
    context.out.append("{it_interval=");
    wide(context, bytes, 0);
    context.out.append(", it_value=");
    wide(context, bytes, 16);
    context.out.append('}');
  }

  static void append(PrintContext context, long seconds, String fractionName, long fraction) {
    context
        .out
        .append("{tv_sec=")
        .append(seconds)
        .append(", ")
        .append(fractionName)
        .append('=')
        .append(fraction)
        .append('}');
  }

  private static void utimes(PrintContext context, StructBytes bytes) {
    int word = context.abi.wordSize();
    context.out.append('[');
    date(context, bytes.signedWord(0), MICROSECONDS, bytes.signedWord(word), 6);
    context.out.append(", ");
    date(context, bytes.signedWord(2 * word), MICROSECONDS, bytes.signedWord(3 * word), 6);
    context.out.append(']');
  }

  private static void utimensat(PrintContext context, StructBytes bytes) {
    int word = context.abi.wordSize();
    context.out.append('[');
    fileTime(context, bytes.signedWord(0), bytes.signedWord(word));
    context.out.append(", ");
    fileTime(context, bytes.signedWord(2 * word), bytes.signedWord(3 * word));
    context.out.append(']');
  }

  private static void utimensat64(PrintContext context, StructBytes bytes) {
    context.out.append('[');
    fileTime(context, bytes.i64(0), bytes.i64(8));
    context.out.append(", ");
    fileTime(context, bytes.i64(16), bytes.i64(24));
    context.out.append(']');
  }

  private static void fileTime(PrintContext context, long seconds, long nanoseconds) {
    if (nanoseconds == UTIME_NOW) {
      context.out.append("UTIME_NOW");
    } else if (nanoseconds == UTIME_OMIT) {
      context.out.append("UTIME_OMIT");
    } else {
      date(context, seconds, NANOSECONDS, nanoseconds, 9);
    }
  }

  private static void date(
      PrintContext context, long seconds, String fractionName, long fraction, int digits) {
    append(context, seconds, fractionName, fraction);
    comment(context, seconds, fraction, digits);
  }

  /** Appends {@code /* 2023-11-14T22:13:20+0000 *}{@code /} in the local time zone. */
  static void comment(PrintContext context, long seconds, long fraction, int digits) {
    long units = digits == 0 ? 1 : (long) Math.pow(10, digits);
    if ((seconds == 0 && fraction == 0) || fraction < 0 || fraction >= units) {
      return;
    }
    String date = date(seconds);
    if (date.isEmpty()) {
      return;
    }
    int end = date.length() - 5;
    context.out.append(" /* ").append(date, 0, end);
    if (fraction != 0) {
      String text = Long.toString(units + fraction);
      context.out.append('.').append(text, 1, text.length());
    }
    context.out.append(date, end, date.length()).append(" */");
  }

  /** {@code 2023-11-14T22:13:20+0000}; empty for a second that the calendar does not reach. */
  static String date(long seconds) {
    try {
      var time = Instant.ofEpochSecond(seconds).atZone(ZoneId.systemDefault());
      return SECONDS.format(time) + OFFSET.format(time);
    } catch (DateTimeException e) {
      return "";
    }
  }

  private static void utimbuf(PrintContext context, StructBytes bytes) {
    context.out.append("{actime=").append(bytes.signedWord(0));
    comment(context, bytes.signedWord(0), 0, 0);
    long modified = bytes.signedWord(context.abi.wordSize());
    context.out.append(", modtime=").append(modified);
    comment(context, modified, 0, 0);
    context.out.append('}');
  }

  private static void timezone(PrintContext context, StructBytes bytes) {
    context.out.append("{tz_minuteswest=").append(bytes.i32(0));
    context.out.append(", tz_dsttime=").append(bytes.i32(4)).append('}');
  }

  private static void time(PrintContext context, StructBytes bytes) {
    context.out.append(bytes.signedWord(0));
    comment(context, bytes.signedWord(0), 0, 0);
  }

  private static void tms(PrintContext context, StructBytes bytes) {
    String[] names = {"{tms_utime=", ", tms_stime=", ", tms_cutime=", ", tms_cstime="};
    for (int index = 0; index < names.length; index++) {
      context.out.append(names[index]);
      ticks(context, bytes.word(index * context.abi.wordSize()));
    }
    context.out.append('}');
  }

  /** Appends clock ticks, of which a second has a hundred in every user-space interface. */
  static void ticks(PrintContext context, long ticks) {
    context.out.append(Long.toUnsignedString(ticks));
    if (ticks != 0) {
      context.out.append(" /* ").append(Long.toUnsignedString(Long.divideUnsigned(ticks, 100)));
      long hundredths = Long.remainderUnsigned(ticks, 100);
      context.out.append(hundredths < 10 ? ".0" : ".").append(hundredths).append(" s */");
    }
  }
}
