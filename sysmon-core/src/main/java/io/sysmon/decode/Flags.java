package io.sysmon.decode;

import io.sysmon.decode.ConstantSet.Entry;
import java.util.ArrayList;
import java.util.List;

/**
 * A number whose bits have names, such as the {@code O_RDONLY|O_CLOEXEC} of openat(2), with the
 * values that the call's ABI gives them: {@code O_DIRECTORY} is another bit in aarch64 than in
 * x86_64. Immutable.
 */
public final class Flags extends NamedNumber {
  Flags(long value, String set, AbiLayout abi) {
    super(value, set, abi);
  }

  /**
   * Whether all bits of a constant are set. Of a field, such as the {@code O_RDONLY}, {@code
   * O_WRONLY} and {@code O_RDWR} of open(2), whether that is what it holds.
   *
   * @param name a constant of the argument, in capitals as C has it
   * @return false also when the ABI does not have it but another one has
   * @throws IllegalArgumentException when there is no such constant on any ABI; the message has
   *     those there are
   */
  public boolean contains(String name) {
    Entry entry = ConstantSets.find(abi, set, name);
    if (entry == null) {
      return false;
    }
    long mask = entry.mask() != ConstantSet.NO_MASK ? entry.mask() : entry.value();
    return mask == 0 ? value == 0 : (value & mask) == entry.value();
  }

  /**
   * The names, in the order in which strace(1) prints them. A constant that is made of several bits
   * stands for all of them: {@code O_TMPFILE} without its {@code O_DIRECTORY}.
   *
   * @return empty when no bit has a name
   */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    constants()
        .split(
            value,
            (name, bits) -> {
              if (name != null) {
                names.add(name);
              }
            });
    return List.copyOf(names);
  }

  /**
   * The bits that {@link #names()} does not tell of.
   *
   * @return 0 when all have a name
   */
  public long unknown() {
    long[] fields = {0};
    long rest =
        constants()
            .split(
                value,
                (name, bits) -> {
                  if (name == null) {
                    fields[0] |= bits;
                  }
                });
    return rest | fields[0];
  }

  /** The bits as strace(1) prints them: {@code O_RDONLY|O_CLOEXEC}, {@code 0x8000|…}. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    constants().appendFlags(out, value);
    return out.toString();
  }
}
