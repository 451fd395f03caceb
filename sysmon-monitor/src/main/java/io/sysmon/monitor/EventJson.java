package io.sysmon.monitor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Events as JSON objects (RFC 8259), one on a line. {@code docs/monitoring.md} says what is in
 * them: names stay, and new ones may be added.
 */
public final class EventJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private EventJson() {}

  /**
   * Writes an event.
   *
   * @param event the event
   * @return an object on one line, without its end
   */
  public static String line(Event event) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(line)) {
      write(json, event);
    } catch (IOException e) {
      throw new UncheckedIOException("To write into memory does not fail", e);
    }
    return line.toString();
  }

  private static void write(JsonGenerator json, Event event) throws IOException {
    Actor actor = event.actor();
    json.writeStartObject();
    json.writeStringField("time", event.time().toString());
    json.writeStringField("event", event.kind().text());
    json.writeNumberField("pid", actor.pid());
    json.writeNumberField("tid", event.tid());
    json.writeNumberField("ppid", actor.parentPid());
    json.writeStringField("program", actor.program());
    json.writeStringField("user", actor.user());
    if (!actor.container().isEmpty()) {
      json.writeStringField("container", actor.container());
    }
    for (Map.Entry<String, Object> detail : event.details().entrySet()) {
      json.writeFieldName(detail.getKey());
      write(json, detail.getValue());
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Number || value instanceof Boolean) {
      json.writePOJO(value);
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object each : list) {
        write(json, each);
      }
      json.writeEndArray();
    } else {
      json.writeString(value.toString());
    }
  }
}
