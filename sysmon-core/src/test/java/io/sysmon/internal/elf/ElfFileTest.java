package io.sysmon.internal.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.spi.DwarfRegisters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Files of programs, whole and damaged. */
class ElfFileTest {
  /** The program that runs this test. */
  private static final byte[] PROGRAM = program();

  private static final DwarfRegisters REGISTERS =
      new DwarfRegisters(IntStream.range(0, 33).mapToObj(n -> "r" + n).toList(), 7, 6, -1);

  private static byte[] program() {
    try {
      return Files.readAllBytes(Path.of("/proc/self/exe"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ElfFile read(byte[] file) throws IOException {
    return ElfFile.read(
        (offset, length) ->
            offset >= file.length
                ? new byte[0]
                : Arrays.copyOfRange(
                    file, (int) offset, (int) Math.min(file.length, offset + length)));
  }

  /** Asks all that can be asked of each place in the file; counts what is answered. */
  private static int answers(ElfFile file, long seed) {
    Random random = new Random(seed);
    int answers = 0;
    for (int offset = 0; offset < PROGRAM.length; offset += 16) {
      answers += isAnswered(file, offset, random) ? 1 : 0;
    }
    return answers;
  }

  private static boolean isAnswered(ElfFile file, long offset, Random random) {
    boolean answered = false;
    try {
      long address = file.address(offset);
      answered = file.function(address) != null;
      FrameRow row = file.row(address);
      answered = true;
      Frame frame = Frame.innermost(REGISTERS, address, random.longs(33).toArray());
      for (int depth = 0; depth < 3; depth++) {
        frame = frame.caller(row, where -> random.nextLong());
      }
    } catch (NoUnwindException e) {
      return answered;
    }
    return answered;
  }

  @Test
  void aWholeFileTellsOfItsCode() throws IOException {
    assertTrue(answers(read(PROGRAM), 0) > 10);
  }

  @Property(tries = 250)
  void aDamagedFileIsNoFailure(@ForAll @IntRange(min = 1, max = 300) int damages, @ForAll long seed)
      throws IOException {
    byte[] damaged = PROGRAM.clone();
    Random random = new Random(seed);
    for (int i = 0; i < damages; i++) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
    }
    answers(read(damaged), seed);
  }

  @Property(tries = 250)
  void aDamagedHeaderIsNoFailure(
      @ForAll @IntRange(min = 4, max = 1000) int where, @ForAll byte value, @ForAll long seed)
      throws IOException {
    byte[] damaged = PROGRAM.clone();
    damaged[where] = value;
    answers(read(damaged), seed);
  }

  @Property(tries = 100)
  void aFileThatIsCutOffIsNoFailure(@ForAll @IntRange(max = 20_000) int length) throws IOException {
    answers(read(Arrays.copyOf(PROGRAM, Math.min(length, PROGRAM.length))), length);
  }

  @Property(tries = 500)
  void anyBytesAreNoFailureAsDescriptionsOfFrames(@ForAll byte[] bytes, @ForAll byte at) {
    Section garbage = new Section(0, bytes);
    for (FrameTable table :
        List.of(new FrameTable(garbage, null), new FrameTable(garbage, garbage))) {
      try {
        assertNotNull(table.row(at));
      } catch (NoUnwindException e) {
        assertTrue(String.valueOf(e.getMessage()).length() > 10);
      }
    }
  }

  @Test
  void aFileOfAnotherClassIsToldApart() throws IOException {
    byte[] other = PROGRAM.clone();
    other[4] = 1;
    assertTrue(read(other).is32());
    assertThrows(NoUnwindException.class, () -> read(other).address(0));
    assertEquals(0, answers(read(other), 0));
  }
}
