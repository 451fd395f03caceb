package io.sysmon.internal.sys;

import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.jspecify.annotations.Nullable;

/** Loads libc once and keeps why it could not, if it could not. */
public final class Native {
  private static final @Nullable Loaded LOADED;
  private static final @Nullable Throwable UNAVAILABLE;

  private record Loaded(LibC libc, Runtime runtime) {}

  static {
    Loaded loaded = null;
    Throwable unavailable = null;
    // jffi unpacks its library by a channel, which an interrupt closes.
    boolean interrupted = Thread.interrupted();
    try {
      LibC libc = LibraryLoader.create(LibC.class).option(LibraryOption.SaveError, true).load("c");
      loaded = new Loaded(libc, Runtime.getRuntime(libc));
    } catch (Throwable e) {
      // jffi throws Errors of several kinds (UnsatisfiedLinkError for a noexec java.io.tmpdir).
      unavailable = e;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    LOADED = loaded;
    UNAVAILABLE = unavailable;
  }

  private Native() {}

  /** Why libc could not be loaded, or null when it was. */
  public static @Nullable Throwable unavailableCause() {
    return UNAVAILABLE;
  }

  /** The functions of {@link LibC}. */
  public static LibC libc() {
    return loaded().libc;
  }

  /** The errno of this thread's last native call that failed. */
  public static int errno() {
    return loaded().runtime.getLastError();
  }

  static long addressOf(ByteBuffer direct) {
    return Pointer.wrap(loaded().runtime, direct).address();
  }

  /** kill(2); minus the errno when it fails. */
  public static int kill(int pid, int signal) {
    return libc().kill(pid, signal) == -1 ? -errno() : 0;
  }

  /**
   * Waits for the end of a child of this JVM that nobody traces, and reaps it. Any thread.
   *
   * @return its wait status
   * @throws SystemCallException when it is no child of this JVM, or not any more
   */
  public static int waitForChild(int pid) {
    POSIX posix = Posix.INSTANCE;
    int[] status = new int[1];
    int waited;
    do {
      waited = posix.waitpid(pid, status, 0);
    } while (waited == -1 && posix.errno() == 4 /* EINTR */);
    SystemCallException.check(waited == -1 ? -posix.errno() : waited, "waitpid", pid);
    return status[0];
  }

  /**
   * Reaps a zombie that another thread of this JVM traces. Does not wait.
   *
   * @param status gets its wait status
   * @return false when there was nothing to reap
   */
  public static boolean reapTracee(int tid, int[] status) {
    OffHeap word = new OffHeap(Integer.BYTES);
    int waited = libc().wait4(tid, word.address(0), 0x40000001 /* __WALL | WNOHANG */, 0);
    status[0] = word.buffer().getInt(0);
    return waited == tid;
  }

  private static Loaded loaded() {
    Loaded loaded = LOADED;
    if (loaded == null) {
      throw new IllegalStateException("libc could not be loaded", UNAVAILABLE);
    }
    return loaded;
  }

  /** jnr-posix, which takes longer to load than everything that a simple trace needs. */
  private static final class Posix {
    static final POSIX INSTANCE = POSIXFactory.getNativePOSIX();
  }
}
