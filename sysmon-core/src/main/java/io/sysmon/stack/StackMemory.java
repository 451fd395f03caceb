package io.sysmon.stack;

import io.sysmon.TraceeMemory;
import io.sysmon.internal.elf.NoUnwindException;
import io.sysmon.internal.elf.Words;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** The memory of a stopped task, read page by page and each page once. */
final class StackMemory implements Words {
  private static final int PAGE = 4096;

  private final TraceeMemory memory;
  private final Map<Long, ByteBuffer> pages = new HashMap<>();

  StackMemory(TraceeMemory memory) {
    this.memory = memory;
  }

  @Override
  public long word(long address) throws NoUnwindException {
    int inPage = (int) (address & (PAGE - 1));
    ByteBuffer page = pages.computeIfAbsent(address - inPage, this::read);
    if (inPage + Long.BYTES <= page.limit()) {
      return page.getLong(inPage);
    }
    byte[] word = new byte[Long.BYTES];
    if (memory.read(address, word, 0, word.length) < word.length) {
      throw new NoUnwindException("The stack cannot be read");
    }
    return ByteBuffer.wrap(word).order(ByteOrder.nativeOrder()).getLong();
  }

  private ByteBuffer read(long address) {
    byte[] page = new byte[PAGE];
    int size = memory.read(address, page, 0, PAGE);
    return ByteBuffer.wrap(page, 0, size).order(ByteOrder.nativeOrder());
  }
}
