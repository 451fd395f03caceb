package io.sysmon.decode;

import io.sysmon.ArgumentKindException;
import io.sysmon.BadAddressException;
import io.sysmon.IllegalTraceeStateException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one call at one of its two stops, as values. Registers are copied, memory is
 * read when a value is asked for. Not thread-safe.
 *
 * <p>Nothing that registers or memory hold makes a method throw anything but what {@link
 * io.sysmon.CallArgument} documents.
 */
public final class CallValues {
  private static final Set<String> EXECUTING = Set.of("execve", "execveat");

  /** What the kernel fills, but for {@code out}. */
  private static final Set<String> FILLED = Set.of("buf_out", "sockaddr_out", "sockopt_out");

  private static final Map<Class<?>, String> SHORTCUTS =
      Map.of(Long.class, "number", Flags.class, "flags", SockAddr.class, "sockaddr");

  private static final Set<String> POINTERS = Set.of("in", "out", "inout");

  private final StringBuilder text = new StringBuilder();
  private final PrintContext context;
  private final boolean isGone;

  private CallValues(
      SyscallSignature signature,
      long[] arguments,
      MemoryReader memory,
      boolean exiting,
      long result) {
    MeantCall meant = MeantCall.of(signature, arguments, memory);
    PendingCall call =
        meant == null
            ? new PendingCall(signature, arguments, 0)
            : new PendingCall(meant.signature(), meant.arguments(), 0);
    FormatOptions options = FormatOptions.DEFAULT;
    isGone = exiting && isGone(signature, result);
    MemoryReader readable = isGone ? MemoryReader.NONE : memory;
    context =
        exiting
            ? PrintContext.exiting(options, call, readable, text, result)
            : PrintContext.entering(options, call, memory, text);
  }

  /**
   * Of a call at its entry.
   *
   * @param signature the call
   * @param arguments the argument registers, at least as many as the call has
   * @param memory the caller's memory
   * @return its values
   */
  public static CallValues entering(
      SyscallSignature signature, long[] arguments, MemoryReader memory) {
    return new CallValues(signature, arguments, memory, false, 0);
  }

  /**
   * Of a call at its exit.
   *
   * @param signature the call
   * @param arguments the argument registers, at least as many as the call has
   * @param result the result register: minus the errno when the call failed
   * @param memory the caller's memory
   * @return its values
   */
  public static CallValues exiting(
      SyscallSignature signature, long[] arguments, long result, MemoryReader memory) {
    return new CallValues(signature, arguments, memory, true, result);
  }

  /**
   * Whether the program that made a call is gone, and with it the memory that arguments point to.
   *
   * @param signature the call
   * @param result the result register
   * @return true after an execve(2) that succeeded
   */
  public static boolean isGone(SyscallSignature signature, long result) {
    return result == 0 && EXECUTING.contains(signature.name());
  }

  /**
   * The call.
   *
   * @return what it was made with; of a socketcall(2), the call that it stands for
   */
  public SyscallSignature signature() {
    return context.call.signature();
  }

  /**
   * Whether the call is over and has not failed.
   *
   * @return false at the entry
   */
  public boolean hasSucceeded() {
    return context.isExiting() && !context.failed();
  }

  /**
   * The register of an argument.
   *
   * @param argument one of the call's
   * @return what the ABI has of it
   */
  public long register(Argument argument) {
    return context.register(argument);
  }

  /**
   * Whether the call has that argument, and the kernel has filled it if it does that.
   *
   * @param argument one of the call's
   * @return false at the entry for what the kernel fills, and after a call that failed
   */
  public boolean isPresent(Argument argument) {
    return absence(argument).isEmpty();
  }

  private String absence(Argument argument) {
    Kind kind = argument.kind();
    if (Printers.ALL.of(kind).isSkipped(context, argument)) {
      return "is not there with these arguments";
    }
    boolean always = kind.name().equals("out") && PointerArguments.isFilledAlways(kind);
    if (always || !(kind.name().equals("out") || FILLED.contains(kind.name()))) {
      return "";
    } else if (!context.isExiting()) {
      return "is filled by the kernel: ask for it at the exit";
    }
    boolean filled =
        kind.name().equals("out") ? PointerArguments.isFilled(context, kind) : !context.failed();
    return filled ? "" : "has not been filled by the kernel, as the result says";
  }

  /**
   * A number; see {@link io.sysmon.CallArgument#number()}.
   *
   * @param argument one of the call's
   * @return the number
   */
  public long number(Argument argument) {
    ValueReader<?> reader = ArgumentReaders.of(context, argument);
    boolean isBits = reader != null && ArgumentReaders.BITS.contains(reader.type());
    if (isBits && !POINTERS.contains(argument.kind().name())) {
      checkPresent(argument);
      return RegisterValues.number(context, argument);
    }
    return value(argument, Long.class);
  }

  /**
   * The name of a file; see {@link io.sysmon.CallArgument#path()}.
   *
   * @param argument one of the call's
   * @return the name
   */
  public String path(Argument argument) {
    if (!argument.kind().isPath()) {
      throw wrongKind(argument, "path");
    }
    return value(argument, String.class);
  }

