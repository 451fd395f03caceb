package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Compares with what strace 6.1 printed for the same registers and memory. */
class StraceLinesTest {
  private static final int MEMORY_SIZE = 0x10000;

  private final TimeZone zone = TimeZone.getDefault();

  @BeforeEach
  void setTheTimeZoneInWhichTheLinesWereRecorded() {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
  }

  @AfterEach
  void restoreTheTimeZone() {
    TimeZone.setDefault(zone);
  }

  @Test
  void everyRecordedLineIsReproduced() {
    List<String> otherwise = new ArrayList<>();
    List<String> printedInstead = new ArrayList<>();
    FakeMemory memory = new FakeMemory(MEMORY_SIZE);
    for (String line : SyscallTable.lines("strace-lines.txt")) {
      if (line.startsWith("memory")) {
        byte[] content = HexFormat.of().parseHex(line.substring("memory".length()).trim());
        memory = new FakeMemory(MEMORY_SIZE).put(0, content);
      } else if (!line.isEmpty() && !line.startsWith("#")) {
        int bar = line.indexOf(" | ");
        String expected = line.substring(bar + 3);
        String printed = format(line.substring(0, bar).trim().split(" ", -1), memory);
        if (!expected.equals(printed)) {
          otherwise.add(expected);
          printedInstead.add(printed);
        }
      }
    }
    assertEquals(String.join("\n", otherwise), String.join("\n", printedInstead));
  }

  private static String format(String[] words, MemoryReader memory) {
    SyscallSignature call = SyscallTable.get().abi(words[0]).byName(words[2]).orElseThrow();
    boolean verbose = words[1].endsWith("v");
    int limit = Integer.parseInt(words[1].replace("v", ""));
    FormatOptions options = new FormatOptions(limit, FormatOptions.HexStrings.NONE, verbose);
    SyscallFormatter formatter = new SyscallFormatter(options);
    long result = Long.parseLong(words[3]);
    long[] registers = new long[6];
    for (int index = 4; index < words.length; index++) {
      registers[index - 4] = Long.parseUnsignedLong(words[index], 16);
    }
    StringBuilder out = new StringBuilder();
    PendingCall pending = formatter.enter(call, registers, memory, out);
    formatter.exit(pending, result, memory, out);
    formatter.result(pending, result, memory, out.append(" = "));
    return out.toString();
  }
}
