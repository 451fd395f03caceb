package io.sysmon.internal.engine;

import io.sysmon.TraceException;
import io.sysmon.UnsupportedPlatformException;
import io.sysmon.internal.launch.Gate;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.spi.Architecture;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds out, once, whether this machine and process can trace, and why not. Any thread. */
public final class Support {
  private static final int MINIMUM_MAJOR = 5;
  private static final int MINIMUM_MINOR = 3;
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  private Support() {}

  /** {@code Tracer.unsupportedReason()}. */
  public static Optional<String> unsupportedReason() {
    return Optional.ofNullable(Probe.REASON);
  }

  /**
   * The architecture of this machine.
   *
   * @throws UnsupportedPlatformException when there is none
   */
  public static Architecture architecture() {
    String reason = Platform.REASON;
    if (reason != null || Platform.ARCHITECTURE == null) {
      throw new UnsupportedPlatformException(String.valueOf(reason));
    }
    return Platform.ARCHITECTURE;
  }

  /** Why a system of this kind is not supported, or null. */
  static @Nullable String refuse(String osName, String osVersion) {
    if (!osName.equals("Linux")) {
      return "SysMon traces by Linux's ptrace(2); this is " + osName;
    }
    Matcher version = VERSION.matcher(osVersion);
    if (version.matches()) {
      int major = Integer.parseInt(version.group(1));
      int minor = Integer.parseInt(version.group(2));
      if (major < MINIMUM_MAJOR || (major == MINIMUM_MAJOR && minor < MINIMUM_MINOR)) {
        return "SysMon needs Linux 5.3 or later, for PTRACE_GET_SYSCALL_INFO; this is " + osVersion;
      }
    }
    return null;
  }

  /** The architecture for a JVM's {@code os.arch}, of those that are on the class path. */
  static Optional<Architecture> find(String osArch, Iterable<Architecture> installed) {
    for (Architecture architecture : installed) {
      if (architecture.isHost(osArch)) {
        return Optional.of(architecture);
      }
    }
    return Optional.empty();
  }

  private static final class Platform {
    static final @Nullable Architecture ARCHITECTURE;
    static final @Nullable String REASON;

    static {
      String osArch = System.getProperty("os.arch", "");
      List<Architecture> installed =
          ServiceLoader.load(Architecture.class, Architecture.class.getClassLoader()).stream()
              .map(ServiceLoader.Provider::get)
              .toList();
      ARCHITECTURE = find(osArch, installed).orElse(null);
      REASON = reason(osArch, installed);
    }

    private static @Nullable String reason(String osArch, List<Architecture> installed) {
      String refused =
          refuse(System.getProperty("os.name", ""), System.getProperty("os.version", ""));
      if (refused != null) {
        return refused;
      }
      if (ARCHITECTURE == null) {
        return "No architecture module for os.arch "
            + osArch
            + " is on the class path (found: "
            + (installed.isEmpty()
                ? "none"
                : String.join(", ", installed.stream().map(Architecture::name).toList()))
            + "); add io.sysmon:sysmon-arch-"
            + (osArch.equals("amd64") ? "x86_64" : osArch);
      }
      Throwable cause = Native.unavailableCause();
      if (isDenied(cause)) {
        return "This JVM denies native access; start Java with --enable-native-access=ALL-UNNAMED";
      }
      if (cause != null) {
        return "libc could not be loaded by JNR: "
            + cause
            + ". jffi unpacks its library into java.io.tmpdir ("
            + System.getProperty("java.io.tmpdir")
            + "), which must not be mounted noexec; -Djffi.extract.dir=DIR names another place";
      }
      return null;
    }
  }

  /** JDK 24 and later, with {@code --illegal-native-access=deny}. */
  private static boolean isDenied(@Nullable Throwable cause) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof IllegalCallerException) {
        return true;
      }
    }
    return false;
  }

  /** Holds the trial's answer. */
  private static final class Probe {
    static final @Nullable String REASON = Platform.REASON == null ? trial() : Platform.REASON;
  }

  /** Traces a process for a moment: rights cannot be told otherwise. */
  private static @Nullable String trial() {
    CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
    // A thread of its own: ptrace is bound to one, and the caller's may be a virtual one.
    Thread thread = new Thread(() -> answer(answer), "sysmon-probe");
    thread.setDaemon(true);
    thread.start();
    return answer.join().orElse(null);
  }

  private static void answer(CompletableFuture<Optional<String>> answer) {
    try {
      Gate.open(new Ptrace(), architecture(), new int[] {-1, -1, -1}).destroy();
      answer.complete(Optional.empty());
    } catch (TraceException e) {
      answer.complete(Optional.of(String.valueOf(e.getMessage())));
    } catch (Throwable e) {
      answer.completeExceptionally(e);
    }
  }
}
