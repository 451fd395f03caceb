package io.sysmon.tests.fault;

import static io.sysmon.fault.CallCondition.path;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.HeldCall;
import io.sysmon.Interest;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.TracerClosedException;
import io.sysmon.fault.HoldPoint;
import io.sysmon.fault.HoldPoints;
import io.sysmon.tests.support.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that wait right before a call. */
class HoldPointsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String RENAMES = "rename,renameat,renameat2";

  @TempDir Path directory;

  private final HoldPoints points = new HoldPoints(Interest.enter("%file"));

  private TraceeHandle launch(Tracer tracer, String script) throws Exception {
    return tracer.launch(new ProcessBuilder("sh", "-c", script).directory(directory.toFile()));
  }

  @Test
  void theWorldIsAsItIsBeforeTheCall() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(points).build()) {
      HoldPoint point = points.at(RENAMES, path("new.db"));
      TraceeHandle shell = launch(tracer, "echo 1 > old; mv old a; echo 2 > b; mv b new.db");
      HeldCall call = point.await(LIMIT);
      assertTrue(Files.exists(directory.resolve("a")));
      assertTrue(Files.exists(directory.resolve("b")));
      assertFalse(Files.exists(directory.resolve("new.db")));
      call.proceed();
      assertEquals(0, shell.waitFor());
      assertTrue(Files.exists(directory.resolve("new.db")));
    }
  }

  @Test
  void theCallCanFail() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(points).build()) {
      HoldPoint point = points.at(RENAMES);
      TraceeHandle shell = launch(tracer, "echo 1 > old; mv old new");
      point.await(LIMIT).fail(Errno.EIO);
      Outcome outcome = Outcome.of(shell);
      assertEquals(1, outcome.exitValue());
      assertTrue(outcome.stderr().endsWith("Input/output error\n"), outcome::stderr);
      assertTrue(Files.exists(directory.resolve("old")));
    }
  }

  @Test
  void theProcessCanBeKilled() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(points).build()) {
      HoldPoint point = points.at("openat", path("file"));
      TraceeHandle shell = launch(tracer, "echo 1 > file; echo 2 > other");
      point.await(LIMIT).task().tracee().kill();
      assertEquals(137, shell.waitFor());
      assertFalse(Files.exists(directory.resolve("file")));
    }
  }

  @Test
  void theNextPointIsSetBeforeTheFirstCallGoesOn() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(points).build()) {
      HoldPoint point = points.at("openat", path("file?"));
      TraceeHandle shell = launch(tracer, "for i in 1 2 3; do : > file$i; done");
      for (int i = 1; i <= 3; i++) {
        HeldCall call = point.await(LIMIT);
        assertEquals("file" + i, call.call().string(1).orElse(""));
        assertFalse(Files.exists(directory.resolve("file" + i)));
        point = points.at("openat", path("file?"));
        call.proceed();
      }
      assertEquals(0, shell.waitFor());
      HoldPoint last = point;
      assertFalse(last.reached().isDone());
      assertThrows(TimeoutException.class, () -> last.await(Duration.ZERO));
    }
  }

  @Test
  void aCallThatWasMadeWithoutAnAnswerIsTold() throws Exception {
    HoldPoints brief = new HoldPoints(Interest.enter("%file"), Duration.ofMillis(50));
    try (Tracer tracer = Tracer.builder().listener(brief).build()) {
      HoldPoint point = brief.at("openat", path("file"));
      TraceeHandle shell = launch(tracer, ": > file");
      point.await(LIMIT);
      assertEquals(0, shell.waitFor());
      assertTrue(point.expired().join());
      assertTrue(Files.exists(directory.resolve("file")));
    }
  }

  @Test
  void aCallThatWasAnsweredOrWhoseProcessWasKilledHasNotExpired() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(points).build()) {
      HoldPoint answered = points.at("openat", path("file"));
      HoldPoint killed = points.at("openat", path("other"));
      TraceeHandle shell = launch(tracer, ": > file; : > other");
      answered.await(LIMIT).proceed();
      killed.await(LIMIT).task().tracee().kill();
      assertEquals(137, shell.waitFor());
      assertFalse(answered.expired().join());
      assertFalse(killed.expired().join());
    }
  }

  @Test
  void whoWaitsIsToldThatTheTracerWasClosed() throws Exception {
    Tracer tracer = Tracer.builder().listener(points).build();
    HoldPoint point = points.at("openat");
    CompletableFuture<TracerClosedException> told = new CompletableFuture<>();
    Thread waiting =
        new Thread(
            () ->
                told.complete(
                    assertThrows(
                        TracerClosedException.class, () -> point.await(Duration.ofDays(1)))));
    waiting.start();
    tracer.close();
    tracer.close();
    String message = told.get().getMessage();
    assertEquals("the point at openat was not reached before the tracer was closed", message);
    waiting.join();
    HoldPoint late = points.at("openat");
    assertThrows(TracerClosedException.class, () -> late.await(LIMIT));
  }

  @Test
  void aCallThatIsNeverStoppedCannotBeWaitedFor() {
    assertThrows(IllegalArgumentException.class, () -> points.at("write"));
  }
}
