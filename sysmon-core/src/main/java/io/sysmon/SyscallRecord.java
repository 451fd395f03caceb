package io.sysmon;

import io.sysmon.decode.Argument;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.decode.SyscallTable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was known of a system call at one of its stops: immutable, to keep.
 *
 * @param pid the calling process
 * @param tid the calling task, by the id that it had then
 * @param abi the calling convention
 * @param number the number in that ABI
 * @param name the name
 * @param args the six raw argument registers
 * @param strings what the path and string arguments pointed to, by argument index; those that could
 *     not be read are missing
 * @param nanoTime {@link System#nanoTime()} of the stop
 * @param exit the outcome, or null when this was taken at the entry
 */
public record SyscallRecord(
    int pid,
    int tid,
    Abi abi,
    long number,
    String name,
    List<Long> args,
    Map<Integer, String> strings,
    long nanoTime,
    @Nullable Exit exit) {

  /**
   * How a call ended.
   *
   * @param result the result, or minus the errno
   * @param errno the error, or null
   * @param duration how long it took
   */
  public record Exit(long result, @Nullable Errno errno, Duration duration) {}

  /** Copies the collections. */
  public SyscallRecord {
    args = List.copyOf(args);
    strings = Map.copyOf(strings);
  }

  /**
   * A raw argument.
   *
   * @param index 0 to 5
   * @return the register's value
   */
  public long arg(int index) {
    return args.get(index);
  }

  /**
   * The string that an argument pointed to.
   *
   * @param index 0 to 5
   * @return empty when the argument is no string, or could not be read
   */
  public Optional<String> string(int index) {
    return Optional.ofNullable(strings.get(index));
  }

  /**
   * What is known of this call's arguments and result.
   *
   * @return the entry of the system call table
   */
  public SyscallSignature signature() {
    return SyscallTable.get().abi(abi.name()).byNumber(number);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append('[').append(tid).append("] ").append(name);
    text.append('(');
    List<Argument> arguments = signature().arguments();
    for (int i = 0; i < arguments.size(); i++) {
      int register = arguments.get(i).register();
      String string = strings.get(register);
      text.append(i == 0 ? "" : ", ")
          .append(string == null ? "0x" + Long.toHexString(arg(register)) : '"' + string + '"');
    }
    text.append(')');
    if (exit != null) {
      text.append(" = ").append(exit.errno() == null ? exit.result() : "-1 " + exit.errno().name());
    }
    return text.toString();
  }
}
