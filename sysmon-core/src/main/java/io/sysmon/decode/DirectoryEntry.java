package io.sysmon.decode;

import java.util.ArrayList;
import java.util.List;

/**
 * An entry of a directory, getdents64(2) and getdents(2).
 *
 * <pre>{@code
 * getdents64  ino 0:8     off 8:8     reclen 16:2        type 18:1  name 19...
 * getdents    ino 0:word  off word    reclen 2*word:2    name ...   type at reclen-1
 * }</pre>
 *
 * @param inode the file's number
 * @param offset where the next entry is, for lseek(2)
 * @param type {@code DT_DIR}, {@code DT_REG} and so on; {@code DT_UNKNOWN} when the file system
 *     does not tell
 * @param name the file's name
 */
public record DirectoryEntry(long inode, long offset, Constant type, Bytes name) {
  /** What getdents64(2) has filled. */
  static List<DirectoryEntry> wide(StructBytes bytes, int size) {
    List<DirectoryEntry> entries = new ArrayList<>();
    int length;
    for (int begin = 0; (length = length(bytes, begin, 16, size)) > 0; begin += length) {
      Bytes name = bytes.string(begin + 19, length - 19);
      Constant type = type(bytes, begin + 18);
      entries.add(new DirectoryEntry(bytes.i64(begin), bytes.i64(begin + 8), type, name));
    }
    return List.copyOf(entries);
  }

  /** What getdents(2) has filled. */
  static List<DirectoryEntry> narrow(StructBytes bytes, int size) {
    int word = bytes.abi().wordSize();
    List<DirectoryEntry> entries = new ArrayList<>();
    int length;
    for (int begin = 0; (length = length(bytes, begin, 2 * word, size)) > 0; begin += length) {
      int nameBegin = 2 * word + 2;
      Bytes name = bytes.string(begin + nameBegin, length - nameBegin);
      Constant type = type(bytes, begin + length - 1);
      entries.add(new DirectoryEntry(bytes.word(begin), bytes.word(begin + word), type, name));
    }
    return List.copyOf(entries);
  }

  private static Constant type(StructBytes bytes, int offset) {
    return new Constant(bytes.u8(offset), "dirent_type", bytes.abi());
  }

  /** The bytes of the entry that begins there; 0 when there is none, or not all of it. */
  private static int length(StructBytes bytes, int begin, int offset, int size) {
    int least = offset + 3;
    if (begin + least > size) {
      return 0;
    }
    int length = bytes.u16(begin + offset);
    return length < least || begin + length > size ? 0 : length;
  }
}
