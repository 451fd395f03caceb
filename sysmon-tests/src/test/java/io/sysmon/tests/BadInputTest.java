package io.sysmon.tests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.Signal;
import io.sysmon.SignalStop;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeDiedException;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeMemory;
import io.sysmon.Tracer;
import io.sysmon.UnknownSyscallException;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.NothingLeaks;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Mistakes of the caller: each is a named exception, and nothing hangs or leaks. */
class BadInputTest {
  private final ProcessBuilder loop = new ProcessBuilder(Guest.compile("loop").toString(), "1");

  /** The JDK's own answer to a builder is asked first. */
  private static void assertSameRefusal(Class<? extends Exception> kind, ProcessBuilder command)
      throws InterruptedException {
    Exception bare = assertThrows(kind, command::start);
    try (Tracer tracer = Tracer.builder().build()) {
      NothingLeaks.Watch watch = NothingLeaks.watch();
      Exception traced = assertThrows(kind, () -> tracer.launch(command));
      if (bare instanceof IOException) {
        assertEquals(bare.getMessage(), traced.getMessage());
      }
      assertEquals(List.of(), watch.leftAfter(Duration.ZERO));
      assertEquals(List.of(), tracer.tracees());
    }
  }

  @Test
  void emptyCommandIsRefused() throws Exception {
    assertSameRefusal(IndexOutOfBoundsException.class, new ProcessBuilder());
  }

  @Test
  void nullInTheCommandIsRefused() throws Exception {
    assertSameRefusal(NullPointerException.class, new ProcessBuilder(Arrays.asList("echo", null)));
    assertSameRefusal(NullPointerException.class, new ProcessBuilder((String) null));
  }

  @Test
  void nulInTheCommandIsRefused() throws Exception {
    assertSameRefusal(IOException.class, new ProcessBuilder("ec\0ho"));
    assertSameRefusal(IOException.class, new ProcessBuilder("echo", "te\0xt"));
  }

  @Test
  void nulInTheDirectoryIsRefused() {
    // The JDK would try the directory named before the NUL.
    ProcessBuilder command = new ProcessBuilder("true").directory(new File("/tm\0p"));
    try (Tracer tracer = Tracer.builder().build()) {
      IOException refusal = assertThrows(IOException.class, () -> tracer.launch(command));
      assertEquals("invalid null character in the working directory", refusal.getMessage());
    }
  }

  @Test
  void nulInARedirectIsRefusedAndNothingIsCreated(@TempDir Path directory) throws Exception {
    File file = new File(directory + "/na\0me");
    assertSameRefusal(IOException.class, new ProcessBuilder("true").redirectInput(file));
    assertSameRefusal(IOException.class, new ProcessBuilder("true").redirectOutput(file));
    try (Stream<Path> created = Files.list(directory)) {
      assertEquals(List.of(), created.toList());
    }
  }

  @Test
  void nullIsRefused() {
    assertThrows(NullPointerException.class, () -> Tracer.builder().listener(null));
    assertThrows(NullPointerException.class, () -> Tracer.builder().onListenerFailure(null));
    try (Tracer tracer = Tracer.builder().build()) {
      assertThrows(NullPointerException.class, () -> tracer.launch(null));
    }
  }

