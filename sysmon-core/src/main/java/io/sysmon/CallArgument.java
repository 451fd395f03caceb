package io.sysmon;

import io.sysmon.decode.Flags;
import io.sysmon.decode.Kind;
import io.sysmon.decode.SockAddr;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One argument of a system call at one of its stops, by its meaning. Nothing is read before it is
 * asked for; what is returned is immutable and may be kept.
 *
 * <p>Which values an argument has, is a matter of its {@link #kind()}: {@code docs/arguments.md}
 * has the list. A value is asked for by its class, {@code argument.value(FileStat.class)}; the most
 * frequent ones have a method.
 *
 * <p>What a listener has changed is what is read. What the kernel fills in (a {@code struct stat},
 * the buffer of read(2)) is there at the exit, when the call has succeeded. At the exit of an
 * execve(2) that has succeeded, nothing can be read: the program that made the call is gone.
 *
 * <p>Valid as long as the {@link SyscallStop} that it is of, on the tracer's thread; after that,
 * methods that look at the call throw {@link IllegalTraceeStateException}. All methods that return
 * a value throw
 *
 * <ul>
 *   <li>{@link ArgumentKindException} when it is of another kind;
 *   <li>{@link BadAddressException} when it is a pointer that is null or that cannot be read, or
 *       when there is less than it says;
 *   <li>{@link IllegalTraceeStateException} when the kernel has not filled it, or the call does not
 *       have it, as openat(2) has no mode when it creates nothing.
 * </ul>
 */
public interface CallArgument {
  /**
   * The argument's register.
   *
   * @return 0 to 5, as for {@link SyscallStop#arg}. A 64-bit number that takes two registers of
   *     i386 begins there. At a socketcall(2) of i386, the place among the arguments of the call
   *     that it stands for
   */
  int index();

  /**
   * The argument's name.
   *
   * @return for example {@code pathname}, as manual pages call it
   */
  String name();

  /**
   * What it means.
   *
   * @return the kind that the table of system calls has
   */
  Kind kind();

  /**
   * Whether it is 0: a null pointer.
   *
   * @return true when all bits are 0
   */
  boolean isNull();

  /**
   * A number, as wide and with the sign that the kernel sees: a descriptor, a pid, a length, an
   * address; also the bits of flags, constants and modes, and a number that the argument points to.
   *
   * @return the number; of a pointer to anything else, that is an {@link ArgumentKindException}
   */
  long number();

  /**
   * The name of a file, as the program wrote it.
   *
   * @return the bytes before the NUL as UTF-8, with U+FFFD for what is not UTF-8; {@code
   *     value(Bytes.class)} has them as they are
   */
  String path();

  /**
   * The file that a path, a descriptor or a directory's descriptor means to the calling task, with
   * its root directory and mount namespace: a path is put behind the task's working directory, or
   * the directory whose descriptor is the argument before it. Links and {@code ..} in it are as the
   * program wrote them; {@link Path#toRealPath} resolves them.
   *
   * <p>It is looked up in {@code /proc} at the time of the call of this method. Of a program in
   * another mount namespace it is the name there, to be opened behind {@code /proc/PID/root}. Of a
   * file without a name it is what the kernel calls it: {@code pipe:[4711]}, which is not {@link
   * Path#isAbsolute absolute}; of a deleted one, {@code " (deleted)"} follows the name.
   *
   * @return empty when the pointer cannot be read, when nothing is open under a descriptor, when
   *     the task must not be looked at, and when the name is no text in the encoding that the JVM
   *     has for file names ({@code sun.jnu.encoding})
   */
  Optional<Path> file();

  /**
   * {@link #file} as a text, to be compared and shown: without empty names and {@code .}, and
   * without {@code ..} and the name before it, whether that is a link or not. Also for names that a
   * {@link Path} of this JVM cannot hold, with U+FFFD for what is not UTF-8.
   *
   * @return empty when the pointer cannot be read, when nothing is open under a descriptor, and
   *     when the task must not be looked at. Of what has no name it is {@code pipe:[4711]} and
   *     alike, without a leading slash
   */
  Optional<String> absolutePath();

  /**
   * Flags.
   *
   * @return the bits with their names in this call's ABI
   */
  Flags flags();

  /**
   * A socket's address. One that did not fit into the room that the program had for it at an
   * accept(2) or recvfrom(2) has been cut by the kernel, which tells its whole length all the same:
   * who meets such programs looks at the length argument at the entry.
   *
   * @return the address, by its family
   */
  SockAddr sockaddr();

  /**
   * The value.
   *
   * @param type the class: of the package {@code io.sysmon.decode}, or {@link Signal}, {@link
   *     String}, {@link Long}, {@link java.util.BitSet} for sets of descriptors and CPUs. Of a
   *     value that may be of several, such as {@link SockAddr}, also one of these
   * @param <T> the value's type
   * @return the value
   * @throws ArgumentKindException also when it is of another of these classes
   */
  <T> T value(Class<T> type);

  /**
   * The values of an array, such as what poll(2) waits for.
   *
   * @param type the class of one of them
   * @param <T> the values' type
   * @return all that the call says there are; one when the argument is no array
   */
  <T> List<T> values(Class<T> type);

  /**
   * The value, if there is one: programs pass null pointers for what they do not want, and bad ones
   * by mistake.
   *
   * @param type as for {@link #value}
   * @param <T> the value's type
   * @return empty when the pointer is null or cannot be read, when the kernel has not filled what
   *     it points to, when the call does not have the argument, or when a socket's address is of
   *     another family than the class
   */
  <T> Optional<T> find(Class<T> type);

  /**
   * The argument as strace(1) prints it.
   *
   * @return for example {@code O_RDONLY|O_CLOEXEC}; an address for what cannot be read and for what
   *     the kernel has not filled
   */
  String describe();
}
