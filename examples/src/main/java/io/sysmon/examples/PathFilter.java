package io.sysmon.examples;

import io.sysmon.BadAddressException;
import io.sysmon.SyscallStop;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.decode.Argument;
import io.sysmon.decode.SyscallTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which calls access the paths of {@code -P}: those that are given one as it is written, or with
 * its links resolved, or a descriptor of it. Immutable.
 */
final class PathFilter {
  private static final int MAX_DESCRIPTORS = 1 << 16;

  private final Set<String> paths = new LinkedHashSet<>();
  private final Map<String, String> resolved = new LinkedHashMap<>();

  PathFilter(List<String> given) {
    for (String path : given) {
      paths.add(path);
      String real = resolve(path);
      if (!real.equals(path)) {
        resolved.put(path, real);
      }
    }
    paths.addAll(resolved.values());
  }

  private static String resolve(String path) {
    try {
      return Path.of(path).toRealPath().toString();
    } catch (IOException e) {
      // It may be made later, and is looked for as it is written.
      return path;
    }
  }

  boolean isEmpty() {
    return paths.isEmpty();
  }

  /** What the paths are, of which the links are resolved, by how they were given. */
  Map<String, String> resolved() {
    return resolved;
  }

  /** The calls that can access a path. */
  static Set<String> candidates() {
    Set<String> names = new HashSet<>();
    for (String type : List.of("file", "desc", "network")) {
      names.addAll(SyscallTable.get().classes().getOrDefault(type, Set.of()));
    }
    return names;
  }

  /** Whether a call accesses one of the paths; asked at its entry. */
  boolean accepts(SyscallStop call) {
    try {
      for (Argument argument : call.signature().arguments()) {
        // The waiting descriptor is not the one that is waited for, and a new one is another file.
        if (!argument.name().equals("epfd") && isOne(call, argument)) {
          return true;
        }
      }
    } catch (TraceeDiedException e) {
      return false;
    }
    return false;
  }

  private boolean isOne(SyscallStop call, Argument argument) {
    int index = argument.register();
    return switch (argument.kind().name()) {
      case "path" -> call.findString(index).filter(paths::contains).isPresent();
      case "fd", "dirfd" -> isOne(call, (int) call.arg(index));
      default ->
          switch (argument.kind().type()) {
            case "pollfd" -> inPoll(call, index);
            case "fd_set" -> inSet(call, index);
            default -> false;
          };
    };
  }

  private boolean isOne(SyscallStop call, int descriptor) {
    if (descriptor < 0) {
      return false;
    }
    try {
      Path link = Path.of("/proc/" + call.tid() + "/fd/" + descriptor);
      return paths.contains(Descriptors.withoutDeleted(Files.readSymbolicLink(link).toString()));
    } catch (IOException e) {
      return false;
    }
  }

  /** {@code struct pollfd}: fd 0:4, events 4:2, revents 6:2; their number is the next argument. */
  private boolean inPoll(SyscallStop call, int index) {
    int count = Math.min((int) call.arg(index + 1), MAX_DESCRIPTORS);
    ByteBuffer polls = read(call, index, count * 8);
    List<Integer> descriptors = new ArrayList<>();
    while (polls.remaining() >= 8) {
      descriptors.add(polls.getInt());
      polls.getInt();
    }
    return descriptors.stream().anyMatch(descriptor -> isOne(call, descriptor));
  }

  /** Longs of bits; how many bits is the first argument. */
  private boolean inSet(SyscallStop call, int index) {
    int count = Math.min((int) call.arg(0), MAX_DESCRIPTORS);
    int wordSize = call.abi().wordSize();
    int bits = wordSize * Byte.SIZE;
    ByteBuffer set = read(call, index, Math.max(0, (count + bits - 1) / bits * wordSize));
    for (int descriptor = 0; descriptor < count && descriptor / 8 < set.limit(); descriptor++) {
      if ((set.get(descriptor / 8) >> descriptor % 8 & 1) != 0 && isOne(call, descriptor)) {
        return true;
      }
    }
    return false;
  }

  private static ByteBuffer read(SyscallStop call, int index, int size) {
    boolean nothing = call.arg(index) == 0 || size <= 0;
    try {
      byte[] bytes = nothing ? new byte[0] : call.bytes(index, size);
      return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    } catch (BadAddressException | TracePermissionException e) {
      return ByteBuffer.allocate(0);
    }
  }
}
