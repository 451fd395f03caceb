package io.sysmon.internal.engine;

import io.sysmon.ExitStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ends of tasks that nobody had announced yet, until the fork event that does. It never comes when
 * the parent was killed too: there is room for some ends more than there are tasks that could still
 * announce one, and the oldest give way. Tracer thread.
 */
final class EarlyEnds {
  static final int SPARE = 256;

  private final LinkedHashMap<Integer, ExitStatus> ends = new LinkedHashMap<>();

  /**
   * Keeps an end.
   *
   * @param announcers how many tasks there are, each of which has one child to announce at most
   */
  void add(int tid, ExitStatus status, int announcers) {
    ends.remove(tid);
    ends.put(tid, status);
    if (ends.size() > announcers + SPARE) {
      Map.Entry<Integer, ExitStatus> oldest = ends.entrySet().iterator().next();
      ends.remove(oldest.getKey());
    }
  }

  /** Takes an end out, if there is one. */
  @Nullable ExitStatus remove(int tid) {
    return ends.remove(tid);
  }
}
