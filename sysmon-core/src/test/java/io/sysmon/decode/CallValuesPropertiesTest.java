package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.sysmon.ArgumentKindException;
import io.sysmon.BadAddressException;
import io.sysmon.IllegalTraceeStateException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Whatever a program passes to the kernel, there is a value or one of the documented exceptions.
 */
class CallValuesPropertiesTest extends AnyProgram {
  @Property(tries = 12)
  void everyArgumentOfEveryCallIsRead(
      @ForAll("registers") long[] registers,
      @ForAll("memories") byte[] memory,
      @ForAll("results") long result) {
    FakeMemory mapped = filledWith(memory);
    for (String abi : ABIS) {
      SyscallNumbers numbers = SyscallTable.get().abi(abi);
      for (SyscallSignature call : numbers.all()) {
        read(CallValues.entering(call, registers, mapped));
        read(CallValues.exiting(call, registers, result, mapped));
      }
      read(CallValues.entering(numbers.byNumber(registers[0]), registers, mapped));
    }
  }

  private static void read(CallValues values) {
    for (Argument argument : values.signature().arguments()) {
      assertFalse(values.describe(argument).isEmpty());
      tryTo(() -> values.number(argument));
      tryTo(() -> values.path(argument));
      tryTo(
          () ->
              values
                  .values(argument, Object.class)
                  .forEach(value -> assertNotNull(value.toString())));
      tryTo(() -> values.value(argument, Object.class));
    }
  }

  private static void tryTo(Runnable read) {
    try {
      read.run();
    } catch (ArgumentKindException | BadAddressException | IllegalTraceeStateException e) {
      assertFalse(e.getMessage().isEmpty());
    }
  }
}
