package io.sysmon.decode;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * A file's type and permissions, inode(7).
 *
 * @param value the 16 bits of {@code mode_t}
 */
public record FileMode(int value) {
  private static final int S_IFMT = 0170000;
  private static final int S_IFSOCK = 0140000;
  private static final int S_IFLNK = 0120000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFBLK = 0060000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFIFO = 0010000;

  /** From the lowest bit on. */
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OTHERS_EXECUTE,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_READ
  };

  /** What a file can be. */
  public enum Type {
    /** {@code S_IFREG}. */
    REGULAR,
    /** {@code S_IFDIR}. */
    DIRECTORY,
    /** {@code S_IFLNK}. */
    SYMBOLIC_LINK,
    /** {@code S_IFCHR}. */
    CHARACTER_DEVICE,
    /** {@code S_IFBLK}. */
    BLOCK_DEVICE,
    /** {@code S_IFIFO}. */
    PIPE,
    /** {@code S_IFSOCK}. */
    SOCKET,
    /** No type is given, as in the mode of open(2), or one that does not exist. */
    NONE
  }

  /** Leaves what {@code mode_t} does not have. */
  public FileMode {
    value &= 0xffff;
  }

  /**
   * The type.
   *
   * @return never null
   */
  public Type type() {
    return switch (value & S_IFMT) {
      case S_IFREG -> Type.REGULAR;
      case S_IFDIR -> Type.DIRECTORY;
      case S_IFLNK -> Type.SYMBOLIC_LINK;
      case S_IFCHR -> Type.CHARACTER_DEVICE;
      case S_IFBLK -> Type.BLOCK_DEVICE;
      case S_IFIFO -> Type.PIPE;
      case S_IFSOCK -> Type.SOCKET;
      default -> Type.NONE;
    };
  }

  boolean isDevice() {
    return type() == Type.CHARACTER_DEVICE || type() == Type.BLOCK_DEVICE;
  }

  /**
   * The nine bits of reading, writing and executing, as {@code java.nio.file} has them.
   *
   * @return a set of its own
   */
  public Set<PosixFilePermission> permissions() {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BITS.length; bit++) {
      if ((value >> bit & 1) != 0) {
        permissions.add(BITS[bit]);
      }
    }
    return permissions;
  }

  /** As strace(1) prints it: {@code S_IFREG|0644}. */
  @Override
  public String toString() {
    return ScalarPrinters.fileModeText(value);
  }
}
