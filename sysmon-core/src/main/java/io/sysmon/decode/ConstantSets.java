package io.sysmon.decode;

import io.sysmon.decode.ConstantSet.Entry;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All the sets of constants of one ABI. Immutable. */
final class ConstantSets {
  private static final String RESOURCE = "constants.txt";
  private static final ConstantSet NAMELESS = new ConstantSet("", List.of());

  private final Map<String, ConstantSet> sets;

  ConstantSets(Map<String, ConstantSet> sets) {
    this.sets = Map.copyOf(sets);
  }

  /** The sets of an ABI. */
  static ConstantSets of(AbiLayout abi) {
    return abi == AbiLayout.AARCH64 ? Holder.AARCH64 : Holder.X86;
  }

  /**
   * The entry of a name in a set.
   *
   * @return null when this ABI has no such constant
   * @throws IllegalArgumentException when no ABI has it; the message offers those there are
   */
  static @Nullable Entry find(AbiLayout abi, String set, String name) {
    Entry entry = of(abi).get(set).find(name);
    if (entry == null
        && Holder.X86.get(set).find(name) == null
        && Holder.AARCH64.get(set).find(name) == null) {
      List<String> names = of(abi).get(set).entries().stream().map(Entry::name).toList();
      throw new IllegalArgumentException(
          "'" + name + "' is no constant of " + set + ", which has " + String.join(" ", names));
    }
    return entry;
  }

  /** The set of that name; one without names when there is none. */
  ConstantSet get(String name) {
    return sets.getOrDefault(name, NAMELESS);
  }

  boolean has(String name) {
    return sets.containsKey(name);
  }

  private static final class Holder {
    private static final ConstantsParser PARSER =
        new ConstantsParser(RESOURCE, SyscallTable.lines(RESOURCE));
    static final ConstantSets X86 = PARSER.sets(AbiLayout.X86_64);
    static final ConstantSets AARCH64 = PARSER.sets(AbiLayout.AARCH64);
  }
}
