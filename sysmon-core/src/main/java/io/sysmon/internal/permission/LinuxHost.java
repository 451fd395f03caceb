package io.sysmon.internal.permission;

import io.sysmon.internal.sys.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** This machine, as the calling thread sees it. What it does not show is a finding of its own. */
final class LinuxHost implements Host {
  private static final int EPERM = 1;
  private static final int PTRACE_INTERRUPT = 0x4207;

  @Override
  public Optional<String> text(String path) {
    try {
      // The names of programs need not be UTF-8.
      return Optional.of(new String(Files.readAllBytes(Path.of(path)), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<String> link(String path) {
    try {
      return Optional.of(Files.readSymbolicLink(Path.of(path)).toString());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean isDenied(String link) {
    try {
      Files.readSymbolicLink(Path.of(link));
      return false;
    } catch (AccessDeniedException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public OptionalLong owner(String path) {
    try {
      return OptionalLong.of(
          Integer.toUnsignedLong((Integer) Files.getAttribute(Path.of(path), "unix:uid")));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** No task has the number 0, so that the kernel itself has nothing to say but {@code ESRCH}. */
  @Override
  public boolean filtersPtrace() {
    return Native.libc().ptrace(PTRACE_INTERRUPT, 0, 0, 0) == -1 && Native.errno() == EPERM;
  }
}
