package io.sysmon.decode;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a register means: how wide it is, whether it points somewhere, and how it is printed.
 * Immutable. In the table it is written {@code name}, {@code name(type)} or {@code
 * name(type,key=reference)}; {@code docs/adding-a-system-call.md} lists the names.
 */
public final class Kind {
  /** An unsigned word in hexadecimal: what is known of an argument of an unknown call. */
  static final Kind HEX = new Kind("hex", "", Map.of(), "hex");

  /** A signed word in decimal. */
  static final Kind LONG = new Kind("long", "", Map.of(), "long");

  private final String name;
  private final String type;
  private final Map<String, Reference> references;
  private final String text;

  Kind(String name, String type, Map<String, Reference> references, String text) {
    this.name = name;
    this.type = type;
    this.references = Map.copyOf(references);
    this.text = text;
  }

  /**
   * The name.
   *
   * @return for example {@code fd}, {@code path}, {@code flags}, {@code out}
   */
  public String name() {
    return name;
  }

  /**
   * What the kind is of: a set of constants or the name of a structure.
   *
   * @return empty when the name alone says everything
   */
  public String type() {
    return type;
  }

  /**
   * Whether the argument is the name of a file.
   *
   * @return true for {@code path}
   */
  public boolean isPath() {
    return name.equals("path");
  }

  /**
   * Whether the argument points to a string that ends with a NUL.
   *
   * @return true for {@code path} and {@code string}
   */
  public boolean isString() {
    return isPath() || (name.equals("string") && references.isEmpty());
  }

  /** Where another value that this kind needs comes from, such as the length of a buffer. */
  @Nullable Reference reference(String key) {
    return references.get(key);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Kind kind && kind.text.equals(text);
  }

  @Override
  public int hashCode() {
    return Objects.hash(text);
  }

  /** The kind as it is written in the table. */
  @Override
  public String toString() {
    return text;
  }

  /** Where a value comes from. */
  record Reference(Source source, int value) {
    /** The possible places. */
    enum Source {
      /** The argument with this index. */
      ARGUMENT,
      /** What the call returned. */
      RESULT,
      /** The number itself. */
      CONSTANT,
      /** The call was interrupted by a signal and may be restarted. */
      INTERRUPTED,
      /** On no condition. */
      ALWAYS
    }
  }
}
