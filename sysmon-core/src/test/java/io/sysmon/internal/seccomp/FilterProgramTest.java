package io.sysmon.internal.seccomp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.internal.seccomp.CallRule.ArgumentTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FilterProgramTest {
  private static final int X86_64 = 0xc000003e;
  private static final int I386 = 0x40000003;
  private static final int ARM = 0x40000028;
  private static final int X32_BIT = 0x40000000;
  private static final CallRule TRACE = CallRule.trace(0x1234);

  /** What the program means, said in the plainest way. */
  private record Table(Map<Integer, CallRule> rules, CallRule others) {
    CallRules compiled(int arch) {
      return new CallRules(arch, rules, others);
    }

    int answer(int number, long[] arguments) {
      return meaning(rules.getOrDefault(number, others), arguments);
    }
  }

  private static int meaning(CallRule rule, long[] arguments) {
    ArgumentTest test = rule.test();
    boolean holds =
        test == null || ((int) arguments[test.argument()] & test.mask()) == test.value();
    return holds ? rule.action() : CallRule.RET_ALLOW;
  }

  @Property
  void everyCallIsAnsweredAsTheTablesSay(
      @ForAll("tables") Table native64,
      @ForAll("tables") Table compat32,
      @ForAll("rules") CallRule others,
      @ForAll("numbers") int anyNumber,
      @ForAll("arguments") long[] arguments) {
    ClassicBpf filter = filter(List.of(native64.compiled(X86_64), compat32.compiled(I386)), others);
    for (int number : interesting(native64, compat32, anyNumber)) {
      assertEquals(
          native64.answer(number, arguments), filter.run(number, X86_64, arguments).action());
      assertEquals(
          compat32.answer(number, arguments), filter.run(number, I386, arguments).action());
      assertEquals(meaning(others, arguments), filter.run(number, ARM, arguments).action());
    }
  }

  private static ClassicBpf filter(List<CallRules> rules, CallRule others) {
    return new ClassicBpf(FilterProgram.of(rules, others).bytes());
  }

  /** The numbers with a rule, and their neighbours. */
  private static Set<Integer> interesting(Table one, Table other, int more) {
    Set<Integer> numbers = new HashSet<>(List.of(more, 0, -1, X32_BIT, Integer.MAX_VALUE));
    for (Table table : List.of(one, other)) {
      for (int number : table.rules.keySet()) {
        numbers.addAll(List.of(number - 1, number, number + 1));
      }
    }
    return numbers;
  }

  @Provide
  Arbitrary<Table> tables() {
    return Combinators.combine(
            Arbitraries.maps(numbers(), rules()).ofMaxSize(200), Arbitraries.of(some()))
        .as(Table::new);
  }

  @Provide
  Arbitrary<CallRule> rules() {
    return Arbitraries.of(some());
  }

  private static List<CallRule> some() {
    return List.of(
        CallRule.ALLOW,
        TRACE,
        CallRule.fail(28),
        TRACE.when(new ArgumentTest(0, 0x00800000, 0x00800000)),
        TRACE.when(new ArgumentTest(5, -1, 0xaa00)));
  }

  @Provide
  Arbitrary<Integer> numbers() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(0, 480),
        Arbitraries.integers().between(0, 550).map(number -> number | X32_BIT),
        Arbitraries.integers());
  }

  @Provide
  Arbitrary<long[]> arguments() {
    Arbitrary<Long> values =
        Arbitraries.oneOf(
            Arbitraries.longs(), Arbitraries.of(0L, 0x00800000L, 0xaa00L, 0xffff_ffff_0000_aa00L));
    return values.array(long[].class).ofSize(6);
  }

  @Test
  void numberMinusOneIsBeyondEveryTable() {
    ClassicBpf filter =
        filter(List.of(new CallRules(X86_64, Map.of(1, TRACE), CallRule.ALLOW)), TRACE);
    assertEquals(CallRule.RET_ALLOW, filter.run(-1, X86_64).action());
  }

  @Test
  void thatTheLastNumberHasARuleIsNoEndOfIt() {
    ClassicBpf filter =
        filter(List.of(new CallRules(X86_64, Map.of(-1, TRACE), CallRule.ALLOW)), TRACE);
    assertEquals(TRACE.action(), filter.run(-1, X86_64).action());
    assertEquals(CallRule.RET_ALLOW, filter.run(-2, X86_64).action());
  }

  @Test
  void aCallIsFoundInAsManyStepsAsTheTreeIsHigh() {
    Map<Integer, CallRule> everyOther = new HashMap<>();
    for (int number = 1; number < 512; number += 2) {
      everyOther.put(number, TRACE);
      everyOther.put(number | X32_BIT, TRACE);
    }
    ClassicBpf filter =
        filter(List.of(new CallRules(X86_64, everyOther, CallRule.ALLOW)), CallRule.ALLOW);
    for (int number = 0; number < 512; number++) {
      int steps = filter.run(number, X86_64).steps();
      assertTrue(steps <= 3 + 2 * 11 + 1, "number " + number + " took " + steps);
    }
  }

  @Test
  void aTableThatTheKernelWouldNotTakeIsRefused() {
    Map<Integer, CallRule> everyOther = new HashMap<>();
    for (int number = 0; number < 4096; number += 2) {
      everyOther.put(number, TRACE);
    }
    CallRules rules = new CallRules(X86_64, everyOther, CallRule.ALLOW);
    assertThrows(
        FilterTooLongException.class, () -> FilterProgram.of(List.of(rules), CallRule.ALLOW));
  }

  @Test
  void anInstructionIsLaidOutAsInTheKernelsHeader() {
    FilterProgram program = FilterProgram.of(List.of(), CallRule.fail(28));
    ByteBuffer expected = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
    expected.putShort((short) 0x20).putShort((short) 0).putInt(4);
    expected.putShort((short) 0x06).putShort((short) 0).putInt(0x0005001c);
    assertEquals(2, program.length());
    assertArrayEquals(expected.array(), program.bytes());
  }

  @Test
  void errnosAndDataThatWouldChangeTheActionAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> CallRule.fail(4096));
    assertThrows(IllegalArgumentException.class, () -> CallRule.fail(0));
    assertThrows(IllegalArgumentException.class, () -> CallRule.trace(0x10000));
    assertThrows(IllegalArgumentException.class, () -> new ArgumentTest(6, -1, 0));
  }
}
