package io.sysmon.internal.engine;

import io.sysmon.Abi;
import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.SyscallRecord;
import io.sysmon.TraceException;
import io.sysmon.Verdict;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.internal.memory.VmTransfer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What the verbs of the views do to a task: they note changes, which are written to the registers
 * when all listeners have been called. Tracer thread.
 */
final class CallVerbs {
  private static final int MADV_DONTFORK = 10;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

  /** Of x86, where alone a call with 32-bit pointers, of x32, may come from a 64-bit task. */
  private static final int MAP_32BIT = 0x40;

  private static final long HIGHEST_32_BIT = 0xffffffffL;
  private static final long MAX_ERRNO = 4095;

  private final List<SyscallNumbers> numbers;
  private final InjectedCalls injected;
  private final HoldDesk desk;
  private final VmTransfer transfer;

  /** Set while a held call is being answered, which must not hold it again. */
  private boolean answering;

  CallVerbs(
      List<SyscallNumbers> numbers, InjectedCalls injected, HoldDesk desk, VmTransfer transfer) {
    this.transfer = transfer;
    this.numbers = numbers;
    this.injected = injected;
    this.desk = desk;
  }

  VmTransfer transfer() {
    return transfer;
  }

  /** The first word of a structure that a call points to; 0 when it cannot be read. */
  long firstWord(Task task, long address) {
    if (transfer.read(task.tid(), address, Long.BYTES) != Long.BYTES) {
      return 0;
    }
    byte[] word = new byte[Long.BYTES];
    transfer.get(0, word, 0, Long.BYTES);
    return ByteBuffer.wrap(word).order(ByteOrder.nativeOrder()).getLong();
  }

  /** Also where the program itself may not write; whether it could be done. */
  boolean writeFirstWord(int tid, long address, long word) {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(word).array();
    transfer.put(bytes, 0, Long.BYTES);
    return transfer.force(tid, address, Long.BYTES) == Long.BYTES;
  }

  int checkIndex(Task task, int index) {
    if (index < 0 || index >= Task.ARGUMENTS) {
      throw new IllegalArgumentException(
          "There is no argument " + index + " of " + describe(task) + "; there are 0 to 5");
    }
    return index;
  }

  private static String describe(Task task) {
    return (task.signature == null ? "the call" : task.signature.name()) + " in " + task;
  }

  /** The changes of the call under way. */
  private static CallChanges changes(Task task, Abi abi) {
    if (task.convention == null) {
      throw new IllegalTraceeStateException(
          "Changing " + abi + " calls is not supported (" + describe(task) + ")");
    }
    CallChanges changes = task.changes;
    if (changes == null) {
      changes = new CallChanges();
      changes.begin(task);
      task.changes = changes;
    }
    return changes;
  }

  void setArgument(Task task, Abi abi, int index, long value) {
    checkIndex(task, index);
    checkFits(task, value, "argument " + index);
    changes(task, abi).arguments |= 1 << index;
    task.arguments[index] = value & task.argumentMask;
  }

  private static void checkFits(Task task, long value, String what) {
    if (!InjectedCalls.fits(value, task.argumentMask)) {
      throw new IllegalArgumentException(
          "0x"
              + Long.toHexString(value)
              + " does not fit into the 32 bits of "
              + what
              + " of "
              + describe(task));
    }
  }

  void setNumber(Task task, Abi abi, long number) {
    changes(task, abi).number = true;
    task.number = number;
    // The index stays: the exit is for those who saw the entry of the program's own call.
    task.signature = numbers.get(task.abi).byNumber(number);
  }

  void skip(Task task, Abi abi, long result) {
    checkFits(task, result, "the result");
    CallChanges changes = changes(task, abi);
    if (!task.filterSuspended && task.isFollowed) {
      // The filter, which comes after this stop, sees a skipped call as number -1.
      task.filterSuspended = injected.passOwnFilter(task);
    }
    changes.skipped = true;
    changes.result = result(task, result);
  }

  /** The call fails; for the stop of a filter, after which no filter looks at it again. */
  void refuse(Task task, Abi abi, int errno) {
    if (task.convention != null) {
      CallChanges changes = changes(task, abi);
      changes.skipped = true;
      changes.result = -errno;
    }
  }