  @Test
  void aListenerWithoutInterestFailsTheBuilderAndLeavesNothing() {
    IllegalStateException cause = new IllegalStateException("no interest today");
    SyscallListener broken =
        new SyscallListener() {
          @Override
          public Interest interest() {
            throw cause;
          }
        };
    Tracer.Builder builder = Tracer.builder().listener(broken);
    assertSame(cause, assertThrows(IllegalStateException.class, builder::build));
    SyscallListener nothing =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return null;
          }
        };
    Tracer.Builder other = Tracer.builder().listener(nothing);
    assertThrows(NullPointerException.class, other::build);
  }

  @Test
  void unknownSystemCallsAreRefusedWithSuggestions() {
    UnknownSyscallException refusal =
        assertThrows(UnknownSyscallException.class, () -> Interest.enter("opennat"));
    assertTrue(refusal.getMessage().contains("openat"), refusal::getMessage);
    assertThrows(UnknownSyscallException.class, () -> Interest.exit("read", ""));
    assertThrows(UnknownSyscallException.class, () -> Interest.of("OPENAT"));
    assertThrows(IllegalArgumentException.class, Interest::of);
    assertThrows(NullPointerException.class, () -> Interest.of((String) null));
  }

  @Test
  void interestMayNameACallTwice() {
    assertTrue(Interest.of("read", "read").wantsEnter("read"));
  }

  @Test
  void aDeadTraceeHasNoMemoryAndGetsNoSignal() throws Exception {
    try (Tracer tracer = Tracer.builder().build()) {
      TraceeHandle quick = tracer.launch(new ProcessBuilder("true"));
      assertEquals(0, quick.waitFor());
      TraceeMemory memory = quick.memory();
      assertThrows(TraceeDiedException.class, () -> memory.read(4096, 1));
      assertThrows(TraceeDiedException.class, () -> memory.read(4096, new byte[1], 0, 1));
      assertThrows(TraceeDiedException.class, () -> memory.readString(4096));
      assertThrows(TraceeDiedException.class, () -> memory.readString(4096, 10));
      assertThrows(TraceeDiedException.class, () -> quick.signal(Signal.SIGTERM));
      assertEquals(List.of(), quick.tasks());
    }
  }

  @Test
  void aTraceeThatIsKilledUnderACallbackHasDied() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    SyscallListener killer =
        onEnter(
            call -> {
              long address = call.stackPointer();
              call.task().tracee().kill();
              // The kernel takes a moment to take the memory away.
              thrown.set(
                  assertThrows(
                      TraceeDiedException.class,
                      () -> {
                        long deadline = System.nanoTime() + SECONDS.toNanos(10);
                        while (System.nanoTime() < deadline) {
                          call.memory().read(address, 8);
                        }
                      }));
            });
    try (Tracer tracer = Tracer.builder().listener(killer).build()) {
      assertEquals(137, tracer.launch(loop).waitFor());
    }
    assertInstanceOf(TraceeDiedException.class, thrown.get());
  }

  @Test
  void waitingInsideACallbackIsRefused() throws Exception {
    AtomicReference<Tracer> self = new AtomicReference<>();
    List<Executable> waits = new ArrayList<>();
    SyscallListener waiter =
        onEnter(
            call -> {
              TraceeHandle tracee = call.task().tracee();
              waits.add(tracee::waitFor);
              waits.add(() -> tracee.waitFor(Duration.ofSeconds(1)));
              waits.add(() -> tracee.process().waitFor());
              waits.add(() -> tracee.process().waitFor(1, SECONDS));
              waits.add(() -> self.get().launch(new ProcessBuilder("true")));
              waits.add(self.get()::awaitTracees);
              waits.add(() -> self.get().awaitTracees(Duration.ofSeconds(1)));
              waits.add(self.get()::close);
              for (Executable wait : waits) {
                assertThrows(IllegalTraceeStateException.class, wait);
              }
            });
    try (Tracer tracer = Tracer.builder().listener(waiter).build()) {
      self.set(tracer);
      assertEquals(0, tracer.launch(loop).waitFor());
      assertEquals(8, waits.size());
      assertEquals(0, tracer.launch(new ProcessBuilder("true")).waitFor());
    }
  }

  @Test
  void askingInsideACallbackIsAllowed() throws Exception {
    AtomicReference<Tracer> self = new AtomicReference<>();
    AtomicReference<Object> answers = new AtomicReference<>();
    SyscallListener asker =
        onEnter(
            call -> {
              TraceeHandle tracee = call.task().tracee();
              answers.set(
                  List.of(
                      self.get().tracees(),
                      tracee.isAlive(),
                      tracee.tasks().size(),
                      tracee.process().isAlive(),
                      call.task().isAlive(),
                      call.tid() == call.pid()));
            });
    try (Tracer tracer = Tracer.builder().listener(asker).build()) {
      self.set(tracer);
      TraceeHandle tracee = tracer.launch(loop);
      assertEquals(0, tracee.waitFor());
      assertEquals(List.of(List.of(tracee), true, 1, true, true, true), answers.get());
    }
  }

  @Test
  void aSystemCallsViewIsValidInItsCallbackOnly() throws Exception {
    AtomicReference<SyscallEnter> enter = new AtomicReference<>();
    AtomicReference<SyscallExit> exit = new AtomicReference<>();
    SyscallListener keeper =
        new SyscallListener() {
          @Override
          public Interest interest() {
            return Interest.of("getppid");
          }

          @Override
          public void onEnter(SyscallEnter call) {
            enter.set(call);
            // Neither may another thread use it while the callback runs.
            assertInstanceOf(
                IllegalTraceeStateException.class,
                Background.call(call::number).handle((number, refusal) -> refusal).join());
          }

          @Override
          public void onExit(SyscallExit call) {
            exit.set(call);
            // The two are different objects, and the other one's callback is over.
            assertThrows(IllegalTraceeStateException.class, enter.get()::number);
          }
        };
    try (Tracer tracer = Tracer.builder().listener(keeper).build()) {
      TraceeHandle tracee = tracer.launch(loop);
      assertEquals(0, tracee.waitFor());
    }
    for (Executable use :
        List.<Executable>of(
            enter.get()::task,
            enter.get()::tid,
            enter.get()::pid,
            enter.get()::abi,
            enter.get()::number,
            enter.get()::name,
            enter.get()::signature,
            () -> enter.get().arg(0),
            () -> enter.get().string(0),
            () -> enter.get().strings(0),
            () -> enter.get().bytes(0, 1),
            enter.get()::memory,
            enter.get()::instructionPointer,
            enter.get()::stackPointer,
            enter.get()::nanoTime,
            enter.get()::snapshot,
            exit.get()::number,
            exit.get()::result,
            exit.get()::failed,
            exit.get()::errno,
            exit.get()::durationNanos,
            exit.get()::duration,
            exit.get()::snapshot)) {
      IllegalTraceeStateException refusal = assertThrows(IllegalTraceeStateException.class, use);
      assertTrue(refusal.getMessage().contains("snapshot()"), refusal::getMessage);
    }
    assertEquals("no system call", enter.get().toString());
  }

  @Test
  void aMemoryTakenFromAViewIsNoLongerValidThanTheView() throws Exception {
    AtomicReference<TraceeMemory> memory = new AtomicReference<>();
    SyscallListener keeper = onEnter(call -> memory.set(call.memory()));
    try (Tracer tracer = Tracer.builder().listener(keeper).build()) {
      assertEquals(0, tracer.launch(loop).waitFor());
    }
    assertThrows(IllegalTraceeStateException.class, () -> memory.get().read(4096, 1));
  }

  @Test
  void aSignalsViewIsValidInItsCallbackOnly() throws Exception {
    AtomicReference<SignalStop> kept = new AtomicReference<>();
    TraceeListener keeper =
        new TraceeListener() {
          @Override
          public void onSignal(SignalStop stop) {
            kept.set(stop);
          }
        };
    try (Tracer tracer = Tracer.builder().listener(keeper).build()) {
      TraceeHandle sh = tracer.launch(new ProcessBuilder("sh", "-c", "kill -TERM $$"));
      assertEquals(143, sh.waitFor());
    }
    assertThrows(IllegalTraceeStateException.class, kept.get()::task);
    assertThrows(IllegalTraceeStateException.class, kept.get()::signal);
    assertThrows(IllegalTraceeStateException.class, kept.get()::info);
  }

  @Test
  void anArgumentThatDoesNotExistIsRefused() throws Exception {
    List<String> refusals = new ArrayList<>();
    SyscallListener asker =
        onEnter(
            call -> {
              for (int index : new int[] {-1, 6, Integer.MAX_VALUE}) {
                refusals.add(
                    assertThrows(IllegalArgumentException.class, () -> call.arg(index))
                        .getMessage());
              }
              assertThrows(IllegalArgumentException.class, () -> call.string(6));
              assertThrows(IllegalArgumentException.class, () -> call.bytes(-1, 1));
              assertThrows(IllegalArgumentException.class, () -> call.strings(6));
            });
    try (Tracer tracer = Tracer.builder().listener(asker).build()) {
      assertEquals(0, tracer.launch(loop).waitFor());
    }
    assertEquals(3, refusals.size());
    assertTrue(refusals.get(1).contains("argument 6 of getppid"), refusals::toString);
  }

  private static SyscallListener onEnter(Consumer<SyscallEnter> callback) {
    return SyscallListener.onEnter(Interest.enter("getppid"), callback);
  }
}
