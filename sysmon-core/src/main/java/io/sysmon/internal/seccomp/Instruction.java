package io.sysmon.internal.seccomp;

import java.nio.ByteBuffer;

/**
 * One instruction of classic BPF.
 *
 * <pre>{@code
 * struct sock_filter {      offset          linux/filter.h
 *   __u16 code;                  0
 *   __u8  jt;                    2    instructions to skip when the test is true
 *   __u8  jf;                    3    ... and when it is false
 *   __u32 k;                     4
 * };                        size 8
 * }</pre>
 */
record Instruction(int code, int jt, int jf, int k) {
  static final int SIZE = 8;

  /** {@code BPF_LD | BPF_W | BPF_ABS}: loads a word of {@code struct seccomp_data}. */
  static final int LOAD = 0x20;

  /** {@code BPF_ALU | BPF_AND | BPF_K}. */
  static final int AND = 0x54;

  /** {@code BPF_JMP | BPF_JA}. */
  static final int JUMP = 0x05;

  /** {@code BPF_JMP | BPF_JEQ | BPF_K}. */
  static final int IF_EQUAL = 0x15;

  /** {@code BPF_JMP | BPF_JGE | BPF_K}: unsigned. */
  static final int IF_NOT_BELOW = 0x35;

  /** {@code BPF_RET | BPF_K}. */
  static final int RETURN = 0x06;

  static Instruction of(int code, int k) {
    return new Instruction(code, 0, 0, k);
  }

  void putTo(ByteBuffer buffer) {
    buffer.putShort((short) code).put((byte) jt).put((byte) jf).putInt(k);
  }
}