  /** Puts the task's own filter in force again. */
  void resumeFilter(Task task) {
    task.filterSuspended = false;
    injected.resumeFilter(task);
  }

  void setResult(Task task, Abi abi, long result) {
    checkFits(task, result, "the result");
    changes(task, abi).resultSet = true;
    see(task, result(task, result));
  }

  /** What a 32-bit program takes for an error is one, also without the sign that 64 bits have. */
  private static long result(Task task, long value) {
    boolean narrow = task.argumentMask == HIGHEST_32_BIT;
    return narrow && (int) value < 0 && (int) value >= -MAX_ERRNO ? (int) value : value;
  }

  /** Sets what the program will see. */
  void see(Task task, long result) {
    task.result = result;
    task.failed = result < 0 && result >= -MAX_ERRNO;
  }

  void reportLength(Task task, long accepted, long reported) {
    CallChanges changes = Objects.requireNonNull(task.changes);
    // Of what another listener has shortened or lengthened already, the program's own length.
    boolean again = changes.length && changes.acceptedLength == reported;
    changes.length = true;
    changes.acceptedLength = accepted;
    changes.reportedLength = again ? changes.reportedLength : reported;
  }

  long inject(Task task, boolean atEntry, String name, long... arguments) {
    return injected.call(task, atEntry, name, arguments);
  }

  /**
   * Room for {@code size} bytes in the task's memory, until it makes its next call, where pointers
   * of the call reach.
   */
  long scratch(Task task, Abi abi, int size) {
    boolean narrow = abi.wordSize() == Integer.BYTES;
    long highest = narrow ? HIGHEST_32_BIT : -1L;
    TaskScratch scratch = task.scratch;
    if (scratch == null) {
      scratch = new TaskScratch(task.process().addressSpace());
      task.scratch = scratch;
    }
    long address = scratch.take(size, highest);
    if (address != 0) {
      return address;
    }
    int areaSize =
        Math.max(
            AddressSpace.AREA_SIZE, (size + AddressSpace.AREA_SIZE - 1) & -AddressSpace.AREA_SIZE);
    // 32-bit ABIs have mmap with other arguments, or not at all.
    String mmap = numbers.get(task.abi).number("mmap2") < 0 ? "mmap" : "mmap2";
    int flags = narrow ? MAP_PRIVATE_ANONYMOUS | MAP_32BIT : MAP_PRIVATE_ANONYMOUS;
    long area = inject(task, true, mmap, 0, areaSize, PROT_READ_WRITE, flags, -1, 0);
    if (area < 0 && area >= -MAX_ERRNO) {
      throw new TraceException(
          "A scratch page could not be mapped for " + describe(task) + ": errno " + -area);
    }
    inject(task, true, "madvise", area, areaSize, MADV_DONTFORK);
    scratch.add(area, areaSize);
    return scratch.take(size, highest);
  }

  /**
   * Unmaps the areas of {@link #scratch} that no task uses. Those above 4 GiB that a 64-bit program
   * has stay if it is stopped at an i386 call.
   */
  void unmapFree(Task task, boolean atEntry) {
    AddressSpace space = task.process().addressSpace();
    long highest = injected.abi(task).registerMask();
    for (AddressSpace.Area area = space.takeFree(0, highest);
        area != null;
        area = space.takeFree(0, highest)) {
      injected.call(task, atEntry, "munmap", area.address, area.size);
    }
  }

  boolean waitsWithOwnMask(Task task) {
    return injected.waitsWithOwnMask(task);
  }

  HeldCall hold(Task task, SyscallRecord call, Duration timeout, Verdict onTimeout) {
    Objects.requireNonNull(onTimeout, "onTimeout");
    if (answering) {
      throw new IllegalTraceeStateException("An answer cannot hold its call again: " + call);
    }
    if (task.hold != null) {
      throw new IllegalTraceeStateException("Another listener holds the call already: " + call);
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("A negative time to wait: " + timeout);
    }
    Hold hold = new Hold(call, task, onTimeout, desk);
    task.hold = hold;
    desk.waitFor(hold, timeout);
    return hold;
  }

  void answering(boolean now) {
    answering = now;
  }
}
