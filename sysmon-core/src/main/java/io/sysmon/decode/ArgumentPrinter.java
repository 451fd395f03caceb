package io.sysmon.decode;

/** How arguments of one kind are printed. */
@FunctionalInterface
interface ArgumentPrinter {
  /** Appends the argument. */
  void print(PrintContext context, Argument argument);

  /** Whether the kernel fills it, so that it is printed at the exit. */
  default boolean waitsForExit(PrintContext context, Argument argument) {
    return false;
  }

  /**
   * Whether the call does not have this argument, as open(2) has no mode when it creates nothing.
   */
  default boolean isSkipped(PrintContext context, Argument argument) {
    return false;
  }

  /** Whether {@link #printRest} follows at the exit. */
  default boolean hasRest(PrintContext context, Argument argument) {
    return false;
  }

  /** Appends what the kernel made of an argument that was printed at the entry. */
  default void printRest(PrintContext context, Argument argument) {}

  /** Called at the entry for an argument that waits for the exit, to keep what it is now. */
  default void remember(PrintContext context, Argument argument) {}
}
