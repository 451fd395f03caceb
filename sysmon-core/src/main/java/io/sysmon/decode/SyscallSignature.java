package io.sysmon.decode;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is known of one system call of one ABI. Immutable. */
public final class SyscallSignature {
  private static final List<Argument> SIX_WORDS =
      List.of(
          new Argument("arg1", Kind.HEX, 0),
          new Argument("arg2", Kind.HEX, 1),
          new Argument("arg3", Kind.HEX, 2),
          new Argument("arg4", Kind.HEX, 3),
          new Argument("arg5", Kind.HEX, 4),
          new Argument("arg6", Kind.HEX, 5));

  private final AbiLayout abi;
  private final String name;
  private final long number;
  private final List<Argument> arguments;
  private final Kind result;
  private final Set<String> classes;
  private final boolean known;

  SyscallSignature(
      AbiLayout abi,
      String name,
      long number,
      List<Argument> arguments,
      Kind result,
      Set<String> classes) {
    this(abi, name, number, arguments, result, classes, true);
  }

  private SyscallSignature(
      AbiLayout abi,
      String name,
      long number,
      List<Argument> arguments,
      Kind result,
      Set<String> classes,
      boolean known) {
    this.abi = abi;
    this.name = name;
    this.number = number;
    this.arguments = List.copyOf(arguments);
    this.result = result;
    this.classes = Set.copyOf(classes);
    this.known = known;
  }

  /** A call that is known by its name only. */
  static SyscallSignature ofWords(AbiLayout abi, String name, long number) {
    return new SyscallSignature(abi, name, number, SIX_WORDS, Kind.LONG, Set.of());
  }

  static SyscallSignature unknown(AbiLayout abi, long number) {
    return new SyscallSignature(
        abi,
        "syscall_0x" + Long.toHexString(number),
        number,
        SIX_WORDS,
        Kind.LONG,
        Set.of(),
        false);
  }

  /** The same call under another number, in an ABI that shares its arguments. */
  SyscallSignature renumbered(AbiLayout newAbi, long newNumber) {
    return new SyscallSignature(newAbi, name, newNumber, arguments, result, classes);
  }

  /** A call of another name that has only the first arguments. */
  SyscallSignature shortened(String newName, int count) {
    return new SyscallSignature(abi, newName, number, arguments.subList(0, count), result, classes);
  }

  /**
   * The ABI that the call belongs to.
   *
   * @return for example {@code x86_64}
   */
  public String abi() {
    return abi.label();
  }

  AbiLayout layout() {
    return abi;
  }

  /**
   * The name.
   *
   * @return for example {@code openat}; {@code syscall_0x1f4} when the number is unknown
   */
  public String name() {
    return name;
  }

  /**
   * The number.
   *
   * @return the number in this ABI
   */
  public long number() {
    return number;
  }

  /**
   * The arguments, in the order of their registers.
   *
   * @return at most six; six words when the number is unknown
   */
  public List<Argument> arguments() {
    return arguments;
  }

  /**
   * What the result is.
   *
   * @return its kind
   */
  public Kind result() {
    return result;
  }

  /**
   * The classes that the call belongs to, without the {@code %} that strace(1) writes before them.
   *
   * @return for example {@code file} and {@code desc}
   */
  public Set<String> classes() {
    return classes;
  }

  /**
   * Whether the table has this call.
   *
   * @return false when the number is unknown
   */
  public boolean isKnown() {
    return known;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name).append('(');
    for (Argument argument : arguments) {
      text.append(text.charAt(text.length() - 1) == '(' ? "" : ", ")
          .append(argument.name())
          .append(':')
          .append(argument.kind());
    }
    text.append(") = ").append(result);
    return classes.isEmpty()
        ? text.toString()
        : text.append(' ').append(new TreeSet<>(classes)).toString();
  }
}
