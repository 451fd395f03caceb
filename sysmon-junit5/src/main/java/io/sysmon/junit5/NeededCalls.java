package io.sysmon.junit5;

import io.sysmon.Interest;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** The calls that an assertion is about, without whose record nothing can be said. */
final class NeededCalls {
  static final List<String> OPENING = names(FileCalls.OPENING + ",creat");
  static final List<String> CHANGING_NAMES =
      names(FileCalls.OPENING + "," + FileCalls.CHANGING_NAMES);
  static final List<String> WRITING = names("write,pwrite64,writev,pwritev,pwritev2");
  static final List<String> EXECUTING = names("execve,execveat");
  static final List<String> CONNECTING = names("connect");
  static final List<String> MAKING_SOCKETS = names("socket");

  private NeededCalls() {}

  private static List<String> names(String calls) {
    return Arrays.asList(calls.replace("?", "").split(",", -1));
  }

  /**
   * Refuses to go on when not all of the calls were recorded.
   *
   * @throws IllegalStateException naming those that were not
   */
  static void demand(Interest recorded, Collection<String> calls) {
    TreeSet<String> missing = new TreeSet<>(calls);
    missing.removeIf(name -> recorded.wantsEnter(name) && recorded.wantsExit(name));
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "This cannot be told, because calls were not recorded that it is about: "
              + String.join(", ", missing)
              + "; TracedCommand.record has to select them, entry and exit");
    }
  }
}
