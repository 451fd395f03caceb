package io.sysmon.fault;

/** Who is killed. */
public enum Victim {
  /** The process that makes the call, with all its threads. */
  PROCESS,
  /** What was launched or attached, and all that came of it. */
  TREE
}
