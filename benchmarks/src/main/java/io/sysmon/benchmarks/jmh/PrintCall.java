package io.sysmon.benchmarks.jmh;

import io.sysmon.decode.FormatOptions;
import io.sysmon.decode.MemoryReader;
import io.sysmon.decode.PendingCall;
import io.sysmon.decode.SyscallFormatter;
import io.sysmon.decode.SyscallNumbers;
import io.sysmon.decode.SyscallSignature;
import io.sysmon.decode.SyscallTable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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

/** The line that the command line prints for a call: with its arguments and its result. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PrintCall {
  private static final SyscallNumbers CALLS = SyscallTable.get().abi("x86_64");
  private static final byte[] TEXT =
      "/usr/lib/x86_64-linux-gnu\0".getBytes(StandardCharsets.US_ASCII);
  private static final long MAPPED = 0x7000_0000L;

  /** A call without pointers, one with a path, one with a buffer, one with a structure. */
  @Param({"close", "openat", "write", "newfstatat"})
  private String call = "";

  private final SyscallFormatter formatter = new SyscallFormatter(FormatOptions.DEFAULT);
  private final MemoryReader memory = PrintCall::read;
  private final StringBuilder line = new StringBuilder();
  private final long[] arguments = {3, MAPPED, MAPPED, 0, 0, 0};
  private SyscallSignature signature = CALLS.byNumber(0);

  /** Looks the call up. */
  @Setup
  public void find() {
    signature = CALLS.byName(call).orElseThrow();
    arguments[2] = call.equals("write") ? TEXT.length : MAPPED;
  }

  /**
   * Prints entry, exit and result.
   *
   * @return how long the line is
   */
  @Benchmark
  public int print() {
    line.setLength(0);
    PendingCall pending = formatter.enter(signature, arguments, memory, line);
    formatter.exit(pending, 0, memory, line);
    formatter.result(pending, 0, memory, line.append(" = "));
    return line.length();
  }

  /** Every page holds the same text, and zeros. */
  private static int read(long address, byte[] into, int offset, int length) {
    int text = Math.min(length, TEXT.length);
    System.arraycopy(TEXT, 0, into, offset, text);
    Arrays.fill(into, offset + text, offset + length, (byte) 0);
    return length;
  }
}
