package io.sysmon.stack;

import io.sysmon.TraceeMemory;
import io.sysmon.internal.elf.ElfFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the files that are mapped say of their code; each is read once. Any thread. */
final class CodeFiles {
  /** Files that are kept; a build that is traced runs many programs once. */
  private static final int MOST = 256;

  private static final String VDSO = "[vdso]";
  private static final String DELETED = " (deleted)";

  private record Key(String device, long inode, String name) {}

  private final Map<Key, Optional<ElfFile>> files =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Optional<ElfFile>> eldest) {
          return size() > MOST;
        }
      };

  /** The file that is mapped, if it can be read. */
  Optional<ElfFile> of(int tid, Mapping mapping, TraceeMemory memory) {
    if (mapping.name().equals(VDSO)) {
      return fromMemory(mapping, memory);
    }
    if (mapping.inode() == 0) {
      return Optional.empty();
    }
    Key key = new Key(mapping.device(), mapping.inode(), mapping.name());
    synchronized (files) {
      Optional<ElfFile> file = files.get(key);
      if (file == null) {
        file = open(tid, mapping);
        files.put(key, file);
      }
      return file;
    }
  }

  /** The kernel's, of which each program has the same, but for 32-bit ones. */
  private static Optional<ElfFile> fromMemory(Mapping mapping, TraceeMemory memory) {
    byte[] image = new byte[(int) Math.min(mapping.end() - mapping.begin(), 1 << 20)];
    int size = memory.read(mapping.begin(), image, 0, image.length);
    try {
      return Optional.of(
          ElfFile.read(
              (offset, length) ->
                  offset >= size
                      ? new byte[0]
                      : Arrays.copyOfRange(
                          image, (int) offset, (int) Math.min(size, offset + length))));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Optional<ElfFile> open(int tid, Mapping mapping) {
    String process = "/proc/" + tid;
    // The very file, if CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN is there.
    String range = Long.toHexString(mapping.begin()) + "-" + Long.toHexString(mapping.end());
    Optional<ElfFile> file = open(process + "/map_files/" + range);
    return file.isPresent() || mapping.name().endsWith(DELETED)
        ? file
        : open(process + "/root" + mapping.name());
  }

  private static Optional<ElfFile> open(String file) {
    try {
      Path path = Path.of(file);
      return Files.isRegularFile(path) ? read(path) : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      // The latter where the file's name is not one in this JVM's encoding.
      return Optional.empty();
    }
  }

  private static Optional<ElfFile> read(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      return Optional.of(ElfFile.read((offset, length) -> read(channel, offset, length)));
    }
  }

  private static byte[] read(FileChannel channel, long offset, int length) throws IOException {
    int size = (int) Math.max(0, Math.min(length, channel.size() - offset));
    ByteBuffer part = ByteBuffer.allocate(size);
    int got = 0;
    while (part.hasRemaining() && got >= 0) {
      got = channel.read(part, offset + part.position());
    }
    return Arrays.copyOf(part.array(), part.position());
  }
}
