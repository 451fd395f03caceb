package io.sysmon.internal.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A classic BPF program that answers system calls by their ABI and number. Immutable.
 *
 * <p>It looks at the architecture first: a number means nothing without it (seccomp(2)). The number
 * is then found in a balanced tree of comparisons. From Linux 5.11 on the kernel finds out once
 * which calls are allowed whatever their arguments, and does not run the program for these
 * (kernel/seccomp.c, seccomp_is_const_allow()); it knows the instructions that are used here.
 *
 * <pre>{@code
 * struct seccomp_data {            offset
 *   int   nr;                           0
 *   __u32 arch;                         4
 *   __u64 instruction_pointer;          8
 *   __u64 args[6];                     16
 * };
 * }</pre>
 */
public final class FilterProgram {
  /** {@code BPF_MAXINSNS} of linux/bpf_common.h. */
  public static final int MAX_LENGTH = 4096;

  private static final int NUMBER_OFFSET = 0;
  private static final int ARCH_OFFSET = 4;
  private static final int ARGUMENTS_OFFSET = 16;
  private static final int LOWER_HALF = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 4;
  private static final int MAX_CONDITIONAL_JUMP = 255;

  private final List<Instruction> instructions;

  private FilterProgram(List<Instruction> instructions) {
    this.instructions = instructions;
  }

  /**
   * Builds a program.
   *
   * @param architectures the most frequent one first
   * @param others for calls of any other architecture
   * @throws FilterTooLongException when the kernel would not take it
   */
  public static FilterProgram of(List<CallRules> architectures, CallRule others) {
    List<Instruction> program = new ArrayList<>();
    program.add(Instruction.of(Instruction.LOAD, ARCH_OFFSET));
    for (CallRules rules : architectures) {
      List<Instruction> calls = new ArrayList<>();
      calls.add(Instruction.of(Instruction.LOAD, NUMBER_OFFSET));
      calls.addAll(tree(rules.ranges()));
      addBranch(program, Instruction.IF_EQUAL, rules.auditArch(), calls);
    }
    program.addAll(leaf(others));
    if (program.size() > MAX_LENGTH) {
      throw new FilterTooLongException(program.size());
    }
    return new FilterProgram(List.copyOf(program));
  }

  /** Finds the range that a number is in. */
  private static List<Instruction> tree(List<CallRules.Range> ranges) {
    if (ranges.size() == 1) {
      return leaf(ranges.get(0).rule());
    }
    int middle = ranges.size() / 2;
    List<Instruction> upper = tree(ranges.subList(middle, ranges.size()));
    List<Instruction> found = new ArrayList<>();
    addBranch(found, Instruction.IF_NOT_BELOW, ranges.get(middle).first(), upper);
    found.addAll(tree(ranges.subList(0, middle)));
    return found;
  }

  /** What to do when the test is true; when it is false, the program goes on behind it. */
  private static void addBranch(
      List<Instruction> program, int test, int operand, List<Instruction> whenTrue) {
    if (whenTrue.size() <= MAX_CONDITIONAL_JUMP) {
      program.add(new Instruction(test, 0, whenTrue.size(), operand));
    } else {
      program.add(new Instruction(test, 1, 0, operand));
      program.add(Instruction.of(Instruction.JUMP, whenTrue.size()));
    }
    program.addAll(whenTrue);
  }

  private static List<Instruction> leaf(CallRule rule) {
    Instruction action = Instruction.of(Instruction.RETURN, rule.action());
    CallRule.ArgumentTest test = rule.test();
    if (test == null) {
      return List.of(action);
    }
    int offset = ARGUMENTS_OFFSET + test.argument() * Long.BYTES + LOWER_HALF;
    return List.of(
        Instruction.of(Instruction.LOAD, offset),
        Instruction.of(Instruction.AND, test.mask()),
        new Instruction(Instruction.IF_EQUAL, 0, 1, test.value()),
        action,
        Instruction.of(Instruction.RETURN, CallRule.RET_ALLOW));
  }

  /** How many instructions it has. */
  public int length() {
    return instructions.size();
  }

  /** The {@code struct sock_filter} array, in the byte order of this machine. */
  public byte[] bytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(length() * Instruction.SIZE).order(ByteOrder.nativeOrder());
    instructions.forEach(instruction -> instruction.putTo(bytes));
    return bytes.array();
  }
}
