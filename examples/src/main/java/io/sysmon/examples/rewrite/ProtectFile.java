package io.sysmon.examples.rewrite;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * {@code sysmon protect FILE rm -r .}: a command that unlinks the file, by whatever path, is told
 * that it did, or with {@code --refuse} that it may not. Renaming and overwriting are not watched.
 */
@CommandLine.Command(name = "protect", description = "Runs a command that cannot unlink a file.")
public final class ProtectFile implements SyscallListener, Callable<Integer> {
  private static final int AT_FDCWD = -100;

  @CommandLine.Option(names = "--refuse", description = "Tell the command that it may not.")
  private boolean refuse;

  @CommandLine.Parameters(arity = "2..*", paramLabel = "WORD", description = "FILE COMMAND")
  private List<String> words = List.of();

  ProtectFile() {}

  public ProtectFile(Path file, boolean refuse) {
    this.words = List.of(file.toString());
    this.refuse = refuse;
  }

  @Override
  public Interest interest() {
    return Interest.enter("unlink", "unlinkat");
  }

  @Override
  public void onEnter(SyscallEnter call) {
    // unlink(path), but unlinkat(directory, path, flags).
    int path = call.name().equals("unlink") ? 0 : 1;
    boolean fromCwd = path == 0 || (int) call.arg(0) == AT_FDCWD;
    // The kernel's link to the directory that a relative path begins at.
    Path base = Path.of("/proc/" + call.tid(), fromCwd ? "cwd" : "fd/" + (int) call.arg(0));
    Object inode = inode(base.resolve(call.snapshot().string(path).orElse("")));
    if (inode != null && inode.equals(inode(Path.of(words.get(0))))) {
      call.skip(refuse ? -Errno.EPERM.number() : 0);
    }
  }

  private static @Nullable Object inode(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS).fileKey();
    } catch (IOException e) {
      return null; // It is not there, and the kernel will say so.
    }
  }

  @Override
  public Integer call() throws Exception {
    List<String> command = words.subList(1, words.size());
    try (Tracer tracer = Tracer.builder().listener(this).build()) {
      int status = tracer.launch(new ProcessBuilder(command).inheritIO()).waitFor();
      tracer.awaitTracees();
      return status;
    }
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new ProtectFile()).setStopAtPositional(true).execute(args));
  }
}
