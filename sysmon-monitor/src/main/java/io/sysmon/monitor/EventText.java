package io.sysmon.monitor;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Events as lines for people. What programs can choose is written so that it cannot end a line. */
public final class EventText {
  private final DateTimeFormatter clock;

  /**
   * A writer of lines.
   *
   * @param zone in which times are told
   */
  public EventText(ZoneId zone) {
    clock = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(zone);
  }

  /**
   * Writes an event.
   *
   * @param event the event
   * @return a line without its end: time, program and pid, user, what happened, and the details
   */
  public String line(Event event) {
    Actor actor = event.actor();
    StringBuilder line = new StringBuilder(clock.format(event.time()));
    line.append(' ').append(safe(name(actor.program()))).append('[').append(actor.pid());
    line.append("] ").append(safe(actor.user())).append(' ').append(event.kind().text());
    for (Map.Entry<String, Object> detail : event.details().entrySet()) {
      line.append(' ').append(detail.getKey()).append('=').append(text(detail.getValue()));
    }
    if (!actor.container().isEmpty()) {
      line.append(" container=").append(text(actor.container()));
    }
    return line.toString();
  }

  private static String name(String program) {
    return program.substring(program.lastIndexOf('/') + 1);
  }

  private static String text(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(EventText::text).collect(Collectors.joining(" ", "[", "]"));
    }
    String text = safe(value.toString());
    return text.isEmpty() || text.contains(" ") ? '"' + text + '"' : text;
  }

  private static String safe(String text) {
    StringBuilder safe = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)
          || c == '"'
          || c == '\\'
          || Character.getType(c) == Character.FORMAT) {
        safe.append(String.format("\\u%04x", (int) c));
      } else {
        safe.append(c);
      }
    }
    return safe.toString();
  }
}
