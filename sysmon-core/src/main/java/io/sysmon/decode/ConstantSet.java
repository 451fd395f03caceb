package io.sysmon.decode;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names of numbers, or of the bits of a number, as one ABI has them. Immutable. */
final class ConstantSet {
  /** The mask of an entry that is no field's value. */
  static final long NO_MASK = 0;

  private final String unknown;
  private final List<Entry> entries;
  private final Map<Long, String> names = new HashMap<>();

  /**
   * Takes over the entries.
   *
   * @param unknown what stands in the comment of a number without a name; may be empty
   */
  ConstantSet(String unknown, List<Entry> entries) {
    this.unknown = unknown;
    this.entries = List.copyOf(entries);
    for (Entry entry : entries) {
      names.putIfAbsent(entry.value(), entry.name());
    }
  }

  List<Entry> entries() {
    return entries;
  }

  /** The bits that fields cover. */
  long fieldMask() {
    long mask = 0;
    for (Entry entry : entries) {
      mask |= entry.mask();
    }
    return mask;
  }

  boolean isName(long value) {
    return names.containsKey(value);
  }

  /** Appends the name of a number, or the number with a comment. */
  void appendValue(StringBuilder out, long value) {
    String name = names.get(value);
    if (name != null) {
      out.append(name);
    } else {
      appendUnknown(out, value);
    }
  }

  /** Appends the names of a number's bits with {@code |} between them. */
  void appendFlags(StringBuilder out, long value) {
    int begin = out.length();
    long rest = value;
    long fieldsDone = 0;
    for (Entry entry : entries) {
      if (entry.mask() != NO_MASK) {
        if ((fieldsDone & entry.mask()) == 0) {
          fieldsDone |= entry.mask();
          appendField(out, begin, value & entry.mask(), entry.mask());
          rest &= ~entry.mask();
        }
      } else if (entry.value() != 0 && (rest & entry.value()) == entry.value()) {
        separate(out, begin).append(entry.name());
        rest &= ~entry.value();
      }
    }
    if (out.length() == begin && rest == 0) {
      out.append(names.getOrDefault(0L, "0"));
    } else if (out.length() == begin) {
      appendUnknown(out, rest);
    } else if (rest != 0) {
      out.append("|0x").append(Long.toHexString(rest));
    }
  }

  private void appendField(StringBuilder out, int begin, long value, long mask) {
    for (Entry entry : entries) {
      if (entry.mask() == mask && entry.value() == value) {
        separate(out, begin).append(entry.name());
        return;
      }
    }
    if (value != 0) {
      appendUnknown(separate(out, begin), value);
    }
  }

  private void appendUnknown(StringBuilder out, long value) {
    out.append(value == 0 ? "0" : "0x").append(value == 0 ? "" : Long.toHexString(value));
    if (!unknown.isEmpty()) {
      out.append(" /* ").append(unknown).append(" */");
    }
  }

  private static StringBuilder separate(StringBuilder out, int begin) {
    return out.length() == begin ? out : out.append('|');
  }

  /**
   * A name.
   *
   * @param mask {@link #NO_MASK}, or the field of which the value is one of the possible contents
   */
  record Entry(String name, long value, long mask) {}
}
