package io.sysmon;

/**
 * Whether a {@link Tracer} moves tasks that stop often to the CPU of its own thread.
 *
 * <p>A ptrace stop hands over from the task to the tracer and back. Between two CPUs each hand-over
 * is a wake-up by an interrupt, which makes a stop several times as long as on one CPU ({@code
 * benchmarks/RESULTS.md} has figures).
 */
public enum Placement {
  /**
   * The default. A task of a launched program that makes more than about 8,000 stops a second runs
   * on the CPU of the tracer's thread, and that thread stays there, until the task stops less often
   * than 2,000 times a second; or not at all if it does not become faster by that, as when several
   * threads of a program compute between their calls. Tasks of attached processes are left where
   * they are: they would stay on one CPU if this JVM were killed.
   *
   * <p>The program does not see it: before sched_getaffinity(2) and sched_setaffinity(2), of any
   * traced program, and before children are made, the task has its own mask again. It is visible in
   * {@code Cpus_allowed} of proc(5)'s {@code status}, and to programs that are not traced.
   *
   * <p>CPUs that the task's or the tracer's mask, or a container's cpuset(7), do not allow are not
   * used; where that leaves none to both, or there is one CPU only, nothing is moved.
   *
   * <p>Threads that a callback starts get the tracer's own mask back within a tenth of a second; a
   * process that a callback starts by {@link ProcessBuilder} may begin on the one CPU.
   */
  AUTO,

  /** Tasks run where the kernel's scheduler puts them. */
  OFF
}
