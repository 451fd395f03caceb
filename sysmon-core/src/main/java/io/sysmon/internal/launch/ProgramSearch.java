package io.sysmon.internal.launch;

import io.sysmon.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Where execvp(3) would look for a program: the name itself when it has a slash, else the
 * directories of the JVM's own {@code PATH}, as for {@link ProcessBuilder}.
 *
 * <p>execvp tries each by execve and goes on after some errors. Here a file that visibly is not
 * there, or may not be executed, is passed over without trying, so that the first execve that a
 * listener sees is, in all but odd cases, the one that succeeds.
 */
final class ProgramSearch {
  /** {@code _PATH_DEFPATH} of paths.h and glibc: what execvp uses when there is no PATH. */
  private static final String DEFAULT_PATH = "/bin:/usr/bin";

  private ProgramSearch() {}

  /** The files to try in order, and the errno for when none of them can be executed. */
  record Candidates(List<String> paths, int errno) {}

  static Candidates of(String program) {
    String path = System.getenv("PATH");
    return of(program, path == null ? DEFAULT_PATH : path);
  }

  static Candidates of(String program, String searchPath) {
    if (program.isEmpty()) {
      return new Candidates(List.of(), Errno.ENOENT.number());
    }
    List<String> named = new ArrayList<>();
    if (program.indexOf('/') >= 0) {
      named.add(program);
    } else {
      for (String directory : searchPath.split(":", -1)) {
        // An empty element is the working directory (execvp(3)).
        named.add(directory.isEmpty() ? "./" + program : directory + "/" + program);
      }
    }
    List<String> toTry = new ArrayList<>();
    int errno = Errno.ENOENT.number();
    for (String path : named) {
      switch (look(path)) {
        case MAY_RUN -> toTry.add(path);
        case NOT_EXECUTABLE -> errno = Errno.EACCES.number();
        case MISSING -> {}
      }
    }
    return new Candidates(List.copyOf(toTry), errno);
  }

  private enum Look {
    MISSING,
    NOT_EXECUTABLE,
    MAY_RUN
  }

  private static Look look(String path) {
    if (!path.startsWith("/")) {
      // Relative to the program's working directory: only its own execve can tell.
      return Look.MAY_RUN;
    }
    Path file;
    try {
      file = Path.of(path);
    } catch (InvalidPathException e) {
      // Not expressible in the JVM's charset, which says nothing about the file.
      return Look.MAY_RUN;
    }
    try {
      Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      // Some JDKs say so of ENOTDIR too.
      return isBelowAFile(file) ? Look.MAY_RUN : Look.MISSING;
    } catch (IOException e) {
      // ENOTDIR, ENAMETOOLONG, ELOOP, ...: execve will say which.
      return Look.MAY_RUN;
    }
    return Files.isExecutable(file) && !Files.isDirectory(file)
        ? Look.MAY_RUN
        : Look.NOT_EXECUTABLE;
  }

  private static boolean isBelowAFile(Path path) {
    for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
      if (Files.exists(parent)) {
        return !Files.isDirectory(parent);
      }
    }
    return false;
  }
}
