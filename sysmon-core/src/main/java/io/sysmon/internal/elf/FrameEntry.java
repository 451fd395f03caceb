package io.sysmon.internal.elf;

/**
 * The description of one function's frames, an FDE.
 *
 * @param begin the address of the function's code
 * @param end where it ends
 * @param common what it has in common with others
 * @param program its instructions
 */
record FrameEntry(long begin, long end, Common common, Cursor program) {
  private static final int ABSOLUTE = 0;

  /**
   * What several functions have in common, a CIE.
   *
   * @param codeUnit by what advances in the code are divided
   * @param dataUnit by what offsets are divided
   * @param returnAddress the column of the return address
   * @param pointerEncoding how addresses of code are stored
   * @param augmented whether entries have more data, of a length that they tell
   * @param signal whether the frames are those that the kernel makes for a signal: their caller was
   *     interrupted, and did not call
   * @param program its instructions
   */
  record Common(
      long codeUnit,
      long dataUnit,
      int returnAddress,
      int pointerEncoding,
      boolean augmented,
      boolean signal,
      Cursor program) {
    static Common read(Cursor cursor) throws NoUnwindException {
      if (cursor.s32() != 0) {
        throw new NoUnwindException("This is no CIE");
      }
      int version = cursor.u8();
      if (version != 1 && version != 3) {
        throw new NoUnwindException("A CIE is of an unknown version");
      }
      String augmentation = cursor.string();
      long codeUnit = cursor.uleb();
      long dataUnit = cursor.sleb();
      int returnAddress = version == 1 ? cursor.u8() : (int) cursor.uleb();
      int encoding = ABSOLUTE;
      boolean signal = false;
      boolean augmented = augmentation.startsWith("z");
      if (augmented) {
        Cursor data = cursor.take(cursor.uleb());
        for (int i = 1; i < augmentation.length(); i++) {
          switch (augmentation.charAt(i)) {
            case 'R' -> encoding = data.u8();
            case 'L' -> data.u8();
            case 'P' -> data.number(data.u8());
            case 'S' -> signal = true;
            // aarch64: return addresses are signed by key B.
            case 'B' -> {}
            default -> throw new NoUnwindException("A CIE has an unknown augmentation");
          }
        }
      } else if (!augmentation.isEmpty()) {
        throw new NoUnwindException("A CIE has an unknown augmentation");
      }
      return new Common(
          codeUnit, dataUnit, returnAddress, encoding, augmented, signal, cursor.copy());
    }
  }

  /**
   * Reads an entry.
   *
   * @param cursor behind what tells which CIE it belongs to
   */
  static FrameEntry read(Common common, Cursor cursor) throws NoUnwindException {
    long begin = cursor.pointer(common.pointerEncoding, 0);
    long size = cursor.number(common.pointerEncoding);
    if (common.augmented) {
      cursor.skip(cursor.uleb());
    }
    return new FrameEntry(begin, begin + size, common, cursor.copy());
  }

  boolean covers(long address) {
    return Long.compareUnsigned(begin, address) <= 0 && Long.compareUnsigned(address, end) < 0;
  }
}
