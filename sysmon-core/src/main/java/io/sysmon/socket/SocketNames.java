package io.sysmon.socket;

import io.sysmon.internal.sys.SocketDiag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells what sockets are in the form in which strace(1) does with {@code -yy}: {@code
 * TCP:[127.0.0.1:40000->127.0.0.1:80]}, {@code UNIX-STREAM:[1234->5678,"/run/x"]}. Any thread.
 *
 * <p>The kernel is asked by sock_diag(7), in this JVM's network namespace, and where it says
 * nothing, in another one for example, by {@code /proc/PID/net}: there UNIX sockets have no peer.
 *
 * <p>As in strace, what has been told of a socket is told again, even if it is connected with
 * another one since: asking costs tens of microseconds, and as many more as there are other
 * sockets. A socket that has neither an address nor a peer yet is asked about again.
 */
public final class SocketNames {
  private static final String SOCKET = "socket:[";
  private static final int MOST_KEPT = 1024;

  /** By inode; a new socket has another one. Guarded by itself. */
  private final Map<Long, String> told =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
          return size() > MOST_KEPT;
        }
      };

  /** Knows none yet. */
  public SocketNames() {}

  /**
   * Finds a socket.
   *
   * @param tid a task, in this JVM's pid namespace
   * @param descriptor one of its descriptors
   * @return {@code PROTOCOL:[INODE]} for one that has no address yet; empty when it is no socket,
   *     is of a protocol without addresses, or may not be looked at
   */
  public Optional<String> find(int tid, int descriptor) {
    String link;
    try {
      link = Files.readSymbolicLink(Path.of("/proc/" + tid + "/fd/" + descriptor)).toString();
    } catch (IOException e) {
      return Optional.empty();
    }
    return link.startsWith(SOCKET)
        ? find(tid, descriptor, Long.parseLong(link.substring(SOCKET.length(), link.length() - 1)))
        : Optional.empty();
  }

  private Optional<String> find(int tid, int descriptor, long inode) {
    synchronized (told) {
      String name = told.get(inode);
      if (name != null) {
        return Optional.of(name);
      }
    }
    Optional<Protocol> own =
        SocketDiag.protocolName(tid, descriptor)
            .flatMap(name -> Protocol.ALL.stream().filter(p -> p.name().equals(name)).findFirst());
    for (Protocol protocol : own.map(List::of).orElse(Protocol.ALL)) {
      Optional<String> addresses = addresses(tid, protocol, inode);
      if (addresses.isPresent()) {
        String name = protocol.name() + ":[" + addresses.get() + "]";
        synchronized (told) {
          told.put(inode, name);
        }
        return Optional.of(name);
      }
    }
    return own.map(protocol -> protocol.name() + ":[" + inode + "]");
  }

  private static Optional<String> addresses(int tid, Protocol protocol, long inode) {
    return SocketDiag.find(protocol.family(), protocol.number(), inode)
        .map(DiagText::of)
        .orElseGet(() -> ProcNet.find(tid, protocol, inode));
  }
}
