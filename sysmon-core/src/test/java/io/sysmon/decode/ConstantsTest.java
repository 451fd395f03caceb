package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ConstantsTest {
  private static final ConstantSets X86 = ConstantSets.of(AbiLayout.X86_64);
  private static final ConstantSets ARM64 = ConstantSets.of(AbiLayout.AARCH64);

  @Test
  void bitsArePrintedInTheOrderOfTheSet() {
    assertEquals("O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY", flags(X86, "open_flags", 0x90800));
    assertEquals("PROT_READ|PROT_EXEC", flags(X86, "mmap_prot", 5));
  }

  @Test
  void theFlagsOfOpenDifferOnAarch64() {
    assertEquals("O_RDONLY|O_DIRECTORY", flags(X86, "open_flags", 0x10000));
    assertEquals("O_RDONLY|O_DIRECT", flags(ARM64, "open_flags", 0x10000));
    assertEquals("O_RDONLY|O_DIRECTORY", flags(ARM64, "open_flags", 0x4000));
    assertEquals("O_RDONLY|O_NOFOLLOW", flags(ARM64, "open_flags", 0x8000));
    assertEquals("O_RDONLY|O_LARGEFILE", flags(ARM64, "open_flags", 0x20000));
    assertEquals("O_RDWR|O_TMPFILE", flags(ARM64, "open_flags", 0x404002));
  }

  @Test
  void aNameThatAnAbiDoesNotHaveIsNotPrinted() {
    assertEquals("MAP_FILE|MAP_32BIT", flags(X86, "mmap_flags", 0x40));
    assertEquals("MAP_FILE|0x40", flags(ARM64, "mmap_flags", 0x40));
    assertEquals("PROT_BTI", flags(ARM64, "mmap_prot", 0x10));
  }

  @Test
  void whatHasNoNameIsANumber() {
    assertEquals("PROT_READ|0x40", flags(X86, "mmap_prot", 0x41));
    assertEquals("0x40 /* PROT_??? */", flags(X86, "mmap_prot", 0x40));
    assertEquals("PROT_NONE", flags(X86, "mmap_prot", 0));
    assertEquals("0", flags(X86, "msync", 0));
    assertEquals("0x63 /* SEEK_??? */", value("seek", 0x63));
    assertEquals("SEEK_END", value("seek", 2));
  }

  @Test
  void aFieldIsANumberAmongBits() {
    assertEquals("O_ACCMODE|O_APPEND", flags(X86, "open_flags", 0x403));
    assertEquals("MAP_SHARED|MAP_FIXED", flags(X86, "mmap_flags", 0x11));
    assertEquals("0x4 /* MAP_??? */|MAP_EXECUTABLE", flags(X86, "mmap_flags", 0x1004));
  }

  @Property
  void everyBitOfANumberIsPrinted(@ForAll long value) {
    String text = flags(X86, "clone_flags", value);
    long sum = 0;
    for (String part : text.split("\\|", -1)) {
      String word = part.split(" ", -1)[0];
      sum |=
          X86.get("clone_flags").entries().stream()
              .filter(entry -> entry.name().equals(word))
              .mapToLong(ConstantSet.Entry::value)
              .findFirst()
              .orElseGet(() -> Long.parseUnsignedLong(word.replace("0x", ""), 16));
    }
    assertEquals(value, sum, text);
  }

  @Test
  void everySetThatTheTableNamesExists() {
    TreeSet<String> missing = new TreeSet<>();
    for (String abi : List.of("x86_64", "i386", "aarch64")) {
      for (SyscallSignature call : SyscallTable.get().abi(abi).all()) {
        for (Argument argument : call.arguments()) {
          if (List.of("flags", "flags64", "enum", "ipc_flags", "ipc_cmd")
                  .contains(argument.kind().name())
              && !X86.has(argument.kind().type())) {
            missing.add(argument.kind().type());
          }
        }
      }
    }
    assertEquals(new TreeSet<>(), missing);
  }

  @Test
  void aFaultyTableIsRefusedWithThePlace() {
    assertProblem("c:1:1: a set begins with its [name]", "A 1");
    assertProblem("c:2:1: a constant has a name and a value", "[a]", "A");
    assertProblem("c:2:3: 'x' is not a number", "[a]", "A x");
    assertProblem("c:2:5: an override is written abi=value", "[a]", "A 1 2");
    assertProblem("c:2:1: the set [a] exists already", "[a]", "[a]");
    assertProblem("c:1:1: a set begins with [name] and at most one more word", "[a");
    assertProblem("c:2:9: no other set of c is named 'b'", "[a]", "include b");
    assertProblem(
        "c:5:9: 'b' includes a set itself", "[b]", "include c", "[c]", "[a]", "include b");
  }

  private static void assertProblem(String message, String... lines) {
    BadTableException e =
        assertThrows(
            BadTableException.class,
            () -> {
              ConstantsParser parser = new ConstantsParser("c", List.of(lines));
              ConstantSets sets = parser.sets(AbiLayout.X86_64);
              assertTrue(sets.has("a"));
            });
    assertEquals(message, e.getMessage());
  }

  private static String flags(ConstantSets sets, String set, long value) {
    StringBuilder out = new StringBuilder();
    sets.get(set).appendFlags(out, value);
    return out.toString();
  }

  private static String value(String set, long value) {
    StringBuilder out = new StringBuilder();
    X86.get(set).appendValue(out, value);
    return out.toString();
  }
}
