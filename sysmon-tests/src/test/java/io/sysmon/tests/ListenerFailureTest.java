package io.sysmon.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.ListenerFailedException;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeTask;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Recorder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a callback throws does not touch the tracee, and comes out where somebody waits. */
class ListenerFailureTest {
  private final List<ListenerFailedException> handled =
      Collections.synchronizedList(new ArrayList<>());

  private enum Callback {
    ON_ENTER,
    ON_SYSCALL_EXIT,
    ON_START,
    ON_FORK,
    ON_EXEC,
    ON_SIGNAL,
    ON_GROUP_STOP,
    ON_TASK_EXIT
  }

  /** Throws at the first call of one callback, and notes each call of any. */
  private static final class Thrower implements SyscallListener, TraceeListener {
    private final Callback where;
    private final Supplier<? extends Throwable> what;
    private boolean thrown;

    Thrower(Callback where, Supplier<? extends Throwable> what) {
      this.where = where;
      this.what = what;
    }

    private void called(Callback callback) {
      if (callback == where && !thrown) {
        thrown = true;
        ListenerFailureTest.<RuntimeException>throwUnchecked(what.get());
      }
    }

    @Override
    public void onEnter(SyscallEnter call) {
      called(Callback.ON_ENTER);
    }

    @Override
    public void onExit(SyscallExit call) {
      called(Callback.ON_SYSCALL_EXIT);
    }

    @Override
    public void onStart(TraceeTask task) {
      called(Callback.ON_START);
    }

    @Override
    public void onFork(TraceeTask parent, TraceeTask child, ForkKind kind) {
      called(Callback.ON_FORK);
    }

    @Override
    public void onExec(TraceeTask task, int formerTid) {
      called(Callback.ON_EXEC);
    }

    @Override
    public void onSignal(SignalStop stop) {
      called(Callback.ON_SIGNAL);
    }

    @Override
    public void onGroupStop(TraceeTask task, Signal signal) {
      called(Callback.ON_GROUP_STOP);
    }

    @Override
    public void onExit(TraceeTask task, ExitStatus status) {
      called(Callback.ON_TASK_EXIT);
    }
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void throwUnchecked(Throwable any) throws E {
    throw (E) any;
  }

  private Tracer tracer(Listener... listeners) {
    Tracer.Builder builder = Tracer.builder().onListenerFailure(handled::add);
    Arrays.stream(listeners).forEach(builder::listener);
    return builder.build();
  }

  @ParameterizedTest
  @EnumSource
  void theTraceeGoesOnAndWaitForThrows(Callback callback) throws Exception {
    AssertionError cause = new AssertionError("thrown on purpose");
    Recorder before = new Recorder(Interest.all());
    Recorder after = new Recorder(Interest.all());
    // Everything but a group stop comes of it: a fork, an exec, a signal, and the ends.
    ProcessBuilder command =
        new ProcessBuilder("sh", "-c", "(exit 3); echo $?; kill -STOP $$; exit 7");
    try (Tracer tracer = tracer(before, new Thrower(callback, () -> cause), after)) {
      TraceeHandle sh = tracer.launch(command);
      after.await(Recorder.GroupStop.class, any -> true);
      sh.signal(Signal.SIGCONT);
      ListenerFailedException failure = assertThrows(ListenerFailedException.class, sh::waitFor);
      assertSame(cause, failure.getCause());
      assertTrue(failure.getMessage().contains(Thrower.class.getName()), failure::getMessage);
      assertTrue(failure.getMessage().contains("thrown on purpose"), failure::getMessage);
      // Its stack is the waiter's, which is where the failure surfaces.
      assertTrue(Arrays.toString(failure.getStackTrace()).contains(getClass().getName()));
      assertEquals(ExitStatus.exited(7), sh.exitStatus());
      assertEquals(7, sh.process().exitValue());
      assertEquals("3\n", new String(sh.process().getInputStream().readAllBytes(), UTF_8));
    }
    // The listeners before and after it saw everything.
    assertEquals(
        before.events().stream().map(Object::getClass).toList(),
        after.events().stream().map(Object::getClass).toList());
    assertEquals(2, after.all(Recorder.End.class).size());
    assertEquals(1, handled.size());
    assertSame(cause, handled.get(0).getCause());
  }

