package io.sysmon.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.NothingLeaks;
import io.sysmon.tests.support.Recorder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code TraceeHandle.process()} keeps the promises of {@link Process}. */
class LaunchedProcessTest {
  private final Recorder recorder = new Recorder(Interest.none());
  private final Tracer tracer = Tracer.builder().listener(recorder).build();

  @AfterEach
  void closeTracer() {
    tracer.close();
  }

  private Process launch(String... command) throws IOException {
    return tracer.launch(new ProcessBuilder(command)).process();
  }

  @Test
  void runningProcessIsAliveAndHasNoExitValue() throws Exception {
    Process cat = launch("cat");
    assertTrue(cat.isAlive());
    assertThrows(IllegalThreadStateException.class, cat::exitValue);
    assertFalse(cat.waitFor(1, MILLISECONDS));
    assertFalse(cat.waitFor(0, SECONDS));
    assertFalse(cat.waitFor(-1, SECONDS));
    cat.getOutputStream().close();
    assertEquals(0, cat.waitFor());
    assertFalse(cat.isAlive());
    assertEquals(0, cat.exitValue());
    assertTrue(cat.waitFor(0, SECONDS));
  }

  @Test
  void exitValueIsTheProgramsCode() throws Exception {
    for (int code : List.of(0, 1, 77, 127, 128, 255)) {
      assertEquals(code, launch("sh", "-c", "exit " + code).waitFor());
    }
  }

  @Test
  void waitForWithTimeoutEndsWhenTheProcessEnds() throws Exception {
    Process sh = launch("sh", "-c", "read x; exit 9");
    CompletableFuture<Boolean> waiter = Background.call(() -> sh.waitFor(20, SECONDS));
    sh.getOutputStream().write('\n');
    sh.getOutputStream().flush();
    assertTrue(waiter.get());
    assertEquals(9, sh.exitValue());
  }

  @Test
  void pidIsTheProgramsOwn() throws Exception {
    Process sh = launch("sh", "-c", "echo $$");
    assertEquals(sh.pid() + "\n", new String(sh.getInputStream().readAllBytes(), UTF_8));
    assertEquals(0, sh.waitFor());
  }

  @Test
  void destroyEndsItBySigterm() throws Exception {
    Process sleep = launch("sleep", "1000");
    assertTrue(sleep.supportsNormalTermination());
    sleep.destroy();
    assertEquals(143, sleep.waitFor());
    assertEquals(Signal.SIGTERM, recorder.all(Recorder.Delivery.class).get(0).signal());
    sleep.destroy();
    assertEquals(143, sleep.exitValue());
  }

  @Test
  void destroyLetsItEndInItsOwnWay() throws Exception {
    Process sh = launch("sh", "-c", "trap 'echo bye; exit 5' TERM; echo ready; read x");
    BufferedReader output = sh.inputReader(UTF_8);
    assertEquals("ready", output.readLine());
    sh.destroy();
    assertEquals(5, sh.waitFor());
    assertEquals("bye", output.readLine());
  }

  @Test
  void destroyForciblyEndsItBySigkill() throws Exception {
    Process sh = launch("sh", "-c", "trap '' TERM; echo ready; read x");
    assertEquals('r', sh.getInputStream().read());
    assertSame(sh, sh.destroyForcibly());
    assertEquals(137, sh.waitFor());
    assertSame(sh, sh.destroyForcibly());
  }

  @Test
  void onExitCompletesWithTheProcess() throws Exception {
    Process sh = launch("sh", "-c", "read x; exit 6");
    CompletableFuture<Process> exit = sh.onExit();
    CompletableFuture<Integer> chained = exit.thenApply(Process::exitValue);
    assertFalse(exit.isDone());
    sh.getOutputStream().close();
    assertSame(sh, exit.get(20, SECONDS));
    assertEquals(6, chained.get(20, SECONDS));
    assertTrue(sh.onExit().isDone());
  }

  @Test
  void cancellingOnExitCancelsNothingElse() throws Exception {
    Process sh = launch("sh", "-c", "read x; exit 6");
    assertTrue(sh.onExit().cancel(true));
    sh.getOutputStream().close();
    assertEquals(6, sh.waitFor());
    assertEquals(6, sh.onExit().get(20, SECONDS).exitValue());
  }

  @Test
  void toHandleIsRefusedBecauseTheJdkWouldReapTheTracee() throws Exception {
    Process sleep = launch("sleep", "1000");
    assertThrows(UnsupportedOperationException.class, sleep::toHandle);
    sleep.destroyForcibly();
    assertEquals(137, sleep.waitFor());
  }

  @Test
  void childrenAndInfoAreTold() throws Exception {
    Process sh = launch("sh", "-c", "sleep 1000 & wait");
    Recorder.Fork fork = recorder.await(Recorder.Fork.class, any -> true);
    recorder.await(Recorder.Exec.class, exec -> exec.tid() == fork.childTid());
    assertEquals(List.of((long) fork.childPid()), sh.children().map(ProcessHandle::pid).toList());
    assertEquals(
        List.of((long) fork.childPid()), sh.descendants().map(ProcessHandle::pid).toList());
    assertTrue(sh.info().command().orElseThrow().startsWith("/"));
    tracer.tracees().forEach(TraceeHandle::kill);
    assertEquals(137, sh.waitFor());
    assertEquals(0, sh.children().count());
    assertTrue(sh.info().command().isEmpty());
  }

