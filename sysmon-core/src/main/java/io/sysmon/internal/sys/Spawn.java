package io.sysmon.internal.sys;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * posix_spawn(3). Not by jnr-posix, which takes longer to load than everything else that a trace
 * needs.
 */
public final class Spawn {
  private static final SixWords POSIX_SPAWN = new SixWords("posix_spawn");

  /** More than {@code sizeof(posix_spawn_file_actions_t)}, which is 80 in glibc and in musl. */
  private static final int ACTIONS_SIZE = 256;

  private static final int PID = ACTIONS_SIZE;
  private static final int ARGV = PID + Long.BYTES;

  private Spawn() {}

  /**
   * Spawns a program with an empty environment, by the calling thread, which becomes the parent in
   * the eyes of {@code __WNOTHREAD}.
   *
   * @param standardStreams which descriptors become 0, 1, 2, ... of the child; −1 leaves one as it
   *     is
   * @param argv the arguments, of ASCII characters; the first is the program's path
   * @return the child's pid
   * @throws SystemCallException when it fails
   */
  public static int spawn(int[] standardStreams, String... argv) {
    int strings = ARGV + (argv.length + 1) * Long.BYTES;
    OffHeap memory = new OffHeap(strings + String.join("\0", argv).length() + 1);
    ByteBuffer bytes = memory.buffer();
    int end = strings;
    for (int i = 0; i < argv.length; i++) {
      bytes.putLong(ARGV + i * Long.BYTES, memory.address(end));
      byte[] word = argv[i].getBytes(StandardCharsets.US_ASCII);
      bytes.put(end, word);
      end += word.length + 1;
    }
    LibC libc = Native.libc();
    long actions = memory.address(0);
    check(libc.posix_spawn_file_actions_init(actions), standardStreams, argv);
    try {
      for (int fd = 0; fd < standardStreams.length; fd++) {
        if (standardStreams[fd] >= 0) {
          check(
              libc.posix_spawn_file_actions_adddup2(actions, standardStreams[fd], fd),
              standardStreams,
              argv);
        }
      }
      long noEnvironment = memory.address(ARGV + argv.length * Long.BYTES);
      long result =
          POSIX_SPAWN.call(
              memory.address(PID),
              memory.address(strings),
              actions,
              0,
              memory.address(ARGV),
              noEnvironment);
      check((int) result, standardStreams, argv);
    } finally {
      libc.posix_spawn_file_actions_destroy(actions);
      Reference.reachabilityFence(memory);
    }
    return bytes.getInt(PID);
  }

  /** These functions return the errno. */
  private static void check(int errno, int[] standardStreams, String[] argv) {
    if (errno != 0) {
      throw new SystemCallException(
          "posix_spawn " + argv[0] + Arrays.toString(standardStreams), errno);
    }
  }
}
