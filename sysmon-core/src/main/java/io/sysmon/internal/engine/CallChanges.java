package io.sysmon.internal.engine;

/**
 * What listeners changed of the system call that a task is in, until it has returned. One object a
 * task, made at its first change.
 */
final class CallChanges {
  /** The argument registers as the program left them. */
  final long[] programArguments = new long[Task.ARGUMENTS];

  /** The number as the program gave it. */
  long programNumber;

  /** Bit n: argument n. */
  int arguments;

  boolean number;

  /** The kernel is not to make the call; {@link #result} is what the program sees. */
  boolean skipped;

  boolean resultSet;
  long result;

  /** A call that returns {@link #acceptedLength} is to return {@link #reportedLength}. */
  boolean length;

  long acceptedLength;
  long reportedLength;

  /** The call is over, and its first argument was not {@code programArguments[0]}. */
  boolean firstWasOther;

  /** Begins anew with the call that {@code task} has just entered. */
  void begin(Task task) {
    System.arraycopy(task.arguments, 0, programArguments, 0, Task.ARGUMENTS);
    programNumber = task.number;
    arguments = 0;
    number = false;
    skipped = false;
    resultSet = false;
    length = false;
    firstWasOther = false;
  }

  /** The call that {@code task} was in is over. */
  void end(Task task) {
    long first = programArguments[0];
    boolean wasOther = (arguments & 1) != 0 && !skipped;
    begin(task);
    programArguments[0] = first;
    firstWasOther = wasOther;
  }

  /** Becomes the same as another one. */
  void copy(CallChanges other) {
    System.arraycopy(other.programArguments, 0, programArguments, 0, Task.ARGUMENTS);
    programNumber = other.programNumber;
    arguments = other.arguments;
    number = other.number;
    skipped = other.skipped;
    resultSet = other.resultSet;
    result = other.result;
    length = other.length;
    acceptedLength = other.acceptedLength;
    reportedLength = other.reportedLength;
    firstWasOther = other.firstWasOther;
  }

  /** The call has given the task other registers: there are none to restore. */
  void registersReplaced() {
    arguments = 0;
    number = false;
  }

  boolean atEntry() {
    return arguments != 0 || number || skipped;
  }

  boolean any() {
    return atEntry() || resultSet || length;
  }
}