  @Test
  void toStringTellsPidAndExitValue() throws Exception {
    Process cat = launch("cat");
    assertEquals("Process[pid=" + cat.pid() + ", exitValue=\"not exited\"]", cat.toString());
    cat.getOutputStream().close();
    assertEquals(0, cat.waitFor());
    assertEquals("Process[pid=" + cat.pid() + ", exitValue=0]", cat.toString());
  }

  @Test
  void outputIsReadableAfterTheEndAndNoDescriptorIsLeft() throws Exception {
    NothingLeaks.Watch watch = NothingLeaks.watch();
    for (int i = 0; i < 20; i++) {
      Process sh = launch("sh", "-c", "head -c 60000 /dev/zero; echo err >&2");
      assertEquals(0, sh.waitFor());
      // Nothing was read and nothing closed.
      assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
      assertEquals(60_000, sh.getInputStream().readAllBytes().length);
      assertEquals("err\n", new String(sh.getErrorStream().readAllBytes(), UTF_8));
      assertEquals(-1, sh.getInputStream().read());
    }
  }

  @Test
  void whatIsAvailableCanBeAskedWhileTheProgramEnds() throws Exception {
    for (int i = 0; i < 100; i++) {
      Process quick = launch("true");
      InputStream output = quick.getInputStream();
      while (quick.isAlive()) {
        assertEquals(0, output.available());
      }
      assertEquals(0, output.available());
    }
  }

  @Test
  void outputIsReadableAfterTheTracerIsClosed() throws Exception {
    Process echo = launch("echo", "text");
    assertEquals(0, echo.waitFor());
    tracer.close();
    assertEquals("text\n", new String(echo.getInputStream().readAllBytes(), UTF_8));
  }

  @Test
  void anOutputHalfReadGoesOnWhereItWasAfterTheEnd() throws Exception {
    Process sh = launch("sh", "-c", "printf 0123456789; read x; printf abcdef");
    InputStream output = sh.getInputStream();
    assertEquals("012", new String(output.readNBytes(3), UTF_8));
    sh.getOutputStream().close();
    sh.waitFor();
    assertEquals("34567", new String(output.readNBytes(5), UTF_8));
    assertEquals(2, output.skip(2));
    assertEquals(6, output.available());
    assertEquals("abcdef", new String(output.readAllBytes(), UTF_8));
    output.close();
    assertThrows(IOException.class, output::read);
  }

  @Test
  void aReaderThatWaitsIsTheFirstToLearnOfTheEnd() throws Exception {
    NothingLeaks.Watch watch = NothingLeaks.watch();
    for (int i = 0; i < 30; i++) {
      Process cat = launch("cat");
      CompletableFuture<byte[]> reader = Background.call(() -> cat.getInputStream().readAllBytes());
      OutputStream input = cat.getOutputStream();
      input.write("text".getBytes(UTF_8));
      input.close();
      assertEquals("text", new String(reader.get(20, SECONDS), UTF_8));
      assertEquals(0, cat.waitFor());
    }
    // A reader that was reading at the end closes the pipe itself.
    assertEquals(List.of(), watch.leftAfter(Duration.ofSeconds(2)));
  }

  @Test
  void aDescendantThatKeepsTheOutputKeepsNobodyWaiting() throws Exception {
    NothingLeaks.Watch watch = NothingLeaks.watch();
    TraceeHandle sh =
        tracer.launch(new ProcessBuilder("sh", "-c", "echo first; sleep 1000 & exit 2"));
    Recorder.Fork fork = recorder.await(Recorder.Fork.class, any -> true);
    assertEquals(2, sh.waitFor());
    assertEquals("first\n", new String(sh.process().getInputStream().readAllBytes(), UTF_8));
    TraceeHandle sleep = tracer.tracees().get(0);
    assertEquals(fork.childPid(), sleep.pid());
    sleep.kill();
    tracer.awaitTracees();
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
  }

  @Test
  void inputIsClosedAfterTheEnd() throws Exception {
    NothingLeaks.Watch watch = NothingLeaks.watch();
    Process quick = launch("true");
    assertEquals(0, quick.waitFor());
    assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
    OutputStream input = quick.getOutputStream();
    assertThrows(
        IOException.class,
        () -> {
          input.write('x');
          input.flush();
        });
  }

  @Test
  void aProgramThatDoesNotReadItsInputMakesTheWriterFailNotHang() throws Exception {
    Process sh = launch("sh", "-c", "exec <&-; echo closed; read x");
    assertEquals('c', sh.getInputStream().read());
    assertEquals(1, sh.waitFor());
    assertThrows(
        IOException.class,
        () -> {
          sh.getOutputStream().write(new byte[100_000]);
          sh.getOutputStream().flush();
        });
  }

  @Test
  void theProcessIsTheSameObjectEachTime() throws Exception {
    TraceeHandle quick = tracer.launch(new ProcessBuilder("true"));
    assertSame(quick.process(), quick.process());
    assertEquals(quick.pid(), quick.process().pid());
    assertEquals(0, quick.waitFor());
    assertSame(quick.process(), quick.process());
  }
}
