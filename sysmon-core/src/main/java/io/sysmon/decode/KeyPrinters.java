package io.sysmon.decode;

import java.util.Map;

/** keyctl(2): how many arguments there are, and what they mean, depends on the operation. */
final class KeyPrinters {
  /**
   * The arguments of the operations from {@code KEYCTL_GET_KEYRING_ID} on. {@code k} is a key,
   * {@code i} and {@code u} a number, {@code U} a user or a group, {@code s} a string, {@code b}
   * bytes that are read and {@code o} such as are filled, {@code n} how many, {@code v} a vector of
   * them.
   */
  private static final String[] ARGUMENTS = {
    "ki", "s", "kbn", "k", "kUU", "kx", "kon", "k", "kk", "kk", "kssk", "kon", "kbnk", "kuk", "x",
    "ku", "k", "kon", "", "kuuk", "kvnk", "k", "Uk"
  };

  private KeyPrinters() {}

  static void register(Map<String, ArgumentPrinter> printers) {
    printers.put("keyctl_arg", new OfOperation());
  }

  private static final class OfOperation implements ArgumentPrinter {
    /** Empty for a missing argument; those of other operations are words. */
    private static String meaning(PrintContext context, Argument argument) {
      int operation = (int) context.reference(argument.kind(), "by", 0);
      if (operation < 0 || operation >= ARGUMENTS.length) {
        return "x";
      }
      int index = argument.register() - 1;
      String meanings = ARGUMENTS[operation];
      return index < meanings.length() ? meanings.substring(index, index + 1) : "";
    }

    @Override
    public boolean isSkipped(PrintContext context, Argument argument) {
      return meaning(context, argument).isEmpty();
    }

    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return meaning(context, argument).equals("o");
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      long value = context.register(argument);
      long next = context.nextRegister(argument);
      switch (meaning(context, argument)) {
        case "k" -> ScalarPrinters.keyring(context, (int) value);
        case "i" -> context.out.append((int) value);
        case "u" -> context.out.append(value & 0xffff_ffffL);
        case "U" -> ScalarPrinters.id(context, (int) value);
        case "n" -> context.out.append(Long.toUnsignedString(value));
        case "s" -> StringPrinters.string(context, value, context.options.stringLimit());
        case "b" -> StringPrinters.buffer(context, value, next);
        case "v" -> IovecPrinters.print(context, value, next, Long.MAX_VALUE);
        case "o" -> filled(context, value, next);
        default -> context.hex(value);
      }
    }

    /** The result is how long it is, which may be more than there is room for. */
    private static void filled(PrintContext context, long address, long room) {
      long length = context.result();
      if (context.failed()) {
        context.address(address);
      } else {
        boolean fits = Long.compareUnsigned(length, room) <= 0;
        StringPrinters.buffer(context, address, fits ? length : room);
      }
    }
  }
}
