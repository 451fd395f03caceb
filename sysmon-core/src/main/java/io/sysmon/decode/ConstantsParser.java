package io.sysmon.decode;

import io.sysmon.decode.ConstantSet.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code constants.txt}, whose own first lines describe its form. */
final class ConstantsParser {
  private static final String INCLUDE = "include";

  private final String table;
  private final Map<String, Section> sections = new LinkedHashMap<>();

  ConstantsParser(String table, List<String> lines) {
    this.table = table;
    Section section = null;
    for (int index = 0; index < lines.size(); index++) {
      List<Token> line = Token.split(table, index + 1, lines.get(index));
      if (line.isEmpty()) {
        continue;
      }
      if (line.get(0).text().startsWith("[")) {
        section = open(line);
      } else if (section == null) {
        throw line.get(0).problem("a set begins with its [name]");
      } else {
        section.lines.add(line);
      }
    }
  }

  private Section open(List<Token> line) {
    Token header = line.get(0);
    if (!header.text().endsWith("]") || header.text().length() < 3 || line.size() > 2) {
      throw header.problem("a set begins with [name] and at most one more word");
    }
    Section section = new Section(line.size() == 2 ? line.get(1).text() : "");
    if (sections.put(header.text().substring(1, header.text().length() - 1), section) != null) {
      throw header.problem("the set " + header.text() + " exists already");
    }
    return section;
  }

  /** The sets with the values of an ABI. */
  ConstantSets sets(AbiLayout abi) {
    Map<String, ConstantSet> sets = new HashMap<>();
    sections.forEach(
        (name, section) -> {
          List<Entry> entries = new ArrayList<>();
          collect(section, abi, entries);
          sets.put(name, new ConstantSet(section.unknown, entries));
        });
    return new ConstantSets(sets);
  }

  private void collect(Section section, AbiLayout abi, List<Entry> entries) {
    for (List<Token> line : section.lines) {
      if (line.size() < 2) {
        throw line.get(0).problem("a constant has a name and a value");
      }
      if (line.get(0).text().equals(INCLUDE)) {
        collect(included(line.get(1), section), abi, entries);
        continue;
      }
      Entry entry = entry(line, abi);
      if (entry != null) {
        entries.add(entry);
      }
    }
  }

  private Section included(Token name, Section including) {
    Section section = sections.get(name.text());
    if (section == null || section == including) {
      throw name.problem("no other set of " + table + " is named '" + name.text() + "'");
    }
    if (section.lines.stream().anyMatch(line -> line.get(0).text().equals(INCLUDE))) {
      throw name.problem("'" + name.text() + "' includes a set itself");
    }
    return section;
  }

  private static @Nullable Entry entry(List<Token> line, AbiLayout abi) {
    Token value = line.get(1);
    Token own = value;
    for (Token override : line.subList(2, line.size())) {
      int equals = override.text().indexOf('=');
      if (equals < 1) {
        throw override.problem("an override is written abi=value");
      }
      if (override.text().substring(0, equals).equals(abi.label())) {
        own = override.from(equals + 1);
      }
    }
    if (own.text().equals("-")) {
      return null;
    }
    int slash = own.text().indexOf('/');
    long mask = slash < 0 ? ConstantSet.NO_MASK : own.from(slash + 1).number();
    long number = (slash < 0 ? own : own.part(0, slash)).number();
    return new Entry(line.get(0).text().replace("|", " or "), number, mask);
  }

  private static final class Section {
    final String unknown;
    final List<List<Token>> lines = new ArrayList<>();

    Section(String unknown) {
      this.unknown = unknown;
    }
  }
}
