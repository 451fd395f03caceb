package io.sysmon.decode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code syscalls.txt}. A line describes a call, or, with {@code name@abi}, replaces result
 * and arguments of the call on one ABI.
 */
final class TableParser {
  private static final List<AbiLayout> COLUMNS =
      List.of(AbiLayout.X86_64, AbiLayout.I386, AbiLayout.AARCH64);
  private static final int CLASSES_COLUMN = 1 + COLUMNS.size();
  private static final int RESULT_COLUMN = CLASSES_COLUMN + 1;

  private final String table;
  private final Map<String, List<Token>> calls = new LinkedHashMap<>();
  private final Map<String, List<Token>> overrides = new HashMap<>();

  TableParser(String table) {
    this.table = table;
  }

  Map<AbiLayout, List<SyscallSignature>> parse(List<String> lines) {
    for (int index = 0; index < lines.size(); index++) {
      List<Token> line = Token.split(table, index + 1, lines.get(index));
      if (!line.isEmpty()) {
        collect(line);
      }
    }
    Map<AbiLayout, List<SyscallSignature>> byAbi = new LinkedHashMap<>();
    for (int column = 0; column < COLUMNS.size(); column++) {
      byAbi.put(COLUMNS.get(column), signatures(COLUMNS.get(column), column + 1));
    }
    return byAbi;
  }

  private void collect(List<Token> line) {
    Token name = line.get(0);
    boolean override = name.text().indexOf('@') >= 0;
    int columns = override ? 2 : RESULT_COLUMN + 1;
    if (line.size() < columns) {
      throw name.problem("a line has at least " + columns + " columns, this one " + line.size());
    }
    if ((override ? overrides : calls).put(name.text(), line) != null) {
      throw name.problem("'" + name.text() + "' is described twice");
    }
    if (override) {
      checkOverride(name);
    }
  }

  private void checkOverride(Token name) {
    int at = name.text().indexOf('@');
    if (!calls.containsKey(name.text().substring(0, at))) {
      throw name.problem("an override follows the line of its call");
    }
    String abi = name.text().substring(at + 1);
    if (COLUMNS.stream().noneMatch(column -> column.label().equals(abi))) {
      throw name.from(at + 1).problem("'" + abi + "' is not an ABI of this table");
    }
  }

  private List<SyscallSignature> signatures(AbiLayout abi, int column) {
    List<SyscallSignature> signatures = new ArrayList<>();
    Map<Long, String> taken = new HashMap<>();
    for (List<Token> line : calls.values()) {
      Token name = line.get(0);
      List<Token> override = overrides.get(name.text() + "@" + abi.label());
      Token number = line.get(column);
      if (number.text().equals("-")) {
        if (override != null) {
          throw override.get(0).problem(abi.label() + " has no such call");
        }
        continue;
      }
      long value = number.number();
      if (value < 0 || value > 0xffff) {
        throw number.problem("'" + number.text() + "' is not a system call number");
      }
      String other = taken.put(value, name.text());
      if (other != null) {
        throw number.problem(abi.label() + " number " + value + " is already " + other);
      }
      List<Token> shape =
          override == null
              ? line.subList(RESULT_COLUMN, line.size())
              : override.subList(1, override.size());
      signatures.add(signature(abi, name.text(), value, line.get(CLASSES_COLUMN), shape));
    }
    return signatures;
  }

  private static SyscallSignature signature(
      AbiLayout abi, String name, long number, Token classes, List<Token> shape) {
    List<Token> argumentTokens = shape.subList(1, shape.size());
    List<String> names = new ArrayList<>();
    for (Token argument : argumentTokens) {
      names.add(argumentName(argument));
    }
    KindParser kinds = new KindParser(names);
    List<Argument> arguments = new ArrayList<>();
    int register = 0;
    for (int index = 0; index < argumentTokens.size(); index++) {
      Token token = argumentTokens.get(index);
      int colon = token.text().indexOf(':');
      Kind kind = kinds.parse(token.from(colon + 1));
      register = explicitRegister(token.part(0, colon), register);
      int width = kinds.registers(kind, abi);
      if (register + width > 6) {
        throw token.problem("there are only six argument registers");
      }
      arguments.add(new Argument(names.get(index), kind, register));
      register += width;
    }
    Kind result = kinds.parse(shape.get(0));
    return new SyscallSignature(abi, name, number, arguments, result, classes(classes));
  }

  private static String argumentName(Token argument) {
    int colon = argument.text().indexOf(':');
    if (colon < 1 || colon == argument.text().length() - 1) {
      throw argument.problem("an argument is written name:kind");
    }
    String name = argument.text().substring(0, colon);
    int at = name.indexOf('@');
    return at < 0 ? name : name.substring(0, at);
  }

  private static int explicitRegister(Token name, int next) {
    int at = name.text().indexOf('@');
    if (at < 0) {
      return next;
    }
    long register = name.from(at + 1).number();
    if (register < next || register > 5) {
      throw name.from(at + 1).problem("registers go up from " + next + " to 5");
    }
    return (int) register;
  }

  private static Set<String> classes(@Nullable Token token) {
    Set<String> classes = new HashSet<>();
    if (token != null && !token.text().equals("-")) {
      for (String type : token.text().split(",", -1)) {
        if (type.isEmpty() || !classes.add(type)) {
          throw token.problem("classes are different words with commas between them");
        }
      }
    }
    return classes;
  }
}
