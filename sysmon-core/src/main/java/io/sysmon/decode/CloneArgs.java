package io.sysmon.decode;

/**
 * {@code struct clone_args}, clone3(2), in its first version: 64 bits each, in every ABI.
 *
 * <pre>{@code
 * flags 0  pidfd 8  child_tid 16  parent_tid 24  exit_signal 32  stack 40  stack_size 48  tls 56
 * }</pre>
 *
 * @param flags {@code CLONE_VM} and so on
 * @param pidfd where the descriptor of the child goes, with {@code CLONE_PIDFD}
 * @param childTid where the child's id goes in the child's memory
 * @param parentTid where the child's id goes in the parent's memory
 * @param exitSignal the signal's number that the parent gets when the child ends; 0 for none
 * @param stack the lowest byte of the child's stack
 * @param stackSize its bytes
 * @param tls where the thread's storage is, with {@code CLONE_SETTLS}
 */
public record CloneArgs(
    Flags flags,
    long pidfd,
    long childTid,
    long parentTid,
    long exitSignal,
    long stack,
    long stackSize,
    long tls) {
  static final int SIZE = 64;

  static CloneArgs of(StructBytes args) {
    return new CloneArgs(
        args.flags("clone_args_flags", args.i64(0)),
        args.i64(8),
        args.i64(16),
        args.i64(24),
        args.i64(32),
        args.i64(40),
        args.i64(48),
        args.i64(56));
  }
}
