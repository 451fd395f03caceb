package io.sysmon.internal.elf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is needed of a 64-bit little-endian ELF file (elf.h) to unwind and name the frames of its
 * code. A file that is none, or that is damaged, has nothing of it.
 *
 * <pre>
 * Elf64_Ehdr  ident[16] type@16 phoff@32 shoff@40 phentsize@54 phnum@56 shentsize@58 shnum@60 shstrndx@62
 * Elf64_Phdr  type@0 flags@4 offset@8 vaddr@16 paddr@24 filesz@32 memsz@40 align@48
 * Elf64_Shdr  name@0 type@4 flags@8 addr@16 offset@24 size@32 link@40 info@44 align@48 entsize@56
 * </pre>
 */
public final class ElfFile {
  private static final int HEADER_SIZE = 64;
  private static final int SEGMENT_SIZE = 56;
  private static final int SECTION_SIZE = 64;
  private static final int SEGMENTS_OFFSET = 32;
  private static final int SEGMENT_COUNT_OFFSET = 54;
  private static final int MAGIC = 'E' << 8 | 0x7f | 'L' << 16 | 'F' << 24;
  private static final int ELFCLASS32 = 1;
  private static final int ELFCLASS64 = 2;
  private static final int ELFDATA2LSB = 1;
  private static final int PT_LOAD = 1;
  private static final int PT_GNU_EH_FRAME = 0x6474_e550;
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_DYNSYM = 11;

  /** Larger sections are left out. */
  private static final int MOST = 1 << 28;

  /** Where the file's bytes are. */
  @FunctionalInterface
  public interface Source {
    /**
     * Reads a part.
     *
     * @param offset where it begins, not negative
     * @param length how many bytes
     * @return as many of them as there are
     */
    byte[] read(long offset, int length) throws IOException;
  }

  private record Segment(int type, long offset, long address, long size) {
    boolean holds(long fileOffset) {
      return type == PT_LOAD && fileOffset >= offset && fileOffset - offset < size;
    }
  }

  private record Header(int name, int type, long address, long offset, long size, int link) {}

  private final List<Segment> segments = new ArrayList<>();
  private boolean is32;
  private @Nullable SymbolTable symbols;
  private @Nullable FrameTable frames;

  private ElfFile() {}

  /**
   * Reads a file, once: what it keeps, it has copied.
   *
   * @return what could be read
   * @throws IOException when the source does
   */
  public static ElfFile read(Source source) throws IOException {
    ElfFile file = new ElfFile();
    try {
      file.load(source);
    } catch (NoUnwindException e) {
      // What has been found until then is all that there is.
      return file;
    }
    return file;
  }

  /** Whether it is a file of 32-bit code, of which nothing is read. */
  public boolean is32() {
    return is32;
  }

  /**
   * The address that a byte of code has when the file is mapped at its own addresses.
   *
   * @throws NoUnwindException when it is never mapped
   */
  public long address(long fileOffset) throws NoUnwindException {
    for (Segment segment : segments) {
      if (segment.holds(fileOffset)) {
        return fileOffset - segment.offset + segment.address;
      }
    }
    throw new NoUnwindException("No segment holds the code");
  }

  /** The function that an address, as the file counts, belongs to or comes behind; or null. */
  public SymbolTable.@Nullable Function function(long address) {
    return symbols == null ? null : symbols.before(address);
  }

  /**
   * How to get from a frame to its caller's.
   *
   * @param address where the frame is in its code, as the file counts
   * @throws NoUnwindException when the file does not tell
   */
  public FrameRow row(long address) throws NoUnwindException {
    if (frames == null) {
      throw new NoUnwindException("There are no descriptions of frames");
    }
    return frames.row(address);
  }

