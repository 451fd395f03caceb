package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.monitor.EventKind;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Policy;
import io.sysmon.monitor.Question;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions that end otherwise than by an answer. */
class QuestionsTest {
  @TempDir Path directory;
  @TempDir Path other;

  private String policy(String more) throws Exception {
    String paths = directory.toRealPath() + "/*";
    return "rules: [{events: file, paths: '" + paths + "', verdict: ask, " + more + "}]";
  }

  private static void makeFile(Path file) {
    try {
      Files.createFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whoIsAskedIsInterruptedWhenTheTimeIsOverAndThenAskedTheNextQuestion() throws Exception {
    Path enough = other.resolve("enough");
    List<Question> interrupted = new CopyOnWriteArrayList<>();
    Monitored monitored =
        Monitored.run(
            policy("timeout: 100ms, default: allow"),
            question -> {
              try {
                Thread.sleep(Long.MAX_VALUE);
              } catch (InterruptedException e) {
                // As one who does not care.
                interrupted.add(question);
              }
              boolean isTimely = Instant.now().isBefore(question.until());
              if (isTimely || interrupted.size() == 2) {
                makeFile(enough);
              }
              return isTimely;
            },
            "/bin/sh",
            "-c",
            "cd " + directory + "; until [ -e " + enough + " ]; do : > file || exit; done");
    assertEquals(0, monitored.outcome().exitValue(), monitored::toString);
    assertTrue(interrupted.stream().allMatch(Question::isAllowedByDefault), interrupted::toString);
    assertEquals(
        List.of("ask: allow (no answer)"),
        monitored.all(EventKind.FILE_WRITE, "verdict").stream().distinct().toList());
  }

  @Test
  void whoIsAskedIsInterruptedWhenTheProcessIsKilled() throws Exception {
    CompletableFuture<Question> asked = new CompletableFuture<>();
    CompletableFuture<Question> interrupted = new CompletableFuture<>();
    Policy policy = Policy.parse(policy("timeout: 60m"));
    try (Monitor monitor =
            Monitor.of(
                policy,
                event -> {},
                question -> {
                  asked.complete(question);
                  try {
                    Thread.sleep(Long.MAX_VALUE);
                  } catch (InterruptedException e) {
                    interrupted.complete(question);
                    throw e;
                  }
                  return true;
                });
        Tracer tracer = Tracer.builder().listener(monitor).build()) {
      TraceeHandle shell =
          tracer.launch(new ProcessBuilder("/bin/sh", "-c", ": > " + directory + "/file"));
      assertFalse(asked.get().isAllowedByDefault());
      shell.kill();
      assertEquals(asked.get(), interrupted.get());
      shell.waitFor();
    }
  }
}
