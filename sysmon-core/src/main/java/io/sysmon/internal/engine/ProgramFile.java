package io.sysmon.internal.engine;

import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code /proc/TID/exe}, the program that a task executes, begins with (elf(5)). */
final class ProgramFile {
  private static final int EI_CLASS = 4;
  private static final int ELFCLASS32 = 1;

  private ProgramFile() {}

  /** The size of a pointer in the program's memory: 4 also for the x32 ABI. Any thread. */
  static int wordSize(int tid) {
    try (InputStream program = Files.newInputStream(Path.of("/proc/" + tid + "/exe"))) {
      byte[] ident = program.readNBytes(EI_CLASS + 1);
      return ident.length > EI_CLASS && ident[EI_CLASS] == ELFCLASS32 ? Integer.BYTES : Long.BYTES;
    } catch (AccessDeniedException e) {
      throw new TracePermissionException("The program of task " + tid + " must not be read: " + e);
    } catch (IOException e) {
      throw new TraceeDiedException("Task " + tid + " ended before its program was looked at");
    }
  }
}
