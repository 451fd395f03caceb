package io.sysmon.decode;

import io.sysmon.decode.ConstantSet.Entry;
import java.util.Optional;

/** A number that is one of several named ones, such as {@code SEEK_SET}. Immutable. */
public final class Constant extends NamedNumber {
  Constant(long value, String set, AbiLayout abi) {
    super(value, set, abi);
  }

  /** Of an {@code int}, whether the set has it signed or unsigned. */
  static Constant ofInt(int value, String set, AbiLayout abi) {
    boolean signed = ConstantSets.of(abi).get(set).isName(value);
    return new Constant(signed ? value : Integer.toUnsignedLong(value), set, abi);
  }

  /**
   * Its name.
   *
   * @return empty when it has none
   */
  public Optional<String> name() {
    return Optional.ofNullable(constants().nameOf(value));
  }

  /**
   * Whether it is a constant.
   *
   * @param name in capitals, as C has it
   * @return false also when the ABI does not have it but another one has
   * @throws IllegalArgumentException when there is no such constant on any ABI; the message has
   *     those there are
   */
  public boolean is(String name) {
    Entry entry = ConstantSets.find(abi, set, name);
    return entry != null && entry.value() == value;
  }

  /** The number as strace(1) prints it. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    constants().appendValue(out, value);
    return out.toString();
  }
}
