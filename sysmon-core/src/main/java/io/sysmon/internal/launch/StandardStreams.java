package io.sysmon.internal.launch;

import io.sysmon.Errno;
import io.sysmon.internal.sys.Native;
import io.sysmon.internal.sys.OffHeap;
import io.sysmon.internal.sys.SystemCallException;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The three standard streams of a program, from {@link ProcessBuilder}'s redirects: the descriptors
 * that the program gets, and the JVM's ends of the pipes.
 */
public final class StandardStreams {
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0x40;
  private static final int O_TRUNC = 0x200;
  private static final int O_APPEND = 0x400;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int READ_WRITE_ALL = 0666;
  private static final int INHERITED = -1;

  private final OffHeap pipe = new OffHeap(2 * Integer.BYTES);
  private final List<Integer> open = new ArrayList<>();
  private final int[] programs = {INHERITED, INHERITED, INHERITED};
  private @Nullable OutputStream input;
  private @Nullable InputStream output;
  private @Nullable InputStream error;

  private StandardStreams() {}

  /**
   * Opens files and makes pipes.
   *
   * @throws IOException as {@link ProcessBuilder#start()} when a file cannot be opened
   */
  public static StandardStreams open(ProcessBuilder builder, Command command) throws IOException {
    StandardStreams streams = new StandardStreams();
    try {
      streams.openInput(builder.redirectInput());
      streams.output = streams.openOutput(builder.redirectOutput(), 1);
      if (builder.redirectErrorStream()) {
        streams.programs[2] = streams.programs[1] == INHERITED ? 1 : streams.programs[1];
      } else {
        streams.error = streams.openOutput(builder.redirectError(), 2);
      }
      return streams;
    } catch (IOException e) {
      streams.abandon();
      throw command.cannotRun(String.valueOf(e.getMessage()), e);
    } catch (SystemCallException e) {
      streams.abandon();
      throw command.cannotRun(e.errno());
    } catch (RuntimeException e) {
      streams.abandon();
      throw e;
    }
  }

  private void openInput(Redirect redirect) throws IOException {
    switch (redirect.type()) {
      case PIPE -> {
        makePipe();
        programs[0] = end(0);
        input = new FileOutputStream(reopen(end(1)));
        close(end(1));
      }
      case READ -> programs[0] = openFile(file(redirect), 0);
      default -> programs[0] = INHERITED;
    }
  }

  private @Nullable InputStream openOutput(Redirect redirect, int stream) throws IOException {
    switch (redirect.type()) {
      case PIPE -> {
        makePipe();
        programs[stream] = end(1);
        InputStream ours = new FileInputStream(reopen(end(0)));
        close(end(0));
        return ours;
      }
      case WRITE -> programs[stream] = openFile(file(redirect), O_WRONLY | O_CREAT | O_TRUNC);
      case APPEND -> programs[stream] = openFile(file(redirect), O_WRONLY | O_CREAT | O_APPEND);
      default -> programs[stream] = INHERITED;
    }
    return null;
  }

  private static File file(Redirect redirect) {
    File file = redirect.file();
    if (file == null) {
      throw new IllegalArgumentException("The redirect " + redirect + " has no file");
    }
    return file;
  }

  private int openFile(File file, int flags) throws IOException {
    if (file.getPath().indexOf('\0') >= 0) {
      // open(2) would take the part before the NUL for another file's name.
      throw new FileNotFoundException("Invalid file path");
    }
    byte[] path = NativeText.encode(file.getPath());
    OffHeap name = new OffHeap(path.length + 1);
    name.buffer().put(0, path);
    int fd = Native.libc().open(name.address(0), flags | O_CLOEXEC, READ_WRITE_ALL);
    if (fd < 0) {
      throw new FileNotFoundException(
          file.getPath() + " (" + Errno.of(Native.errno()).message() + ")");
    }
    return aboveStandard(fd);
  }

  private void makePipe() {
    if (Native.libc().pipe2(pipe.address(0), O_CLOEXEC) < 0) {
      throw new SystemCallException("pipe2", Native.errno());
    }
    pipe.buffer().putInt(0, aboveStandard(end(0)));
    pipe.buffer().putInt(4, aboveStandard(end(1)));
  }

  private int end(int which) {
    return pipe.buffer().getInt(which * Integer.BYTES);
  }

  /** In a JVM that runs with standard streams closed, a new descriptor may be 0, 1 or 2. */
  private int aboveStandard(int fd) {
    int result = fd;
    if (fd <= 2) {
      result = Native.libc().fcntl(fd, F_DUPFD_CLOEXEC, 3);
      int errno = Native.errno();
      Native.libc().close(fd);
      if (result < 0) {
        throw new SystemCallException("fcntl(F_DUPFD_CLOEXEC)", errno);
      }
    }
    open.add(result);
    return result;
  }

  private static File reopen(int fd) {
    return new File("/proc/self/fd/" + fd);
  }

  private void close(int fd) {
    if (open.remove((Integer) fd)) {
      Native.libc().close(fd);
    }
  }

  /** The descriptors of this JVM that become the program's 0, 1 and 2; −1 for the JVM's own. */
  public int[] programs() {
    return programs.clone();
  }

  /** Closes the program's descriptors in this JVM, once a child has them. */
  public void releaseProgramsEnds() {
    List.copyOf(open).forEach(this::close);
  }

  /** Closes everything, for a program that did not start. */
  public void abandon() {
    releaseProgramsEnds();
    try {
      if (input != null) {
        input.close();
      }
      if (output != null) {
        output.close();
      }
      if (error != null) {
        error.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Closing a pipe", e);
    }
  }

  /** Our end of the program's standard input, or null when that is no pipe. */
  @Nullable OutputStream input() {
    return input;
  }

  /** Our end of the program's standard output, or null when that is no pipe. */
  @Nullable InputStream output() {
    return output;
  }

  /** Our end of the program's standard error, or null when that is no pipe. */
  @Nullable InputStream error() {
    return error;
  }
}
