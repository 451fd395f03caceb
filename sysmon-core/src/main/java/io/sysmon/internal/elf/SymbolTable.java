package io.sysmon.internal.elf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The functions that a file names, by address. */
public final class SymbolTable {
  /** {@code Elf64_Sym}: name@0, info@4, other@5, section@6, value@8, size@16. */
  private static final int ENTRY_SIZE = 24;

  private static final int TYPE = 0xf;
  private static final int STT_FUNC = 2;
  private static final int SHN_UNDEF = 0;

  private final Symbol[] symbols;

  /**
   * A symbol.
   *
   * @param name its offset in {@code names}
   */
  private record Symbol(long address, int name, Section names) {}

  private SymbolTable(Symbol[] symbols) {
    this.symbols = symbols;
  }

  /** Collects the functions of symbol sections. Of equal addresses the first one counts. */
  static SymbolTable of(List<Symbols> sections) throws NoUnwindException {
    List<Symbol> found = new ArrayList<>();
    for (Symbols section : sections) {
      Cursor entries = section.entries.cursor();
      for (int left = section.entries.size() / ENTRY_SIZE; left > 0; left--) {
        int name = entries.s32();
        int info = entries.u8();
        entries.skip(1);
        int definedIn = entries.u16();
        long address = entries.s64();
        entries.skip(8);
        if ((info & TYPE) == STT_FUNC && definedIn != SHN_UNDEF) {
          found.add(new Symbol(address, name, section.names));
        }
      }
    }
    Symbol[] sorted = found.toArray(Symbol[]::new);
    Arrays.sort(sorted, Comparator.comparing(Symbol::address, Long::compareUnsigned));
    return new SymbolTable(sorted);
  }

  /**
   * A section of symbols and the section of their names.
   *
   * @param entries an array of {@code Elf64_Sym}
   */
  record Symbols(Section entries, Section names) {}

  /**
   * A function that begins at an address or before it.
   *
   * @param name as in the file
   * @param address where it begins
   */
  public record Function(String name, long address) {}

  /**
   * The last function that begins at an address or before it. In a stripped file it may be another
   * one than the address belongs to.
   *
   * @param address as the file counts
   * @return null when there is none that has a name
   */
  public @Nullable Function before(long address) {
    try {
      int index = Sorted.floor(symbols.length, each -> symbols[each].address, address);
      while (index > 0 && symbols[index - 1].address == symbols[index].address) {
        index--;
      }
      return index < 0 ? null : function(symbols[index]);
    } catch (NoUnwindException e) {
      // It has a name that is not there.
      return null;
    }
  }

  private static @Nullable Function function(Symbol symbol) throws NoUnwindException {
    Cursor names = symbol.names.cursor();
    names.skip(symbol.name);
    String name = names.string();
    return name.isEmpty() ? null : new Function(name, symbol.address);
  }
}