  private void load(Source source) throws IOException, NoUnwindException {
    Cursor header = cursor(source.read(0, HEADER_SIZE));
    if (header.s32() != MAGIC) {
      throw new NoUnwindException("This is no ELF file");
    }
    int elfClass = header.u8();
    is32 = elfClass == ELFCLASS32;
    if (elfClass != ELFCLASS64 || header.u8() != ELFDATA2LSB) {
      throw new NoUnwindException("This is of another kind of CPU");
    }
    header.skip(SEGMENTS_OFFSET - header.position());
    long segmentsOffset = header.size();
    long sectionsOffset = header.size();
    header.skip(SEGMENT_COUNT_OFFSET - header.position());
    header.u16();
    int segmentCount = header.u16();
    header.u16();
    int sectionCount = header.u16();
    int namesIndex = header.u16();
    loadSegments(cursor(source.read(segmentsOffset, segmentCount * SEGMENT_SIZE)), segmentCount);
    List<Header> sections =
        sections(cursor(source.read(sectionsOffset, sectionCount * SECTION_SIZE)), sectionCount);
    loadFrames(source, sections, namesIndex);
    loadSymbols(source, sections);
  }

  private static Cursor cursor(byte[] bytes) {
    return new Cursor(bytes, 0, bytes.length, 0);
  }

  private void loadSegments(Cursor headers, int count) throws NoUnwindException {
    for (int i = 0; i < count; i++) {
      int type = headers.s32();
      headers.skip(Integer.BYTES);
      long offset = headers.size();
      long address = headers.s64();
      headers.skip(Long.BYTES);
      long size = headers.size();
      headers.skip(2 * Long.BYTES);
      segments.add(new Segment(type, offset, address, size));
    }
  }

  /** None when not all of them can be read: programs run without. */
  private static List<Header> sections(Cursor headers, int count) {
    List<Header> sections = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        int name = headers.s32();
        int type = headers.s32();
        headers.skip(Long.BYTES);
        long address = headers.s64();
        long offset = headers.size();
        long size = headers.size();
        int link = headers.s32();
        headers.skip(Integer.BYTES + 2 * Long.BYTES);
        sections.add(new Header(name, type, address, offset, size, link));
      }
    } catch (NoUnwindException e) {
      return List.of();
    }
    return sections;
  }

  private void loadFrames(Source source, List<Header> sections, int namesIndex)
      throws IOException, NoUnwindException {
    Section index = null;
    for (Segment segment : segments) {
      if (segment.type == PT_GNU_EH_FRAME) {
        index = part(source, segment.address, segment.offset, segment.size);
      }
    }
    Header described = named(source, sections, namesIndex, ".eh_frame");
    if (described != null) {
      frames = new FrameTable(part(source, described), index);
    } else if (index != null) {
      frames = new FrameTable(restOfSegment(source, FrameTable.described(index)), index);
    }
  }

  /** From an address on. */
  private Section restOfSegment(Source source, long address) throws IOException, NoUnwindException {
    for (Segment segment : segments) {
      long inside = address - segment.address;
      if (segment.type == PT_LOAD && inside >= 0 && inside < segment.size) {
        return part(source, address, segment.offset + inside, segment.size - inside);
      }
    }
    throw new NoUnwindException("No segment holds the descriptions of frames");
  }

  private static @Nullable Header named(
      Source source, List<Header> sections, int namesIndex, String name)
      throws IOException, NoUnwindException {
    if (namesIndex >= sections.size()) {
      return null;
    }
    Section names = part(source, sections.get(namesIndex));
    for (Header section : sections) {
      Cursor cursor = names.cursor();
      cursor.skip(Integer.toUnsignedLong(section.name));
      if (cursor.string().equals(name)) {
        return section;
      }
    }
    return null;
  }

  private void loadSymbols(Source source, List<Header> sections)
      throws IOException, NoUnwindException {
    List<SymbolTable.Symbols> tables = new ArrayList<>();
    for (Header section : sections) {
      boolean linked = section.link >= 0 && section.link < sections.size();
      if (linked && (section.type == SHT_SYMTAB || section.type == SHT_DYNSYM)) {
        Section names = part(source, sections.get(section.link));
        tables.add(new SymbolTable.Symbols(part(source, section), names));
      }
    }
    symbols = SymbolTable.of(tables);
  }

  private static Section part(Source source, Header section) throws IOException, NoUnwindException {
    return part(source, section.address, section.offset, section.size);
  }

  private static Section part(Source source, long address, long offset, long size)
      throws IOException, NoUnwindException {
    if (size > MOST) {
      throw new NoUnwindException("A section is too large");
    }
    return new Section(address, source.read(offset, (int) size));
  }
}
