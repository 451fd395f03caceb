package io.sysmon.internal.elf;

import io.sysmon.internal.elf.FrameRow.Kind;
import java.util.ArrayDeque;
import java.util.Deque;

/** Executes the call frame instructions of DWARF (version 5, 6.4.2) up to an address. */
final class FrameProgram {
  /** Rows that are remembered; a compiler needs one. */
  private static final int MOST_REMEMBERED = 64;

  private final FrameEntry.Common common;
  private final long wanted;
  private final Deque<FrameRow> remembered = new ArrayDeque<>();
  private FrameRow row;
  private FrameRow initial;
  private long address;

  private FrameProgram(FrameEntry entry, long wanted) {
    common = entry.common();
    address = entry.begin();
    this.wanted = wanted;
    row = new FrameRow(common.returnAddress(), common.signal());
    initial = row;
  }

  static FrameRow run(FrameEntry entry, long address) throws NoUnwindException {
    FrameProgram program = new FrameProgram(entry, address);
    program.execute(entry.common().program().copy());
    program.initial = program.row.copy();
    program.execute(entry.program().copy());
    return program.row;
  }

  private void execute(Cursor code) throws NoUnwindException {
    while (code.hasMore()) {
      int instruction = code.u8();
      int low = instruction & 0x3f;
      switch (instruction >>> 6) {
        case 1 -> advance(low);
        case 2 -> row.set(low, Kind.OFFSET, code.uleb() * common.dataUnit());
        case 3 -> row.restore(low, initial);
        default -> extended(low, code);
      }
      if (Long.compareUnsigned(address, wanted) > 0) {
        return;
      }
    }
  }

  /**
   * To the next row. The instructions behind it are not for the address that is wanted if it is
   * beyond.
   */
  private void advance(long units) {
    address += units * common.codeUnit();
  }

  private void extended(int instruction, Cursor code) throws NoUnwindException {
    switch (instruction) {
      case 0x00 -> {} // DW_CFA_nop
      case 0x01 -> address = code.pointer(common.pointerEncoding(), 0); // set_loc
      case 0x02 -> advance(code.u8());
      case 0x03 -> advance(code.u16());
      case 0x04 -> advance(code.u32());
      case 0x05 -> row.set(register(code), Kind.OFFSET, code.uleb() * common.dataUnit());
      case 0x06 -> row.restore(register(code), initial);
      case 0x07 -> row.set(register(code), Kind.UNDEFINED, 0);
      case 0x08 -> row.set(register(code), Kind.SAME, 0);
      case 0x09 -> row.set(register(code), Kind.REGISTER, register(code));
      case 0x0a -> remember();
      case 0x0b -> recall();
      case 0x0c -> row.setCfa(register(code), code.uleb());
      case 0x0d -> row.setCfaRegister(register(code));
      case 0x0e -> row.setCfaOffset(code.uleb());
      case 0x0f -> row.setCfa(code.take(code.uleb()));
      case 0x10 -> row.set(register(code), Kind.EXPRESSION, code.take(code.uleb()));
      case 0x11 -> row.set(register(code), Kind.OFFSET, code.sleb() * common.dataUnit());
      case 0x12 -> row.setCfa(register(code), code.sleb() * common.dataUnit());
      case 0x13 -> row.setCfaOffset(code.sleb() * common.dataUnit());
      case 0x14 -> row.set(register(code), Kind.VALUE_OFFSET, code.uleb() * common.dataUnit());
      case 0x15 -> row.set(register(code), Kind.VALUE_OFFSET, code.sleb() * common.dataUnit());
      case 0x16 -> row.set(register(code), Kind.VALUE_EXPRESSION, code.take(code.uleb()));
      // DW_CFA_AARCH64_negate_ra_state: the signature of a return address is masked in any case.
      case 0x2d -> {}
      case 0x2e -> code.uleb(); // DW_CFA_GNU_args_size
      case 0x2f -> row.set(register(code), Kind.OFFSET, -code.uleb() * common.dataUnit());
      default -> throw new NoUnwindException("An instruction is not known");
    }
  }

  private static int register(Cursor code) throws NoUnwindException {
    long register = code.uleb();
    return register >= 0 && register < Integer.MAX_VALUE ? (int) register : Integer.MAX_VALUE;
  }

  private void remember() throws NoUnwindException {
    if (remembered.size() == MOST_REMEMBERED) {
      throw new NoUnwindException("Too many rows are remembered");
    }
    remembered.push(row.copy());
  }

  private void recall() throws NoUnwindException {
    if (remembered.isEmpty()) {
      throw new NoUnwindException("No row is remembered");
    }
    row = remembered.pop();
  }
}
