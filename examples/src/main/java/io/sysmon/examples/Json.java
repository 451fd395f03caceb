package io.sysmon.examples;

/**
 * Writes JSON objects (RFC 8259) on one line each. By hand: these few lines need no parser, no
 * binding and no tree, and a library would be larger than the rest of the command line.
 */
final class Json {
  private static final int NANOS_PER_MICRO = 1_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final StringBuilder out;
  private String separator = "";

  /** Begins an object at the end of a text. */
  Json(StringBuilder out) {
    this.out = out.append('{');
  }

  private StringBuilder name(String name) {
    out.append(separator);
    separator = ",";
    return quote(out, name).append(':');
  }

  Json with(String name, CharSequence value) {
    quote(name(name), value);
    return this;
  }

  Json with(String name, long value) {
    name(name).append(value);
    return this;
  }

  Json with(String name, boolean value) {
    name(name).append(value);
    return this;
  }

  /** Nanoseconds, as seconds. */
  Json withSeconds(String name, long nanos) {
    decimal(name(name), nanos, NANOS_PER_SECOND, 9);
    return this;
  }

  /** Nanoseconds, as microseconds. */
  Json withMicros(String name, long nanos) {
    decimal(name(name), nanos, NANOS_PER_MICRO, 3);
    return this;
  }

  Json withNull(String name) {
    name(name).append("null");
    return this;
  }

  /** A value that is appended to {@link #out} next: an object, or what {@link #array} begins. */
  Json object(String name) {
    return new Json(name(name));
  }

  /** Begins a list of objects, the next of which {@link #element} begins. */
  void array(String name) {
    name(name).append('[');
    separator = "";
  }

  Json element() {
    out.append(separator);
    separator = ",";
    return new Json(out);
  }

  void endArray() {
    out.append(']');
    separator = ",";
  }

  void end() {
    out.append('}');
  }

  private static void decimal(StringBuilder out, long nanos, long unit, int digits) {
    long whole = Math.floorDiv(nanos, unit);
    String rest = Long.toString(Math.floorMod(nanos, unit));
    out.append(whole).append('.').append("0".repeat(digits - rest.length())).append(rest);
  }

  /** Appends a string. Surrogates without a partner, which UTF-8 cannot have, are escaped too. */
  static StringBuilder quote(StringBuilder out, CharSequence text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f || Character.isSurrogate(c)) {
        out.append("\\u").append(String.format("%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"');
  }
}
