package io.sysmon.examples;

import io.sysmon.socket.SocketNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What descriptors are, as strace(1) tells it behind their numbers, from {@code /proc}. */
enum Descriptors {
  /** Nothing is told. */
  NONE,
  /** Paths; pipes and sockets by inode ({@code -y}). */
  PATHS,
  /** Also the addresses of sockets, the numbers of devices, and who pidfds are ({@code -yy}). */
  ALL;

  /** linux/fcntl.h. */
  private static final int AT_FDCWD = -100;

  private static final SocketNames SOCKETS = new SocketNames();
  private static final String DELETED = " (deleted)";
  private static final String SOCKET = "socket:[";
  private static final int S_IFMT = 0170000;
  private static final Map<Integer, String> DEVICES = Map.of(0020000, "char", 0060000, "block");

  /**
   * What a descriptor of a task is.
   *
   * @return with brackets; empty when there is none such
   */
  String describe(int tid, int descriptor) {
    if (this == NONE || (descriptor < 0 && descriptor != AT_FDCWD)) {
      return "";
    }
    Path link =
        Path.of("/proc/" + tid + "/" + (descriptor == AT_FDCWD ? "cwd" : "fd/" + descriptor));
    try {
      String target = Files.readSymbolicLink(link).toString();
      if (descriptor == AT_FDCWD) {
        return "<" + escaped(target) + ">";
      }
      if (isDeleted(link, target)) {
        return "<" + escaped(withoutDeleted(target)) + ">(deleted)";
      }
      String instead = this == ALL ? instead(tid, descriptor, target) : "";
      String device = this == ALL && target.startsWith("/") ? device(link) : "";
      return "<" + (instead.isEmpty() ? escaped(target) : instead) + device + ">";
    } catch (IOException e) {
      return "";
    }
  }

  /** A file may have such a name, too. */
  private static boolean isDeleted(Path link, String target) throws IOException {
    Path path = Path.of(target);
    return target.endsWith(DELETED) && !(Files.exists(path) && Files.isSameFile(path, link));
  }

  /** What takes the place of the path; empty when nothing does. */
  private static String instead(int tid, int descriptor, String target) throws IOException {
    if (target.startsWith(SOCKET)) {
      return SOCKETS.find(tid, descriptor).orElse("");
    }
    if (target.equals("anon_inode:[pidfd]")) {
      return pid(Path.of("/proc/" + tid + "/fdinfo/" + descriptor));
    }
    return "";
  }

  private static String device(Path link) throws IOException {
    String device = DEVICES.get((int) Files.getAttribute(link, "unix:mode") & S_IFMT);
    if (device == null) {
      return "";
    }
    long number = (long) Files.getAttribute(link, "unix:rdev");
    // 12 bits major and 20 minor, bits/sysmacros.h.
    long major = (number >>> 8 & 0xfff) | (number >>> 32 & 0xffff_f000L);
    long minor = (number & 0xff) | (number >>> 12 & 0xffff_ff00L);
    return "<" + device + " " + major + ":" + minor + ">";
  }

  /** Empty for a process that was reaped: its number is -1. */
  private static String pid(Path info) throws IOException {
    return Files.readAllLines(info).stream()
        .filter(line -> line.startsWith("Pid:"))
        .map(line -> line.substring("Pid:".length()).trim())
        .filter(pid -> Integer.parseInt(pid) > 0)
        .map(pid -> "pid:" + pid)
        .findFirst()
        .orElse("");
  }

  /** Of a file that is not there any more, the kernel says so behind its name. */
  static String withoutDeleted(String link) {
    return link.endsWith(DELETED) ? link.substring(0, link.length() - DELETED.length()) : link;
  }

  /** As a string, and the brackets that end it too. */
  private static String escaped(String path) {
    StringBuilder text = new StringBuilder();
    for (byte each : path.getBytes(StandardCharsets.UTF_8)) {
      switch (each) {
        case '\n' -> text.append("\\n");
        case '\t' -> text.append("\\t");
        case '"', '\\' -> text.append('\\').append((char) each);
        default -> {
          if (each >= ' ' && each < 0x7f && each != '<' && each != '>') {
            text.append((char) each);
          } else {
            text.append('\\').append(Integer.toOctalString(each & 0xff));
          }
        }
      }
    }
    return text.toString();
  }
}
