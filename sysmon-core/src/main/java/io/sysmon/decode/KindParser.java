package io.sysmon.decode;

import io.sysmon.decode.Kind.Reference;
import io.sysmon.decode.Kind.Reference.Source;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a {@link Kind} and resolves the names of arguments in it. */
final class KindParser {
  private static final List<String> KEYS = List.of("by", "len", "n", "opt", "size", "when");

  /** A 64-bit value: two registers where a register has 32 bits, the low half first. */
  private static final Set<String> WIDE = Set.of("loff", "flags64");

  /** A 64-bit value that the kernel takes in two registers on every ABI. */
  private static final Set<String> ALWAYS_TWO = Set.of("loff2", "loff_hilo");

  private final List<String> argumentNames;

  KindParser(List<String> argumentNames) {
    this.argumentNames = argumentNames;
  }

  /** How many registers an argument takes. */
  int registers(Kind kind, AbiLayout abi) {
    boolean two =
        ALWAYS_TWO.contains(kind.name()) || (WIDE.contains(kind.name()) && abi.registerSize() == 4);
    return two ? 2 : 1;
  }

  Kind parse(Token token) {
    String text = token.text();
    int open = text.indexOf('(');
    if (open < 0) {
      checkWord(token);
      return new Kind(text, "", Map.of(), text);
    }
    checkWord(token.part(0, open));
    if (!text.endsWith(")")) {
      throw token.from(text.length() - 1).problem("')' is missing");
    }
    String type = "";
    Map<String, Reference> references = new HashMap<>();
    int begin = open + 1;
    while (begin < text.length()) {
      int comma = text.indexOf(',', begin);
      int end = comma < 0 ? text.length() - 1 : comma;
      Token item = token.part(begin, end);
      int equals = item.text().indexOf('=');
      if (equals >= 0) {
        String key = item.text().substring(0, equals);
        if (!KEYS.contains(key)) {
          throw item.problem("'" + key + "' is none of " + KEYS);
        }
        references.put(key, reference(key, item.from(equals + 1)));
      } else if (begin == open + 1) {
        checkWord(item);
        type = item.text();
      } else {
        throw item.problem("only the first word in parentheses has no key");
      }
      begin = end + 1;
    }
    return new Kind(text.substring(0, open), type, references, text);
  }

  private Reference reference(String key, Token value) {
    if (key.equals("when")) {
      return when(value);
    }
    if (value.text().equals("ret")) {
      return new Reference(Source.RESULT, 0);
    }
    int index = argumentNames.indexOf(value.text());
    if (index >= 0) {
      return new Reference(Source.ARGUMENT, index);
    }
    if (!value.text().isEmpty() && Character.isDigit(value.text().charAt(0))) {
      return new Reference(Source.CONSTANT, (int) value.number());
    }
    throw value.problem("'" + value.text() + "' is neither an argument, nor a number, nor 'ret'");
  }

  /** The condition on which the kernel fills a structure. */
  private static Reference when(Token value) {
    return switch (value.text()) {
      case "ret" -> new Reference(Source.RESULT, 0);
      case "interrupted" -> new Reference(Source.INTERRUPTED, 0);
      case "always" -> new Reference(Source.ALWAYS, 0);
      default -> throw value.problem("the condition is 'ret', 'interrupted' or 'always'");
    };
  }

  private static void checkWord(Token token) {
    String text = token.text();
    for (int index = 0; index < text.length(); index++) {
      char c = text.charAt(index);
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
        throw token.from(index).problem("'" + c + "' is no part of a name");
      }
    }
    if (text.isEmpty()) {
      throw token.problem("a name is missing");
    }
  }
}
