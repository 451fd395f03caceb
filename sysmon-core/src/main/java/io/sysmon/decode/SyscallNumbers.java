package io.sysmon.decode;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The system calls of one ABI, by number and by name. Immutable. */
public final class SyscallNumbers {
  /** A power of two: unknown numbers are remembered in a slot that their low bits choose. */
  private static final int UNKNOWN_SLOTS = 64;

  private final AbiLayout abi;
  private final long firstNumber;
  private final @Nullable SyscallSignature[] byNumber;
  private final Map<String, SyscallSignature> byName;
  private final AtomicReferenceArray<@Nullable SyscallSignature> unknown =
      new AtomicReferenceArray<>(UNKNOWN_SLOTS);

  /**
   * Takes over the calls.
   *
   * @param firstNumber the number that index 0 of the lookup array stands for
   * @param calls at most one a number; of several with one name, the last is that name's
   */
  SyscallNumbers(AbiLayout abi, long firstNumber, List<SyscallSignature> calls) {
    this.abi = abi;
    this.firstNumber = firstNumber;
    int size = 0;
    for (SyscallSignature call : calls) {
      size = Math.max(size, (int) (call.number() - firstNumber) + 1);
    }
    byNumber = new SyscallSignature[size];
    byName = new HashMap<>();
    for (SyscallSignature call : calls) {
      byNumber[(int) (call.number() - firstNumber)] = call;
      byName.put(call.name(), call);
    }
  }

  /**
   * The ABI.
   *
   * @return its name, for example {@code i386}
   */
  public String abi() {
    return abi.label();
  }

  /**
   * The call with a number, in constant time. A known number allocates nothing; neither does an
   * unknown one that is looked up again.
   *
   * @param number any number
   * @return its signature; for an unknown number one named {@code syscall_0x…} with six words
   */
  public SyscallSignature byNumber(long number) {
    long index = number - firstNumber;
    if (index >= 0 && index < byNumber.length) {
      SyscallSignature call = byNumber[(int) index];
      if (call != null) {
        return call;
      }
    }
    return unknown(number);
  }

  /**
   * A dense index for tables of one's own with an element a number. Constant time.
   *
   * @param number any number
   * @return 0 to {@link #indexes()} − 1; the last one stands for every number beyond the table
   */
  public int index(long number) {
    long index = number - firstNumber;
    return index >= 0 && index < byNumber.length ? (int) index : byNumber.length;
  }

  /**
   * How many values {@link #index(long)} has.
   *
   * @return at least 1
   */
  public int indexes() {
    return byNumber.length + 1;
  }

  /**
   * The call that {@link #index(long)} gives an index for.
   *
   * @param index 0 to {@link #indexes()} − 1
   * @return its signature; for the last index that of a number beyond the table
   */
  public SyscallSignature at(int index) {
    return byNumber(firstNumber + index);
  }

  private SyscallSignature unknown(long number) {
    int slot = (int) number & (UNKNOWN_SLOTS - 1);
    SyscallSignature call = unknown.get(slot);
    if (call == null || call.number() != number) {
      call = SyscallSignature.unknown(abi, abi.truncate(number));
      unknown.set(slot, call);
    }
    return call;
  }

  /**
   * The number of a call.
   *
   * @param name the call's name
   * @return −1 when this ABI has no call of that name
   */
  public int number(String name) {
    SyscallSignature call = byName.get(name);
    return call == null ? -1 : (int) call.number();
  }

  /**
   * The call with a name.
   *
   * @param name the call's name
   * @return empty when this ABI has no call of that name
   */
  public Optional<SyscallSignature> byName(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * Every call of this ABI.
   *
   * @return the calls, by ascending number
   */
  public Collection<SyscallSignature> all() {
    List<SyscallSignature> all = new ArrayList<>();
    for (SyscallSignature call : byNumber) {
      if (call != null) {
        all.add(call);
      }
    }
    return all;
  }

  @Override
  public String toString() {
    return abi.label() + " (" + byName.size() + " system calls)";
  }
}
