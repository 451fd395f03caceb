package io.sysmon.decode;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** Printers of points in time and durations. */
final class TimePrinters {
  /** {@code struct __kernel_timespec}. */
  private static final int WIDE_SIZE = 16;

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT);
  private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xx", Locale.ROOT);

  private TimePrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("timespec", time(TimeSpec.class, s -> TimeSpec.of(s, 0)));
    types.put("timeval", time(TimeVal.class, s -> TimeVal.of(s, 0)));
    types.put("timespec64", text(TimeSpec.class, abi -> WIDE_SIZE, s -> TimeSpec.wide(s, 0)));
    types.put("itimerspec", text(TimerSpec.class, TimePrinters::pairSize, TimerSpec::of));
    types.put("itimerval", text(TimerVal.class, TimePrinters::pairSize, TimerVal::of));
    types.put("itimerspec64", text(TimerSpec.class, abi -> 2 * WIDE_SIZE, TimerSpec::wide));
    types.put("utimes", new FixedStruct(TimePrinters::pairSize, TimePrinters::utimes));
    types.put(
        "utimensat",
        FixedStruct.of(
            FileTimes.class, TimePrinters::pairSize, FileTimes::of, TimePrinters::fileTimes));
    types.put(
        "utimensat64",
        FixedStruct.of(
            FileTimes.class, abi -> 2 * WIDE_SIZE, FileTimes::wide, TimePrinters::fileTimes));
    types.put("utimbuf", new FixedStruct(abi -> 2 * abi.wordSize(), TimePrinters::utimbuf));
    types.put("timezone", new FixedStruct(abi -> 8, TimePrinters::timezone));
    types.put(
        "time",
        FixedStruct.scalar(
            Long.class, AbiLayout::registerSize, s -> s.kernelLong(0), TimePrinters::time));
    types.put("tms", new FixedStruct(abi -> 4 * abi.wordSize(), TimePrinters::tms));
  }

  /** What is printed as its {@code toString} says. */
  private static <T> PointedPrinter text(
      Class<T> type, ToIntFunction<AbiLayout> size, Function<StructBytes, T> value) {
    return FixedStruct.of(type, size, value, (c, time) -> c.out.append(time));
  }

  private static <T> PointedPrinter time(Class<T> type, Function<StructBytes, T> value) {
    return text(type, abi -> 2 * abi.registerSize(), value);
  }

  private static int pairSize(AbiLayout abi) {
    return 4 * abi.registerSize();
  }

  private static void utimes(PrintContext context, StructBytes bytes) {
    context.out.append('[');
    date(context, TimeVal.of(bytes, 0));
    context.out.append(", ");
    date(context, TimeVal.of(bytes, 2 * context.abi.registerSize()));
    context.out.append(']');
  }

  private static void date(PrintContext context, TimeVal time) {
    context.out.append(time);
    comment(context, time.seconds(), time.micros(), 6);
  }

  private static void fileTimes(PrintContext context, FileTimes times) {
    context.out.append('[');
    fileTime(context, times.access());
    context.out.append(", ");
    fileTime(context, times.modification());
    context.out.append(']');
  }

  private static void fileTime(PrintContext context, TimeSpec time) {
    if (time.isNow()) {
      context.out.append("UTIME_NOW");
    } else if (time.isOmit()) {
      context.out.append("UTIME_OMIT");
    } else {
      context.out.append(time);
      comment(context, time.seconds(), time.nanos(), 9);
    }
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

  private static void time(PrintContext context, long seconds) {
    context.out.append(seconds);
    comment(context, seconds, 0, 0);
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
