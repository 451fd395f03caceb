package io.sysmon.decode;

/**
 * What a program does at a signal, sigaction(2), as the kernel takes it.
 *
 * <pre>{@code
 * rt_sigaction  handler flags restorer mask:8      words of the ABI, but for the mask
 * sigaction     handler mask flags restorer        4 bytes each (i386)
 * }</pre>
 *
 * @param handler the address of the function; {@link #SIG_DFL} or {@link #SIG_IGN}
 * @param mask the signals that are blocked meanwhile
 * @param flags {@code SA_RESTART} and so on; glibc sets all bits above the 32nd of 64 with {@code
 *     SA_RESETHAND}, whose sign it extends
 * @param restorer where the handler returns to, with {@code SA_RESTORER}
 */
public record SigAction(long handler, SignalSet mask, Flags flags, long restorer) {
  /** The handler that stands for what the signal does by itself. */
  public static final long SIG_DFL = 0;

  /** The handler that stands for nothing. */
  public static final long SIG_IGN = 1;

  static final int OLD_SIZE = 16;

  private static final int MASK_SIZE = 8;
  private static final long SA_RESTORER = 0x0400_0000L;

  static int size(AbiLayout abi) {
    return 3 * abi.wordSize() + MASK_SIZE;
  }

  static SigAction of(StructBytes action) {
    int word = action.abi().wordSize();
    return new SigAction(
        action.word(0),
        new SignalSet(action.i64(3 * word), 64),
        action.flags("sa_flags", action.word(word)),
        action.word(2 * word));
  }

  static SigAction old(StructBytes action) {
    return new SigAction(
        action.word(0),
        new SignalSet(action.u32(4), 32),
        action.flags("sa_flags", action.u32(8)),
        action.u32(12));
  }

  boolean hasRestorer() {
    return (flags.value() & SA_RESTORER) != 0;
  }
}
