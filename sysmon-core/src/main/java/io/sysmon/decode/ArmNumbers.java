package io.sysmon.decode;

import java.util.ArrayList;
import java.util.List;

/**
 * The system calls of 32-bit ARM programs, by number and name; their arguments are told as words.
 */
final class ArmNumbers {
  private static final String RESOURCE = "arm.txt";

  private ArmNumbers() {}

  static SyscallNumbers read() {
    List<SyscallSignature> calls = new ArrayList<>();
    List<String> lines = SyscallTable.lines(RESOURCE);
    for (int index = 0; index < lines.size(); index++) {
      List<Token> line = Token.split(RESOURCE, index + 1, lines.get(index));
      if (!line.isEmpty()) {
        calls.add(
            SyscallSignature.ofWords(AbiLayout.ARM, line.get(1).text(), line.get(0).number()));
      }
    }
    return new SyscallNumbers(AbiLayout.ARM, 0, calls);
  }
}
