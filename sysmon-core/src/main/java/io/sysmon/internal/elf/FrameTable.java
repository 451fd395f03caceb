package io.sysmon.internal.elf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frame descriptions of a file, {@code .eh_frame} (LSB, 10.6): for each function an FDE, which
 * refers to a CIE that it has in common with others. Found by the sorted table in {@code
 * .eh_frame_hdr}, or, where there is none, as in some static programs, by an index made here.
 */
final class FrameTable {
  private static final int INDEX_VERSION = 1;

  /**
   * {@code DW_EH_PE_datarel | DW_EH_PE_sdata4}, the only encoding of a table that linkers write.
   */
  private static final int TABLE_ENCODING = 0x3b;

  private static final int ROW_SIZE = 8;
  private static final Comparator<FrameEntry> BY_ADDRESS =
      Comparator.comparing(FrameEntry::begin, Long::compareUnsigned);
  private static final long LONG_LENGTH = 0xffff_ffffL;

  private final Section frames;
  private final @Nullable Section index;

  /** Where the table begins in {@link #index}, and how many rows it has. */
  private int table;

  private long count;

  /** Without a table. */
  private volatile @Nullable List<FrameEntry> entries;

  FrameTable(Section frames, @Nullable Section index) {
    this.frames = frames;
    this.index = index != null && hasTable(index) ? index : null;
  }

  private boolean hasTable(Section header) {
    try {
      Cursor cursor = header.cursor();
      int version = cursor.u8();
      int pointerEncoding = cursor.u8();
      int countEncoding = cursor.u8();
      int tableEncoding = cursor.u8();
      cursor.pointer(pointerEncoding, header.address());
      count = cursor.pointer(countEncoding, header.address());
      table = cursor.position();
      int room = (header.size() - table) / ROW_SIZE;
      return version == INDEX_VERSION
          && tableEncoding == TABLE_ENCODING
          && count > 0
          && count <= room;
    } catch (NoUnwindException e) {
      return false;
    }
  }

  /** The address of the descriptions that an {@code .eh_frame_hdr} belongs to. */
  static long described(Section header) throws NoUnwindException {
    Cursor cursor = header.cursor();
    cursor.skip(1);
    int encoding = cursor.u8();
    cursor.skip(2);
    return cursor.pointer(encoding, header.address());
  }

  /** The rules that hold at an address. */
  FrameRow row(long address) throws NoUnwindException {
    FrameEntry entry = index == null ? indexed(address) : listed(index, address);
    if (!entry.covers(address)) {
      throw new NoUnwindException("No frame is described there");
    }
    return FrameProgram.run(entry, address);
  }

  private FrameEntry listed(Section header, long address) throws NoUnwindException {
    int row = Sorted.floor((int) count, each -> header.address() + cell(header, each, 0), address);
    return entry(frames.at(header.address() + cell(header, checked(row), Integer.BYTES)));
  }

  private static int checked(int row) throws NoUnwindException {
    if (row < 0) {
      throw new NoUnwindException("No frame is described before");
    }
    return row;
  }

  private int cell(Section header, int row, int column) throws NoUnwindException {
    Cursor cursor = header.cursor();
    cursor.skip(table + (long) row * ROW_SIZE + column);
    return cursor.s32();
  }

  private FrameEntry indexed(long address) throws NoUnwindException {
    List<FrameEntry> known = entries;
    if (known == null) {
      known = all();
      entries = known;
    }
    List<FrameEntry> sorted = known;
    return sorted.get(
        checked(Sorted.floor(sorted.size(), each -> sorted.get(each).begin(), address)));
  }

  private List<FrameEntry> all() {
    List<FrameEntry> found = new ArrayList<>();
    try {
      collect(found);
    } catch (NoUnwindException e) {
      // What comes before the damage can be used.
      found.sort(BY_ADDRESS);
      return found;
    }
    found.sort(BY_ADDRESS);
    return found;
  }

  private void collect(List<FrameEntry> found) throws NoUnwindException {
    Cursor cursor = frames.cursor();
    while (cursor.hasMore()) {
      Cursor next = cursor.copy();
      Cursor body = body(cursor);
      // Empty is the terminator of one object file; others may follow.
      if (body.hasMore() && body.s32() != 0) {
        found.add(entry(next));
      }
    }
  }

  /** Takes the next CIE or FDE, without its length. */
  private static Cursor body(Cursor cursor) throws NoUnwindException {
    long length = cursor.u32();
    return cursor.take(length == LONG_LENGTH ? cursor.s64() : length);
  }

  private FrameEntry entry(Cursor at) throws NoUnwindException {
    Cursor body = body(at);
    long here = body.address();
    Cursor common = frames.at(here - body.u32());
    return FrameEntry.read(FrameEntry.Common.read(body(common)), body);
  }
}
