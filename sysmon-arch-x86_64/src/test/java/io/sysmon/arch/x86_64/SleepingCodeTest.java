package io.sysmon.arch.x86_64;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sysmon.decode.SyscallTable;
import io.sysmon.spi.ParkingCode;
import io.sysmon.spi.RegisterLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What it does is shown by running it: KilledHandoverTest. */
class SleepingCodeTest {
  private static final long CODE = 0x7fff_0000_1000L;
  private static final long FRAME = CODE + 128;
  private final RegisterLayout layout = new X86_64().registers();
  private final ParkingCode code = new X86_64().parkingCode().orElseThrow();

  /** Each register has its offset plus 1000; the call that the task is leaving has returned 0. */
  private byte[] registers() {
    byte[] registers = new byte[layout.size()];
    for (String name : layout.names()) {
      int offset = layout.offset(name);
      littleEndian(registers).putLong(offset, 1000 + offset);
    }
    littleEndian(registers).putLong(layout.result(), 0);
    return registers;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private long number(String call) {
    return SyscallTable.get().abi("x86_64").number(call);
  }

  @Test
  void itsSizesAreWhatItHas() {
    byte[] bytes = code.code(1, false);
    assertEquals(code.size(), bytes.length);
    assertEquals(code.frameSize(), code.frame(registers(), 0).length);
    assertEquals(0, code.size() % Long.BYTES);
    assertEquals(0, code.frameSize() % Long.BYTES);
  }

  @Test
  void itsCallsAreThoseThatItNames() {
    ByteBuffer bytes = littleEndian(code.code(1, false));
    assertEquals(
        List.of(number("ppoll"), number("getpgid"), number("rt_sigprocmask")),
        List.of((long) bytes.getInt(32), (long) bytes.getInt(10), (long) bytes.getInt(59)));
    assertEquals(List.of("ppoll", "getpgid", "rt_sigprocmask", "restart_syscall"), code.calls());
  }

  @Test
  void oneInstructionTellsWhetherItEndsTheProgram() {
    byte[] ends = code.code(4711, true);
    byte[] goesOn = code.code(4711, false);
    assertEquals(38, Arrays.mismatch(ends, goesOn));
    assertEquals((byte) 0xf4, ends[38]);
    assertEquals(
        -1,
        Arrays.mismatch(Arrays.copyOfRange(ends, 39, 128), Arrays.copyOfRange(goesOn, 39, 128)));
    assertEquals(4711, littleEndian(ends).getLong(104));
  }

  @Test
  void aTaskGoesToSleepAtItsBeginningAndInNoCall() {
    byte[] own = registers();
    ByteBuffer asleep = littleEndian(code.asleep(own, CODE, FRAME, 30));
    assertEquals(CODE, asleep.getLong(layout.offset("rip")));
    assertEquals(-1, asleep.getLong(layout.offset("orig_rax")));
    assertEquals(number("ppoll"), asleep.getLong(layout.offset("rax")));
    assertEquals(CODE + 112, asleep.getLong(layout.offset("rdx")));
    assertEquals(FRAME, asleep.getLong(layout.offset("r8")));
    assertEquals(60, asleep.getLong(layout.offset("r9")));
    assertEquals(1000 + layout.offset("rsp"), asleep.getLong(layout.offset("rsp")));
    assertArrayEquals(registers(), own);
  }

  @Test
  void aFrameHasMaskInstructionPointerAndWhatTheCodeChanges() {
    ByteBuffer frame = littleEndian(code.frame(registers(), 0x200));
    assertEquals(0x200, frame.getLong(16));
    assertEquals(1000 + layout.offset("rip"), frame.getLong(24));
    assertEquals(0, frame.getLong(32));
    int at = 40;
    for (String name : List.of("rdi", "rsi", "rdx", "r10", "r9", "rcx", "r11", "r8")) {
      assertEquals(1000 + layout.offset(name), frame.getLong(at), name);
      at += Long.BYTES;
    }
    assertEquals(code.frameSize(), at);
  }

  /** The codes of linux/errno.h. */
  @ParameterizedTest
  @CsvSource({
    "-512, 7, 7, 2",
    "-513, 7, 7, 2",
    "-514, 7, 7, 2",
    "-516, 7, 219, 2",
    "-515, 7, -515, 0",
    "-4, 7, -4, 0",
    "512, 7, 512, 0",
    "-512, -1, -512, 0",
    "-516, -1, -516, 0"
  })
  void anInterruptedCallIsMadeAgain(long result, long number, long rax, long back) {
    byte[] own = registers();
    littleEndian(own).putLong(layout.result(), result).putLong(layout.enteredNumber(), number);
    ByteBuffer frame = littleEndian(code.frame(own, 0));
    assertEquals(rax, frame.getLong(32));
    assertEquals(1000 + layout.offset("rip") - back, frame.getLong(24));
    assertNotEquals(0, frame.getLong(0));
  }
}
