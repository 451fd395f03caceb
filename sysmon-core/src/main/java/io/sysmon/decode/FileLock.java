package io.sysmon.decode;

/**
 * {@code struct flock}, fcntl(2).
 *
 * <pre>{@code
 * type 0:2  whence 2:2  start len pid:4      the middle two are words, from 8 (i386: 4) on
 * }</pre>
 *
 * @param type {@code F_RDLCK}, {@code F_WRLCK} or {@code F_UNLCK}
 * @param whence what {@code start} counts from, {@code SEEK_SET} and so on
 * @param start where the range begins, in bytes
 * @param length its bytes; 0 means up to the end
 * @param pid who holds a lock that {@code F_GETLK} found; -1 for one of an open file description
 */
public record FileLock(Constant type, Constant whence, long start, long length, int pid) {
  static int size(AbiLayout abi) {
    return abi.wordSize() == 8 ? 32 : 16;
  }

  static FileLock of(StructBytes lock) {
    int word = lock.abi().wordSize();
    int start = word == 8 ? 8 : 4;
    return new FileLock(
        new Constant(lock.u16(0), "lock_type", lock.abi()),
        new Constant(lock.u16(2), "seek", lock.abi()),
        lock.signedWord(start),
        lock.signedWord(start + word),
        lock.i32(start + 2 * word));
  }
}
