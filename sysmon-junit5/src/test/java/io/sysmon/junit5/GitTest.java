package io.sysmon.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sysmon.Errno;
import io.sysmon.Interest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A commit is made or not when its disk fails, and the repository is whole. */
class GitTest {
  @TempDir Path directory;

  @BeforeEach
  void gitIsInstalled() {
    Programs.assumeInstalled("git");
  }

  private TracedCommand git(TracedCommand command) {
    return command
        .directory(directory)
        .environment("HOME", directory.toString())
        .environment("GIT_CONFIG_NOSYSTEM", "1")
        .environment("GIT_AUTHOR_NAME", "a")
        .environment("GIT_AUTHOR_EMAIL", "a@b")
        .environment("GIT_COMMITTER_NAME", "a")
        .environment("GIT_COMMITTER_EMAIL", "a@b")
        .record(Interest.of("write", "link", "rename"));
  }

  private Run git(Harness harness, String... words) throws IOException, InterruptedException {
    Run run = git(harness.command(words)).run();
    run.check().exitsWith(0);
    return run;
  }

  @FaultSweep(
      calls = "write,link,rename,mkdir",
      path = "**/.git/**",
      errno = Errno.EIO,
      budgetSeconds = 30)
  void aCommitIsMadeOrNot(@Traced Harness harness) throws Exception {
    git(harness, "git", "init", "-q", "-b", "main");
    Files.writeString(directory.resolve("file"), "one");
    git(harness, "git", "add", "file");
    git(harness, "git", "commit", "-q", "-m", "one");
    Files.writeString(directory.resolve("file"), "two");
    git(harness, "git", "add", "file");
    Run commit = git(harness.subject("git", "commit", "-q", "-m", "two")).run();
    git(harness, "git", "fsck", "--strict", "--no-dangling");
    if (commit.exitValue() == 0) {
      assertEquals("two\none\n", git(harness, "git", "log", "--format=%s").stdout());
      assertEquals("two", git(harness, "git", "show", "HEAD:file").stdout());
    } else {
      assertEquals("one\n", git(harness, "git", "log", "--format=%s").stdout());
    }
  }
}