  @Test
  void eachKindOfThrowableIsTheCause() throws Exception {
    for (Throwable cause :
        List.of(
            new AssertionError("an assertion"),
            new IllegalStateException("a runtime exception"),
            new IOException("a checked exception"),
            new StackOverflowError(),
            new InterruptedException("an interrupt"),
            new ThreadDeathLike())) {
      try (Tracer tracer = tracer(new Thrower(Callback.ON_ENTER, () -> cause))) {
        TraceeHandle sh = tracer.launch(new ProcessBuilder("sh", "-c", "exit 7"));
        ListenerFailedException failure = assertThrows(ListenerFailedException.class, sh::waitFor);
        assertSame(cause, failure.getCause());
        assertEquals(7, sh.exitStatus().exitValue());
      }
    }
  }

  private static final class ThreadDeathLike extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void everyWaitTellsIt() throws Exception {
    try (Tracer tracer = tracer(new Thrower(Callback.ON_EXEC, AssertionError::new))) {
      TraceeHandle sh = tracer.launch(new ProcessBuilder("sh", "-c", "exit 7"));
      ListenerFailedException first = assertThrows(ListenerFailedException.class, sh::waitFor);
      ListenerFailedException again = assertThrows(ListenerFailedException.class, sh::waitFor);
      assertNotSame(first, again);
      assertThrows(ListenerFailedException.class, () -> sh.waitFor(Duration.ofSeconds(20)));
      assertThrows(ListenerFailedException.class, () -> sh.process().waitFor());
      assertThrows(ListenerFailedException.class, () -> sh.process().waitFor(20, TimeUnit.SECONDS));
      // It is told already.
      tracer.awaitTracees();
      assertEquals(ExitStatus.exited(7), sh.onExit().get());
      assertEquals(7, sh.process().onExit().get().exitValue());
    }
  }

  @Test
  void awaitTraceesTellsWhatNobodyWasToldOnce() throws Exception {
    AssertionError cause = new AssertionError();
    try (Tracer tracer = tracer(new Thrower(Callback.ON_EXEC, () -> cause))) {
      tracer.launch(new ProcessBuilder("true"));
      ListenerFailedException failure =
          assertThrows(ListenerFailedException.class, tracer::awaitTracees);
      assertSame(cause, failure.getCause());
      tracer.awaitTracees();
    }
  }

  @Test
  void aFailureForADescendantSurfacesAtTheRoot() throws Exception {
    AssertionError cause = new AssertionError();
    TraceeListener failing =
        new TraceeListener() {
          @Override
          public void onExit(TraceeTask task, ExitStatus status) {
            if (task.tracee().parent().isPresent()) {
              throw cause;
            }
          }
        };
    try (Tracer tracer = tracer(failing)) {
      TraceeHandle sh = tracer.launch(new ProcessBuilder("sh", "-c", "(exit 3); exit 7"));
      ListenerFailedException failure = assertThrows(ListenerFailedException.class, sh::waitFor);
      assertSame(cause, failure.getCause());
    }
  }

  @Test
  void aFailureForADescendantThatOutlivesTheRootSurfacesAtAwaitTracees() throws Exception {
    AssertionError cause = new AssertionError();
    try (Tracer tracer = tracer(new Thrower(Callback.ON_SIGNAL, () -> cause))) {
      TraceeHandle root =
          tracer.launch(new ProcessBuilder("sh", "-c", "trap '' CHLD; sleep 1000 & exit 3"));
      assertEquals(3, root.waitFor());
      TraceeHandle sleep = tracer.tracees().get(0);
      sleep.signal(Signal.SIGTERM);
      ListenerFailedException failure =
          assertThrows(ListenerFailedException.class, tracer::awaitTracees);
      assertSame(cause, failure.getCause());
      assertEquals(143, sleep.exitStatus().exitValue());
      assertThrows(ListenerFailedException.class, sleep::waitFor);
    }
  }

  @Test
  void aFailureForOneLaunchIsNoneOfAnothersBusiness() throws Exception {
    TraceeListener failing =
        new TraceeListener() {
          private boolean first = true;

          @Override
          public void onStart(TraceeTask task) {
            if (first) {
              first = false;
              throw new AssertionError();
            }
          }
        };
    try (Tracer tracer = tracer(failing)) {
      TraceeHandle first = tracer.launch(new ProcessBuilder("sh", "-c", "exit 1"));
      TraceeHandle second = tracer.launch(new ProcessBuilder("sh", "-c", "exit 2"));
      assertEquals(2, second.waitFor());
      assertThrows(ListenerFailedException.class, first::waitFor);
    }
  }

