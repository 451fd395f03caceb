package io.sysmon.internal.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class ArgumentBlockTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String stringAt(byte[] block, long base, long address) {
    int start = (int) (address - base);
    int end = start;
    while (block[end] != 0) {
      end++;
    }
    return new String(Arrays.copyOfRange(block, start, end), StandardCharsets.UTF_8);
  }

  private static List<String> arrayAt(byte[] block, long base, long address) {
    ByteBuffer words = ByteBuffer.wrap(block).order(ByteOrder.nativeOrder());
    List<String> strings = new ArrayList<>();
    for (int at = (int) (address - base); words.getLong(at) != 0; at += Long.BYTES) {
      strings.add(stringAt(block, base, words.getLong(at)));
    }
    return strings;
  }

  @Property
  void whatIsLaidOutIsReadBackByItsAddresses(
      @ForAll @StringLength(max = 40) @CharRange(from = 'a', to = 'ü') String path,
      @ForAll @Size(max = 20) List<@StringLength(max = 40) @CharRange(from = ' ', to = 'ÿ') String> argv,
      @ForAll @Size(max = 20) List<@CharRange(from = 'A', to = 'Z') String> envp) {
    ArgumentBlock block = new ArgumentBlock();
    int file = block.string(bytes(path));
    int arguments = block.array(argv.stream().map(ArgumentBlockTest::bytes).toList());
    int environment = block.array(envp.stream().map(ArgumentBlockTest::bytes).toList());
    long base = 0x7fff_1234_5000L;
    byte[] laidOut = block.layOut(base);
    assertEquals(block.size(), laidOut.length);
    assertEquals(path, stringAt(laidOut, base, block.stringAddress(base, file)));
    assertEquals(argv, arrayAt(laidOut, base, block.arrayAddress(base, arguments)));
    assertEquals(envp, arrayAt(laidOut, base, block.arrayAddress(base, environment)));
  }

  @Property
  void theBytesDoNotDependOnTheBaseButForThePointers(@ForAll @Size(max = 5) List<String> argv) {
    List<byte[]> texts = argv.stream().map(text -> bytes(text.replace("\0", ""))).toList();
    ArgumentBlock block = new ArgumentBlock();
    block.array(texts);
    int pointers = (argv.size() + 1) * Long.BYTES;
    byte[] one = block.layOut(0x1000);
    byte[] other = block.layOut(0x2000);
    assertArrayEquals(
        Arrays.copyOfRange(one, pointers, one.length),
        Arrays.copyOfRange(other, pointers, other.length));
  }
}
