package io.sysmon.decode;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
    long rest =
        split(
            value,
            (name, field) -> {
              separate(out, begin);
              if (name != null) {
                out.append(name);
              } else {
                appendUnknown(out, field);
              }
            });
    if (out.length() == begin && rest == 0) {
      out.append(names.getOrDefault(0L, "0"));
    } else if (out.length() == begin) {
      appendUnknown(out, rest);
    } else if (rest != 0) {
      out.append("|0x").append(Long.toHexString(rest));
    }
  }

  /** A part of a number's bits. */
  @FunctionalInterface
  interface Part {
    /**
     * Takes the part.
     *
     * @param name null for a field whose content has no name
     * @param bits the part's bits
     */
    void accept(@Nullable String name, long bits);
  }

  /**
   * Takes a number's bits apart, in the order in which they are printed.
   *
   * @return the bits that are in no part
   */
  long split(long value, Part part) {
    long rest = value;
    long fieldsDone = 0;
    for (Entry entry : entries) {
      if (entry.mask() != NO_MASK) {
        if ((fieldsDone & entry.mask()) == 0) {
          fieldsDone |= entry.mask();
          splitField(value & entry.mask(), entry.mask(), part);
          rest &= ~entry.mask();
        }
      } else if (entry.value() != 0 && (rest & entry.value()) == entry.value()) {
        part.accept(entry.name(), entry.value());
        rest &= ~entry.value();
      }
    }
    return rest;
  }

  private void splitField(long value, long mask, Part part) {
    for (Entry entry : entries) {
      if (entry.mask() == mask && entry.value() == value) {
        part.accept(entry.name(), value);
        return;
      }
    }
    if (value != 0) {
      part.accept(null, value);
    }
  }

  /** The entry of that name; of several that share a number, each is found. */
  @Nullable Entry find(String name) {
    for (Entry entry : entries) {
      if (entry.name().equals(name) || List.of(entry.name().split("\\|")).contains(name)) {
        return entry;
      }
    }
    return null;
  }

  /** A number's name; null when it has none. */
  @Nullable String nameOf(long value) {
    return names.get(value);
  }

  private void appendUnknown(StringBuilder out, long value) {
    out.append(value == 0 ? "0" : "0x").append(value == 0 ? "" : Long.toHexString(value));
    if (!unknown.isEmpty()) {
      out.append(" /* ").append(unknown).append(" */");
    }
  }

  private static void separate(StringBuilder out, int begin) {
    if (out.length() != begin) {
      out.append('|');
    }
  }

  /**
   * A name.
   *
   * @param mask {@link #NO_MASK}, or the field of which the value is one of the possible contents
   */
  record Entry(String name, long value, long mask) {}
}
