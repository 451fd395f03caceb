package io.sysmon.internal.engine;

import io.sysmon.BadAddressException;
import io.sysmon.HeldCall;
import io.sysmon.StringTooLongException;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallRecord;
import io.sysmon.Verdict;
import io.sysmon.decode.CallText;
import io.sysmon.decode.CallValues;
import io.sysmon.decode.MemoryReader;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/** The view of a syscall-enter-stop. */
final class EnterView extends SyscallView implements SyscallEnter {
  EnterView(Thread owner, Ptrace ptrace, Architecture architecture, CallVerbs verbs) {
    super(owner, ptrace, architecture, verbs);
  }

  @Override
  boolean isAtEntry() {
    return true;
  }

  @Override
  CallValues values(SyscallSignature call, long[] arguments, MemoryReader reader) {
    return CallValues.entering(call, arguments, reader);
  }

  @Override
  public String describe() {
    Task task = current();
    CallText text = new CallText(signature(), task.arguments, stackPointer(), readable());
    task.text = text;
    return text.atEntry(readable());
  }

  @Override
  public SyscallRecord snapshot() {
    return record(null);
  }

  @Override
  public long programArg(int index) {
    Task task = current();
    verbs().checkIndex(task, index);
    CallChanges changes = task.changes;
    return changes == null ? task.arguments[index] : changes.programArguments[index];
  }

  @Override
  public boolean isRestart() {
    return current().isRestart;
  }

  @Override
  public void setArg(int index, long value) {
    verbs().setArgument(current(), abi(), index, value);
  }

  @Override
  public void setNumber(long number) {
    verbs().setNumber(current(), abi(), number);
  }

  @Override
  public void skip(long result) {
    verbs().skip(current(), abi(), result);
  }

  @Override
  public void replaceString(int index, String replacement) {
    long address = arg(index);
    try {
      memory().replaceString(address, replacement);
    } catch (StringTooLongException e) {
      throw new StringTooLongException(
          "Argument " + index + " of " + this + ": " + e.getMessage(),
          e.originalLength(),
          e.newLength());
    } catch (BadAddressException e) {
      throw about(index, e);
    }
  }

  @Override
  public void relocateString(int index, String replacement) {
    if (replacement.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("A C string cannot contain U+0000");
    }
    byte[] text = replacement.getBytes(StandardCharsets.UTF_8);
    relocateBytes(index, Arrays.copyOf(text, text.length + 1));
  }

  @Override
  public void relocateBytes(int index, byte[] replacement) {
    Task task = current();
    verbs().checkIndex(task, index);
    setArg(index, place(task, replacement));
  }

  private long place(Task task, byte[] bytes) {
    long address = verbs().scratch(task, abi(), bytes.length);
    memory().write(address, bytes);
    return address;
  }

  @Override
  public void replaceBuffer(
      int index, int lengthIndex, byte[] replacement, boolean reportOriginalLength) {
    long address = arg(index);
    long original = arg(lengthIndex);
    if (Long.compareUnsigned(replacement.length, original) > 0) {
      throw new StringTooLongException(
          "Argument "
              + index
              + " of "
              + this
              + ": "
              + replacement.length
              + " bytes do not fit in place of "
              + original
              + "; relocate them",
          (int) original,
          replacement.length);
    }
    try {
      memory().write(address, replacement);
    } catch (BadAddressException e) {
      throw about(index, e);
    }
    setLength(lengthIndex, original, replacement.length, reportOriginalLength);
  }

  @Override
  public void relocateBuffer(
      int index, int lengthIndex, byte[] replacement, boolean reportOriginalLength) {
    Task task = current();
    verbs().checkIndex(task, index);
    long original = arg(lengthIndex);
    setArg(index, place(task, replacement));
    setLength(lengthIndex, original, replacement.length, reportOriginalLength);
  }

  private void setLength(int lengthIndex, long original, long length, boolean report) {
    setArg(lengthIndex, length);
    if (report) {
      verbs().reportLength(current(), length, original);
    }
  }

  @Override
  public HeldCall hold(Duration timeout, Verdict onTimeout) {
    return verbs().hold(current(), snapshot(), timeout, onTimeout);
  }
}
