package io.sysmon.decode;

/**
 * {@code struct epoll_event}, epoll_ctl(2). Packed on x86: {@code events 0:4 data 4:8}; elsewhere
 * the data is aligned to 8.
 *
 * @param events what is waited for, or has happened
 * @param data what the program has stored with the descriptor, 64 bits
 */
public record EpollEvent(Flags events, long data) {
  static int size(AbiLayout abi) {
    return abi == AbiLayout.AARCH64 ? 16 : 12;
  }

  static EpollEvent of(StructBytes event) {
    int data = event.abi() == AbiLayout.AARCH64 ? 8 : 4;
    return new EpollEvent(event.flags("epoll_events", event.u32(0)), event.i64(data));
  }
}
