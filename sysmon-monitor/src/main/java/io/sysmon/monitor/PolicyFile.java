package io.sysmon.monitor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The file of a policy. What is wrong is told with its name, and what to do. */
final class PolicyFile {
  private static final int MOST_BYTES = 1 << 20;

  private PolicyFile() {}

  static Policy read(Path file) {
    try {
      return PolicyReader.read(text(file));
    } catch (BadPolicyException e) {
      throw new BadPolicyException(file + ": " + e.getMessage());
    }
  }

  private static String text(Path file) {
    byte[] bytes = bytes(file);
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(rest).toString();
    } catch (CharacterCodingException e) {
      throw new BadPolicyException(
          "line " + lineAt(bytes, rest.position()) + ": it is not UTF-8; save the file as UTF-8");
    }
  }

  private static long lineAt(byte[] bytes, int end) {
    String before = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    return 1 + before.chars().filter(c -> c == '\n').count();
  }

  private static byte[] bytes(Path file) {
    if (Files.isDirectory(file)) {
      throw new BadPolicyException("it is a directory; name the file in it");
    }
    try (InputStream input = Files.newInputStream(file)) {
      byte[] bytes = input.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new BadPolicyException("it has more than 1 MiB, which no policy needs");
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new BadPolicyException(
          "there is no such file; docs/monitoring.md, \"Policies\", has one to begin with");
    } catch (AccessDeniedException e) {
      throw new BadPolicyException(
          "user " + System.getProperty("user.name") + " may not read it; see its permissions");
    } catch (IOException e) {
      throw new BadPolicyException("it cannot be read: " + e.getMessage());
    }
  }
}
