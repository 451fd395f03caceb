package io.sysmon.benchmarks.jmh;

import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallTable;
import io.sysmon.internal.seccomp.CallRule;
import io.sysmon.internal.seccomp.CallRules;
import io.sysmon.internal.seccomp.FilterProgram;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The seccomp filter of a tracer's interests, which is built once a tracer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BuildFilter {
  private static final int AUDIT_ARCH_X86_64 = 0xc000003e;

  /**
   * How far apart the selected numbers are: few calls, or every second one, the largest program.
   */
  @Param({"40", "2"})
  private int distance;

  private final Map<Integer, CallRule> rules = new HashMap<>();

  /** Selects calls. */
  @Setup
  public void select() {
    SyscallNumbers numbers = SyscallTable.get().abi("x86_64");
    for (int index = 0; index < numbers.indexes() - 1; index += distance) {
      rules.put((int) numbers.at(index).number(), CallRule.trace(1));
    }
  }

  /**
   * Builds it.
   *
   * @return the program
   */
  @Benchmark
  public byte[] build() {
    CallRules calls = new CallRules(AUDIT_ARCH_X86_64, rules, CallRule.ALLOW);
    return FilterProgram.of(List.of(calls), CallRule.ALLOW).bytes();
  }
}
