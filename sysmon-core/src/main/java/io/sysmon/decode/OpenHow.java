package io.sysmon.decode;

/**
 * {@code struct open_how}, openat2(2): three times 64 bits.
 *
 * @param flags as for open(2)
 * @param mode the permissions of a file that is made; its bits are as the program gave them
 * @param resolve how the path may be resolved
 */
public record OpenHow(Flags flags, long mode, Flags resolve) {
  static final int SIZE = 24;

  static OpenHow of(StructBytes how) {
    return new OpenHow(
        how.flags("open_flags", how.i64(0)),
        how.i64(8),
        how.flags("open_how_resolve", how.i64(16)));
  }
}