  @Test
  void laterFailuresAreSuppressedUpToALimit() throws Exception {
    SyscallListener failing =
        new SyscallListener() {
          private int count;

          @Override
          public Interest interest() {
            return Interest.enter("getppid");
          }

          @Override
          public void onEnter(SyscallEnter call) {
            throw new AssertionError("failure " + count++);
          }
        };
    try (Tracer tracer = tracer(failing)) {
      TraceeHandle loop =
          tracer.launch(new ProcessBuilder(Guest.compile("loop").toString(), "100"));
      ListenerFailedException failure = assertThrows(ListenerFailedException.class, loop::waitFor);
      assertEquals("failure 0", failure.getCause().getMessage());
      assertEquals(ListenerFailedException.MAX_SUPPRESSED, failure.getSuppressed().length);
      assertEquals("failure 1", failure.getSuppressed()[0].getCause().getMessage());
      assertEquals(0, loop.exitStatus().exitValue());
    }
    // The handler is told of each.
    assertEquals(100, handled.size());
  }

  @Test
  void severalListenersThatFailAreAllTold() throws Exception {
    AssertionError one = new AssertionError("one");
    AssertionError two = new AssertionError("two");
    try (Tracer tracer =
        tracer(
            new Thrower(Callback.ON_EXEC, () -> one), new Thrower(Callback.ON_EXEC, () -> two))) {
      TraceeHandle quick = tracer.launch(new ProcessBuilder("true"));
      ListenerFailedException failure = assertThrows(ListenerFailedException.class, quick::waitFor);
      assertSame(one, failure.getCause());
      assertSame(two, failure.getSuppressed()[0].getCause());
    }
  }

  @Test
  void theHandlerIsToldOnTheTracersThreadBeforeTheTraceeGoesOn() throws Exception {
    List<String> told = new ArrayList<>();
    Recorder recorder = new Recorder(Interest.none());
    try (Tracer tracer =
        Tracer.builder()
            .listener(new Thrower(Callback.ON_EXEC, () -> new AssertionError("thrown")))
            .listener(recorder)
            .onListenerFailure(
                failure ->
                    told.add(
                        Thread.currentThread().getName().startsWith("sysmon-tracer-")
                            + " "
                            + failure.getCause().getMessage()
                            + " "
                            + recorder.all(Recorder.Exec.class).size()))
            .build()) {
      TraceeHandle quick = tracer.launch(new ProcessBuilder("true"));
      assertThrows(ListenerFailedException.class, quick::waitFor);
    }
    assertEquals(List.of("true thrown 0"), told);
  }

  @Test
  void aHandlerThatThrowsTheFailureAgainDoesNoHarm() throws Exception {
    try (Tracer tracer =
        Tracer.builder()
            .listener(new Thrower(Callback.ON_ENTER, () -> new AssertionError("thrown")))
            .onListenerFailure(
                failure -> {
                  throw failure;
                })
            .build()) {
      TraceeHandle quick = tracer.launch(new ProcessBuilder("true"));
      assertThrows(ListenerFailedException.class, quick::waitFor);
      assertEquals(ExitStatus.exited(0), quick.exitStatus());
    }
  }

  /** A throwable whose own words throw. */
  private static final class Speechless extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  @Test
  void aThrowableThatCannotDescribeItselfDoesNoHarm() throws Exception {
    for (Callback callback : List.of(Callback.ON_ENTER, Callback.ON_EXEC, Callback.ON_TASK_EXIT)) {
      try (Tracer tracer = tracer(new Thrower(callback, Speechless::new))) {
        TraceeHandle quick = tracer.launch(new ProcessBuilder("true"));
        ListenerFailedException failure =
            assertThrows(ListenerFailedException.class, quick::waitFor);
        assertEquals(Speechless.class, failure.getCause().getClass());
      }
    }
  }

  @Test
  void aHandlerThatThrowsDoesNoHarm() throws Exception {
    IllegalStateException handlers = new IllegalStateException("the handler's own");
    AssertionError cause = new AssertionError();
    List<LogRecord> logged = new ArrayList<>();
    try (Muted muted = new Muted(logged);
        Tracer tracer =
            Tracer.builder()
                .listener(new Thrower(Callback.ON_ENTER, () -> cause))
                .onListenerFailure(
                    failure -> {
                      throw handlers;
                    })
                .build()) {
      TraceeHandle sh = tracer.launch(new ProcessBuilder("sh", "-c", "exit 7"));
      ListenerFailedException failure = assertThrows(ListenerFailedException.class, sh::waitFor);
      assertSame(cause, failure.getCause());
      assertTrue(Arrays.asList(failure.getSuppressed()).contains(handlers));
      assertSame(handlers, logged.get(0).getThrown());
      assertEquals(7, sh.exitStatus().exitValue());
    }
  }

