package io.sysmon.examples;

/** What {@code /proc/PID/fd} tells of descriptors. */
final class Descriptors {
  private static final String DELETED = " (deleted)";

  private Descriptors() {}

  /** Of a file that is not there any more, the kernel says so behind its name. */
  static String withoutDeleted(String link) {
    return link.endsWith(DELETED) ? link.substring(0, link.length() - DELETED.length()) : link;
  }
}
