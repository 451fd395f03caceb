package io.sysmon.monitor;

import java.util.List;
import java.util.Map;

/**
 * Events as JSON objects (RFC 8259), one on a line. {@code docs/monitoring.md} says what is in
 * them: names stay, and new ones may be added.
 */
public final class EventJson {
  private EventJson() {}

  /**
   * Writes an event.
   *
   * @param event the event
   * @return an object on one line, without its end
   */
  public static String line(Event event) {
    StringBuilder out = new StringBuilder("{");
    Actor actor = event.actor();
    field(out, "time", event.time().toString());
    field(out, "event", event.kind().text());
    field(out, "pid", (long) actor.pid());
    field(out, "tid", (long) event.tid());
    field(out, "ppid", (long) actor.parentPid());
    field(out, "program", actor.program());
    field(out, "user", actor.user());
    if (!actor.container().isEmpty()) {
      field(out, "container", actor.container());
    }
    for (Map.Entry<String, Object> detail : event.details().entrySet()) {
      field(out, detail.getKey(), detail.getValue());
    }
    return out.append('}').toString();
  }

  private static void field(StringBuilder out, String name, Object value) {
    if (out.length() > 1) {
      out.append(',');
    }
    quote(out, name);
    out.append(':');
    value(out, value);
  }

  private static void value(StringBuilder out, Object value) {
    if (value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof List<?> list) {
      String separator = "[";
      for (Object each : list) {
        out.append(separator);
        value(out, each);
        separator = ",";
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else {
      quote(out, value.toString());
    }
  }

  private static void quote(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