  @Test
  void aTraceeThatDiedUnderACallbackIsNoFailure() throws Exception {
    SyscallListener killer =
        SyscallListener.onEnter(
            Interest.enter("getppid"),
            call -> {
              call.task().tracee().kill();
              throw new TraceeDiedException("as a read of its memory would have thrown");
            });
    try (Tracer tracer = tracer(killer)) {
      TraceeHandle loop = tracer.launch(new ProcessBuilder(Guest.compile("loop").toString()));
      assertEquals(137, loop.waitFor());
    }
    assertEquals(List.of(), handled);
  }

  @Test
  void aLaunchWhoseListenerFailsIsStillALaunch() throws Exception {
    try (Tracer tracer = tracer(new Thrower(Callback.ON_START, AssertionError::new))) {
      TraceeHandle cat = tracer.launch(new ProcessBuilder("cat"));
      assertTrue(cat.isAlive());
      cat.process().getOutputStream().close();
      assertThrows(ListenerFailedException.class, cat::waitFor);
    }
  }

  @Test
  void aFailedLaunchIsStillAnIoExceptionWhenTheListenerFailsToo() {
    try (Tracer tracer = tracer(new Thrower(Callback.ON_ENTER, AssertionError::new))) {
      // Its execve is tried, because only the kernel reads the first line.
      ProcessBuilder command = new ProcessBuilder("./no-such-program");
      assertThrows(IOException.class, () -> tracer.launch(command));
    }
    assertEquals(1, handled.size());
  }

  @Test
  void closeIsNotKeptFromItsWorkByListenersThatFail() throws Exception {
    TraceeHandle sleep;
    try (Tracer tracer = tracer(new Thrower(Callback.ON_TASK_EXIT, AssertionError::new))) {
      sleep = tracer.launch(new ProcessBuilder("sleep", "1000"));
    }
    assertFalse(sleep.isAlive());
    assertEquals(1, handled.size());
    ListenerFailedException failure = assertThrows(ListenerFailedException.class, sleep::waitFor);
    assertSame(handled.get(0).getCause(), failure.getCause());
  }

  @Test
  void withoutAHandlerFailuresAreLogged() throws Exception {
    AssertionError cause = new AssertionError();
    List<LogRecord> logged = new ArrayList<>();
    try (Muted muted = new Muted(logged);
        Tracer tracer =
            Tracer.builder().listener(new Thrower(Callback.ON_EXEC, () -> cause)).build()) {
      TraceeHandle quick = tracer.launch(new ProcessBuilder("true"));
      assertThrows(ListenerFailedException.class, quick::waitFor);
    }
    assertEquals(1, logged.size());
    assertSame(cause, logged.get(0).getThrown());
  }

  @Test
  void eachPlaceThatFailsIsLoggedOnce() throws Exception {
    List<LogRecord> logged = new ArrayList<>();
    Interest calls = Interest.of("getppid");
    SyscallListener entering =
        SyscallListener.onEnter(calls, call -> throwNew(IllegalStateException::new));
    SyscallListener alsoEntering =
        SyscallListener.onEnter(calls, call -> throwNew(IllegalArgumentException::new));
    try (Muted muted = new Muted(logged);
        Tracer tracer = Tracer.builder().listener(entering).listener(alsoEntering).build()) {
      TraceeHandle loop =
          tracer.launch(new ProcessBuilder(Guest.compile("loop").toString(), "100"));
      assertThrows(ListenerFailedException.class, loop::waitFor);
    }
    assertEquals(
        List.of(IllegalStateException.class, IllegalArgumentException.class),
        logged.stream().<Object>map(record -> record.getThrown().getClass()).toList());
  }

  private static void throwNew(Supplier<RuntimeException> failure) {
    throw failure.get();
  }

  /** Takes what the library logs about listeners, instead of the console. */
  private static final class Muted extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("io.sysmon.listener");
    private final List<LogRecord> logged;

    Muted(List<LogRecord> logged) {
      this.logged = logged;
      logger.setUseParentHandlers(false);
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
      logged.add(record);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
      logger.setUseParentHandlers(true);
    }
  }
}
