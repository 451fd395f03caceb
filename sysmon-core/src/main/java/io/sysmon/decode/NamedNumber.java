package io.sysmon.decode;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A number that a set of constants has names for, as one ABI has them. Immutable. */
abstract sealed class NamedNumber permits Flags, Constant {
  final long value;
  final String set;
  final AbiLayout abi;

  NamedNumber(long value, String set, AbiLayout abi) {
    this.value = value;
    this.set = set;
    this.abi = abi;
  }

  /**
   * The number.
   *
   * @return all bits, also those without a name
   */
  public final long value() {
    return value;
  }

  final ConstantSet constants() {
    return ConstantSets.of(abi).get(set);
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof NamedNumber that
        && that.getClass() == getClass()
        && that.value == value
        && that.set.equals(set)
        && that.constants() == constants();
  }

  @Override
  public final int hashCode() {
    return Objects.hash(value, set);
  }
}
