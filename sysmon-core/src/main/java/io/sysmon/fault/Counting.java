package io.sysmon.fault;

/** What a rule counts, to choose by {@link When}. */
public enum Counting {
  /** The calls of each task and each name by themselves, as strace(1) does. */
  TASK,
  /**
   * The calls of any name of the rule's and of any task of what was launched or attached, and of
   * all that came of it, together. Processes that run at the same time call in any order.
   */
  TREE
}