  /**
   * A value; see {@link io.sysmon.CallArgument#value}.
   *
   * @param argument one of the call's
   * @param type the value's class
   * @param <T> the value's type
   * @return the value
   */
  public <T> T value(Argument argument, Class<T> type) {
    return cast(argument, one(argument, type), type);
  }

  /**
   * A value that may be of another type; see {@link io.sysmon.CallArgument#find}.
   *
   * @param argument one of the call's
   * @param type the value's class
   * @param <T> the value's type
   * @return the value; empty when the class is one of several that it may be of, and it is of
   *     another
   */
  public <T> Optional<T> find(Argument argument, Class<T> type) {
    return Optional.of(one(argument, type)).filter(type::isInstance).map(type::cast);
  }

  /**
   * The values of an array; see {@link io.sysmon.CallArgument#values}.
   *
   * @param argument one of the call's
   * @param type the class of one of them
   * @param <T> the values' type
   * @return the values
   */
  public <T> List<T> values(Argument argument, Class<T> type) {
    return read(reader(argument, type), argument, type).stream()
        .map(value -> cast(argument, value, type))
        .toList();
  }

  /**
   * An argument as text, as strace(1) prints it.
   *
   * @param argument one of the call's
   * @return the text
   */
  public String describe(Argument argument) {
    ArgumentPrinter printer = Printers.ALL.of(argument.kind());
    text.setLength(0);
    if (!context.isExiting() && printer.waitsForExit(context, argument)) {
      context.address(context.register(argument));
    } else {
      printer.print(context, argument);
    }
    return text.toString();
  }

  private ValueReader<?> reader(Argument argument, Class<?> type) {
    ValueReader<?> reader = ArgumentReaders.of(context, argument);
    boolean isText = reader != null && reader.type() == Bytes.class && type == String.class;
    boolean mayBe =
        reader != null
            && (type.isAssignableFrom(reader.type()) || reader.type().isAssignableFrom(type));
    if (reader == null || !(isText || mayBe)) {
      throw wrongKind(argument, name(type), reader);
    }
    checkPresent(argument);
    return reader;
  }

  private Object one(Argument argument, Class<?> type) {
    ValueReader<?> reader = reader(argument, type);
    if (reader.isArray().test(argument.kind())) {
      throw wrongKind(argument, name(type), reader);
    }
    return read(reader, argument, type).get(0);
  }

  private List<Object> read(ValueReader<?> reader, Argument argument, Class<?> type) {
    try {
      return reader.read().from(context, argument.kind(), context.register(argument)).stream()
          .map(value -> as(value, type))
          .toList();
    } catch (BadAddressException e) {
      String why =
          isGone
              ? "the program that made the call was replaced by it: ask for this at the entry"
              : e.getMessage();
      throw new BadAddressException(about(argument) + ": " + why, e.address(), e.transferred());
    }
  }

  private <T> T cast(Argument argument, Object value, Class<T> type) {
    if (!type.isInstance(value)) {
      throw wrongKind(argument, name(type), name(value.getClass()) + " this time");
    }
    return type.cast(value);
  }

  private static Object as(Object value, Class<?> type) {
    return type == String.class && value instanceof Bytes bytes ? bytes.utf8() : value;
  }

  private void checkPresent(Argument argument) {
    String absence = absence(argument);
    if (!absence.isEmpty()) {
      throw new IllegalTraceeStateException(about(argument) + " " + absence);
    }
  }

  private String about(Argument argument) {
    return "Argument " + argument.register() + " of " + signature().name() + ", " + argument.name();
  }

  /**
   * Says that an argument is not what it was asked for as, and what to call instead.
   *
   * @param argument one of the call's
   * @param wanted what was asked for
   * @return the exception, to be thrown
   */
  public ArgumentKindException wrongKind(Argument argument, String wanted) {
    return wrongKind(argument, wanted, ArgumentReaders.of(context, argument));
  }

  private ArgumentKindException wrongKind(
      Argument argument, String wanted, @Nullable ValueReader<?> reader) {
    int index = argument.register();
    String instead =
        reader == null
            ? "not decoded: its address is arg("
                + index
                + "), its bytes are bytes("
                + index
                + ", n)"
            : (reader.isArray().test(argument.kind()) ? "an array of " : "")
                + name(reader.type())
                + ": call "
                + accessor(argument, reader);
    return wrongKind(argument, wanted, instead);
  }

  private ArgumentKindException wrongKind(Argument argument, String wanted, String instead) {
    return new ArgumentKindException(
        about(argument) + " (" + argument.kind() + "), is no " + wanted + " but " + instead);
  }

  private static String name(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return outer == null ? type.getSimpleName() : name(outer) + "." + type.getSimpleName();
  }

  private static String accessor(Argument argument, ValueReader<?> reader) {
    int index = argument.register();
    String type = name(reader.type());
    if (reader.isArray().test(argument.kind())) {
      return "values(" + index + ", " + type + ".class)";
    } else if (argument.kind().isPath()) {
      return "path(" + index + ")";
    }
    String shortcut = SHORTCUTS.get(reader.type());
    return shortcut == null
        ? "value(" + index + ", " + type + ".class)"
        : shortcut + "(" + index + ")";
  }
}
