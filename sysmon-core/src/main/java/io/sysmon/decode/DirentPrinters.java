package io.sysmon.decode;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Printers of the directory entries that getdents(2) fills: how many, and each of them when
 * structures are wanted whole.
 *
 * <pre>{@code
 * dirent64  ino 0:8     off 8:8        reclen 16:2    type 18:1   name 19
 * dirent    ino 0:word  off word:word  reclen 2w:2    name 2w+2   type reclen-1:1
 * }</pre>
 */
final class DirentPrinters {
  private static final int LONGEST_NAME = 256;

  private DirentPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("dirents64", entries(true, DirectoryEntry::wide));
    types.put("dirents", entries(false, DirectoryEntry::narrow));
  }

  private static PointedPrinter entries(
      boolean wide, BiFunction<StructBytes, Integer, List<DirectoryEntry>> decode) {
    return new TypedPrinter(
        (c, k, a) -> print(c, a, c.reference(k, "len", 0), wide),
        ValueReader.many(
            DirectoryEntry.class,
            (context, kind, address) -> {
              byte[] bytes = context.require(address, context.count(kind, "len"));
              return decode.apply(new StructBytes(bytes, 0, context.abi), bytes.length);
            }));
  }

  private static void print(PrintContext context, long address, long length, boolean wide) {
    byte[] bytes = context.bytes(address, (int) Math.min(PrintContext.MAX_BYTES, length));
    boolean whole = context.options.isVerbose();
    if (bytes == null || !whole) {
      context.address(address);
    }
    if (bytes == null) {
      return;
    }
    context.out.append(whole ? "[" : "");
    int lengthOffset = wide ? 16 : 2 * context.abi.wordSize();
    int header = wide ? 19 : lengthOffset + 2;
    StructBytes entries = new StructBytes(bytes, 0, context.abi);
    int count = 0;
    int offset = 0;
    while (offset + header <= bytes.length) {
      int entryLength = entries.u16(offset + lengthOffset);
      if (entryLength < header || entryLength > bytes.length - offset) {
        break;
      }
      if (whole) {
        context.out.append(count == 0 ? "" : ", ");
        StructBytes entry = new StructBytes(bytes, offset, context.abi);
        entry(context, entry, address + offset + header, entryLength - header, wide);
      }
      count++;
      offset += entryLength;
    }
    if (whole) {
      context.out.append(']');
    } else {
      context.out.append(" /* ").append(count).append(" entries */");
    }
  }

  private static void entry(
      PrintContext context, StructBytes entry, long name, int nameLength, boolean wide) {
    int word = context.abi.wordSize();
    FieldText fields =
        new FieldText(context)
            .unsigned("d_ino", wide ? entry.i64(0) : entry.word(0))
            .unsigned("d_off", wide ? entry.i64(8) : entry.word(word))
            .unsigned("d_reclen", entry.u16(wide ? 16 : 2 * word));
    if (wide) {
      fields.constant("d_type", "dirent_type", entry.u8(18));
      name(fields, name, nameLength);
    } else if (nameLength > 0) {
      name(fields, name, nameLength - 1);
      fields.constant("d_type", "dirent_type", entry.u8(2 * word + 2 + nameLength - 1));
    }
    fields.end();
  }

  /** In as many bytes, of which the last is a NUL. */
  private static void name(FieldText fields, long address, int length) {
    if (length > 0) {
      int limit = Math.min(length, LONGEST_NAME) - 1;
      fields.value("d_name", c -> StringPrinters.string(c, address, limit));
    }
  }
}
