package io.sysmon;

/**
 * Whether launched programs get a seccomp filter, by which only those system calls stop that a
 * listener wants to see, and all others run at their native speed. See {@link
 * Tracer.Builder#seccomp} and {@code docs/filtering.md}.
 */
public enum SeccompMode {
  /**
   * A filter where it helps and can be had. There is none
   *
   * <ul>
   *   <li>when the listeners want every call, or none;
   *   <li>in processes that are attached, and in what comes of them;
   *   <li>when the kernel refuses it: it was built without {@code CONFIG_SECCOMP_FILTER}, or this
   *       JVM runs in a sandbox that forbids seccomp(2).
   * </ul>
   *
   * <p>Then every call stops, and those that nobody wants go on at once.
   */
  AUTO,

  /** No filter. Launched processes can be detached. */
  OFF,

  /**
   * As {@link #AUTO}, but {@link Tracer#launch} throws {@link SeccompUnavailableException} when the
   * kernel refuses the filter.
   */
  REQUIRED
}
