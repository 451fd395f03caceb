package io.sysmon.internal.engine;

import java.util.Arrays;

/**
 * Recognises a call that the kernel restarts after a signal (signal(7)). A call that returned one
 * of the kernel's restart codes is entered again at the same place with the same registers, or as
 * restart_syscall; unless a handler without {@code SA_RESTART} ran, and then the return from that
 * handler hands {@code EINTR} to the program.
 */
final class Restart {
  private static final int ERESTARTSYS = 512;
  private static final int ERESTARTNOINTR = 513;
  private static final int ERESTARTNOHAND = 514;
  private static final int ERESTART_RESTARTBLOCK = 516;
  private static final int EINTR = 4;

  private final long[] arguments = new long[Task.ARGUMENTS];
  private long number;
  private long instructionPointer;
  private long stackPointer;
  private boolean pending;
  private boolean unseen;
  private boolean rewritten;

  /** A handler runs, which may leave otherwise than by returning, and then nothing is restarted. */
  private boolean inHandler;

  /** What a call returns that the kernel makes again, unless a handler runs: then it is EINTR. */
  static final long UNLESS_HANDLER = -ERESTARTNOHAND;

  /** Whether the kernel goes on with the call by restart_syscall(2), whatever the registers say. */
  static boolean isContinued(long result) {
    return result == -ERESTART_RESTARTBLOCK;
  }

  static boolean isRestartCode(long result) {
    return result == -ERESTARTSYS
        || result == -ERESTARTNOINTR
        || result == -ERESTARTNOHAND
        || result == -ERESTART_RESTARTBLOCK;
  }

  /**
   * A call has returned a restart code.
   *
   * @param programArguments as the program gave them, as the number
   * @param changed whether the kernel knows them otherwise
   */
  void interrupted(
      long callNumber, long[] programArguments, long instruction, long stack, boolean changed) {
    rewritten = changed;
    number = callNumber;
    System.arraycopy(programArguments, 0, arguments, 0, arguments.length);
    instructionPointer = instruction;
    stackPointer = stack;
    pending = true;
    inHandler = false;
    unseen = false;
  }

  /** So has the restart_syscall that went on with it. */
  void interruptedAgain() {
    pending = true;
    inHandler = false;
  }

  /** Whether what restart_syscall goes on with is not what the program asked for. */
  boolean isRewritten() {
    return rewritten;
  }

  /** Nobody has seen its entry: the task was attached while it was in it. */
  void unseen() {
    unseen = true;
  }

  boolean isUnseen() {
    return unseen;
  }

  long number() {
    return number;
  }

  long[] arguments() {
    return arguments;
  }

  boolean isPending() {
    return pending;
  }

  /** A signal is being delivered to a handler of the program's. */
  void handlerBegins() {
    inHandler = true;
  }

  /**
   * The task returned from a signal handler.
   *
   * @param backAt where to: the call's own instruction if the kernel restarts it
   */
  void handlerReturned(long result, long backAt, int instructionLength) {
    if (result == -EINTR) {
      pending = false;
    } else if (backAt == instructionPointer - instructionLength) {
      inHandler = false;
    }
  }

  /** Whether a task is where the kernel makes it call again, before it has. */
  boolean isBackAt(long instruction, long stack, int instructionLength) {
    return pending
        && !inHandler
        && instruction == instructionPointer - instructionLength
        && stack == stackPointer;
  }

  /** Whether a call that is entered is the interrupted one; asked once for each entry. */
  boolean isRestart(Task task, String name, long instruction, long stack) {
    if (!pending || inHandler || instruction != instructionPointer || stack != stackPointer) {
      return false;
    }
    boolean same = task.number == number && Arrays.equals(task.arguments, arguments);
    if (same || name.equals("restart_syscall")) {
      pending = false;
      return true;
    }
    return false;
  }
}
