package io.sysmon.decode;

/**
 * {@code stack_t}, sigaltstack(2): words of the ABI, the flags 4 bytes.
 *
 * @param address where the stack begins, its lowest byte
 * @param flags {@code SS_DISABLE} and so on
 * @param size its bytes
 */
public record SignalStack(long address, Flags flags, long size) {
  static int size(AbiLayout abi) {
    return 3 * abi.wordSize();
  }

  static SignalStack of(StructBytes stack) {
    int word = stack.abi().wordSize();
    return new SignalStack(
        stack.word(0), stack.flags("ss_flags", stack.u32(word)), stack.word(2 * word));
  }
}
