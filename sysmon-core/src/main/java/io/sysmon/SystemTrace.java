package io.sysmon;

import java.util.List;
import java.util.function.Predicate;

/**
 * The trace of a whole system, or of a part of it: {@link Tracer#attachAll}. May be used from any
 * thread.
 */
public interface SystemTrace extends AutoCloseable {
  /** How processes are found that begin outside of the traced ones. */
  enum Discovery {
    /**
     * The kernel tells of each fork, execve and exit (linux/cn_proc.h). It needs {@code
     * CAP_NET_ADMIN} and the first pid and user namespace of the machine.
     */
    CONNECTOR,
    /** {@code /proc} is listed several times a second; what lives shorter may be missed. */
    SCANNING
  }

  /**
   * A process that was to be traced, and is not.
   *
   * @param process the process
   * @param reason why: what the kernel's refusal means, or what the predicate has thrown
   */
  record Refusal(ProcessInfo process, String reason) {}

  /**
   * How many. The first four are of now, the others since the beginning.
   *
   * @param processes that are traced, those included that came of attached ones
   * @param tasks of these
   * @param leftOut processes that the predicate leaves out
   * @param refused processes that could not be attached
   * @param attached processes, those that came of attached ones not included
   * @param letGo processes, because they have executed what the predicate leaves out
   * @param overflows how many times the kernel had more to tell than was read in time; each time
   *     {@code /proc} was listed instead, and what began and ended meanwhile was missed
   */
  record Counts(
      int processes,
      int tasks,
      int leftOut,
      int refused,
      long attached,
      long letGo,
      long overflows) {}

  /**
   * Says how further processes are found.
   *
   * @return the same from the beginning to the end
   */
  Discovery discovery();

  /**
   * Counts.
   *
   * @return of about now
   */
  Counts counts();

  /**
   * The living processes that could not be attached. Each is tried again when it executes another
   * program.
   *
   * @return a copy
   */
  List<Refusal> refused();

  /**
   * Looks for no further processes and lets go of those that are traced because of this, and all
   * that came of them, each as by {@link TraceeHandle#detach()}. Does not wait longer than some
   * seconds: a process that sleeps uninterruptibly is let go when it wakes. Further calls do
   * nothing.
   *
   * @throws IllegalTraceeStateException when called from a listener's callback
   */
  @Override
  void close();

  /**
   * What is traced if nothing else is said: all but this JVM, its descendants, its ancestors (the
   * shell, terminal or sshd that it was started from, of which each line that it prints would cause
   * new events), and its process group (the other commands of a pipeline).
   *
   * @return a predicate that knows the ancestors of now
   */
  static Predicate<ProcessInfo> others() {
    return OtherProcesses.thanThisJvm();
  }
}
