package io.sysmon.examples;

import org.jspecify.annotations.Nullable;

/**
 * Makes lines of what happens to several tasks in turn. A call's line is opened at its entry and
 * closed at its exit. When another line comes between, the first is cut off, and the call's end
 * gets a line of its own:
 *
 * <pre>{@code
 * 77  read(3,  <unfinished ...>
 * 78  close(4)                          = 0
 * 77  <... read resumed>"x", 1)         = 1
 * }</pre>
 *
 * <p>One thread.
 */
final class TraceLog {
  private static final String CUT_OFF = " <unfinished ...>";
  private static final String DETACHED = " <detached ...>";

  /** What a line begins with. */
  @FunctionalInterface
  interface Prefix {
    /** Appends task id and times, as far as they are wanted. */
    void append(StringBuilder line, int tid);
  }

  private final LogOutput out;
  private final Prefix prefix;
  private final int resultColumn;
  private final StringBuilder piece = new StringBuilder();
  private String marks = "";
  private @Nullable Object open;

  /** How many characters of the open line are written. */
  private int column;

  /**
   * A log.
   *
   * @param resultColumn where {@code = result} stands, unless the call is longer
   */
  TraceLog(LogOutput out, Prefix prefix, int resultColumn) {
    this.out = out;
    this.prefix = prefix;
    this.resultColumn = resultColumn;
  }

  /** What the lines begin with from now on, behind task and times. */
  void marks(String text) {
    marks = text;
  }

  /**
   * Begins the line of a call.
   *
   * @param task whose call it is
   * @param call as much of it as is known at the entry
   */
  void open(Object task, int tid, CharSequence call) {
    begin(tid);
    piece.append(call);
    open = task;
    write();
  }

  /**
   * Ends the line of a call that {@link #open} began, or its own line if that one was cut off.
   *
   * @param name the call's name
   * @param rest what {@link #open} left, with the closing parenthesis
   * @param result what follows {@code =}
   */
  void close(Object task, int tid, String name, CharSequence rest, CharSequence result) {
    if (open != task) {
      begin(tid);
      piece.append("<... ").append(name).append(" resumed>");
    }
    piece.append(rest).append(' ');
    for (int i = column + piece.length() - lineStart(); i < resultColumn; i++) {
      piece.append(' ');
    }
    piece.append("= ").append(result).append('\n');
    open = null;
    write();
  }

  /**
   * Ends the line of a call that never returned.
   *
   * @param complete whether {@link #open} was given all arguments
   */
  void abandon(Object task, int tid, String name, boolean complete) {
    close(task, tid, name, complete ? ")" : CUT_OFF + ")", "?");
  }

  /** Ends the line of a task that is not traced any more, if it is the one that is open. */
  void detached(Object task) {
    if (open == task) {
      piece.append(DETACHED).append('\n');
      open = null;
      write();
    }
  }

  /** Writes a whole line. */
  void line(int tid, CharSequence text) {
    begin(tid);
    piece.append(text).append('\n');
    write();
  }

  /** Writes a whole line that is about no task, or goes on with what the one before tells. */
  void notice(CharSequence text) {
    cutOff();
    piece.append(text).append('\n');
    write();
  }

  private void begin(int tid) {
    cutOff();
    prefix.append(piece, tid);
    piece.append(marks);
  }

  private void cutOff() {
    if (open != null) {
      piece.append(CUT_OFF).append('\n');
      open = null;
      column = 0;
    }
  }

  /** Where in {@link #piece} the last line begins. */
  private int lineStart() {
    return piece.lastIndexOf("\n") + 1;
  }

  private void write() {
    out.write(piece);
    column = open == null ? 0 : column + piece.length() - lineStart();
    piece.setLength(0);
  }
}
