package io.sysmon.decode;

import java.util.function.Consumer;

/** Appends a structure as {@code {name=value, name=value}}, field by field. */
final class FieldText {
  private final PrintContext context;
  private boolean empty = true;

  /** Begins a structure. */
  FieldText(PrintContext context) {
    this.context = context;
    context.out.append('{');
  }

  /** Appends the name of a field, whose value the caller appends. */
  StringBuilder field(String name) {
    context.out.append(empty ? "" : ", ").append(name).append('=');
    empty = false;
    return context.out;
  }

  /** What a value says of itself. */
  FieldText text(String name, Object value) {
    field(name).append(value);
    return this;
  }

  FieldText signed(String name, long value) {
    field(name).append(value);
    return this;
  }

  FieldText unsigned(String name, long value) {
    field(name).append(Long.toUnsignedString(value));
    return this;
  }

  FieldText hex(String name, long value) {
    field(name);
    context.hex(value);
    return this;
  }

  /** In hexadecimal, unless it is 0: reserved fields are told of only when they are in use. */
  FieldText hexIfSet(String name, long value) {
    return value == 0 ? this : hex(name, value);
  }

  FieldText address(String name, long value) {
    field(name);
    context.address(value);
    return this;
  }

  FieldText octal(String name, long value) {
    field(name);
    context.octal(value);
    return this;
  }

  FieldText flags(String name, String set, long value) {
    field(name);
    context.flags(set, value);
    return this;
  }

  FieldText constant(String name, String set, long value) {
    field(name);
    context.constant(set, value);
    return this;
  }

  FieldText descriptor(String name, int value) {
    field(name);
    context.descriptor(value);
    return this;
  }

  /** A user or a group. */
  FieldText id(String name, int value) {
    field(name);
    ScalarPrinters.id(context, value);
    return this;
  }

  FieldText value(String name, Consumer<PrintContext> printer) {
    field(name);
    printer.accept(context);
    return this;
  }

  /** There are more fields, which are not told. */
  FieldText more() {
    context.out.append(empty ? "..." : ", ...");
    return this;
  }

  void end() {
    context.out.append('}');
  }
}
