package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Placement;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.internal.sys.Native;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Outcome;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tasks that stop often run on the tracer's CPU, and do not know it. */
class PlacementTest {
  private static final String SINGLE = "\\d+";

  @BeforeEach
  void thereAreSeveralCpus() throws IOException {
    assumeTrue(!allowed("self").matches(SINGLE), "There is one CPU");
  }

  private static SyscallListener every(Consumer<SyscallEnter> action) {
    return new SyscallListener() {
      @Override
      public void onEnter(SyscallEnter call) {
        action.accept(call);
      }
    };
  }

  private static Tracer tracer(Placement placement) {
    return Tracer.builder().placement(placement).listener(every(call -> {})).build();
  }

  /** What the kernel allows a task, whoever asked for it. */
  private static String allowed(Object task) throws IOException {
    return status(task, "Cpus_allowed_list:");
  }

  private static String status(Object task, String key) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + task + "/status")).stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow();
  }

  private static boolean isAllowed(String thread, String own) {
    try {
      return allowed("self/task/" + thread).equals(own);
    } catch (IOException e) {
      // It has ended.
      return true;
    }
  }

  /**
   * Gives a process and its tracer a CPU whenever they want one, where that is permitted: next to
   * others that wait for one, they do not stop often, and gain nothing.
   */
  private static void prefer(TraceeHandle guest) throws Exception {
    String tracer = status(guest.pid(), "TracerPid:");
    new ProcessBuilder("renice", "-n", "-15", "-p", tracer, Integer.toString(guest.pid()))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private static String awaitAllowed(Object task, String regex) throws Exception {
    String allowed = allowed(task);
    for (int i = 0; i < 4000 && !allowed.matches(regex); i++) {
      Thread.sleep(5);
      allowed = allowed(task);
    }
    assertTrue(allowed.matches(regex), allowed + ", not " + regex);
    return allowed;
  }

  private static void say(TraceeHandle guest, String expected, BufferedReader output)
      throws IOException {
    OutputStream input = guest.process().getOutputStream();
    input.write('\n');
    input.flush();
    assertEquals(expected, output.readLine());
  }

  @Test
  void aTaskThatStopsOftenIsOnOneCpuUntilItStopsNoMore() throws Exception {
    String own = allowed("self");
    try (Tracer tracer = tracer(Placement.AUTO)) {
      TraceeHandle guest = tracer.launch(Alike.guest("placement", "phases"));
      prefer(guest);
      BufferedReader output = guest.process().inputReader();
      for (int i = 0; i < 3; i++) {
        awaitAllowed(guest.pid(), SINGLE);
        say(guest, "quiet", output);
        awaitAllowed(guest.pid(), own);
        say(guest, "hot", output);
      }
      guest.kill();
      guest.waitFor();
    }
  }

  @Test
  void theProgramItsThreadsAndItsChildrenFindTheirOwnMasks() {
    for (String mode : new String[] {"asks", "threads"}) {
      ProcessBuilder guest = Alike.guest("placement", mode, "3000");
      Outcome bare = Outcome.bare(guest);
      assertEquals(0, bare.exitValue(), bare::toString);
      for (int i = 0; i < 5; i++) {
        assertEquals(bare, Outcome.traced(guest, every(call -> {})));
      }
    }
  }

  @Test
  void aTaskThatIsLetGoHasItsOwnMask() throws Exception {
    String own = allowed("self");
    try (Tracer tracer = tracer(Placement.AUTO)) {
      TraceeHandle guest = tracer.launch(Alike.guest("placement", "phases"));
      prefer(guest);
      awaitAllowed(guest.pid(), SINGLE);
      guest.detach();
      assertEquals(own, allowed(guest.pid()));
      guest.kill();
      guest.waitFor();
    }
  }

  @Test
  void whatATracerStartsMeanwhileIsNotBound() throws Exception {
    try (Tracer tracer = tracer(Placement.AUTO)) {
      TraceeHandle guest = tracer.launch(Alike.guest("placement", "phases"));
      prefer(guest);
      awaitAllowed(guest.pid(), SINGLE);
      assertEquals(
          Outcome.bare(new ProcessBuilder("nproc")),
          Outcome.traced(tracer, new ProcessBuilder("nproc")));
      guest.kill();
      guest.waitFor();
    }
  }

  @Test
  void threadsThatACallbackStartsAreNotBound() throws Exception {
    String own = allowed("self");
    CompletableFuture<Integer> started = new CompletableFuture<>();
    CompletableFuture<Void> end = new CompletableFuture<>();
    int[] calls = {0};
    SyscallListener starter =
        every(
            call -> {
              if (++calls[0] == 5000) {
                Thread thread =
                    new Thread(
                        () -> {
                          started.complete(Native.libc().gettid());
                          end.join();
                        });
                thread.start();
              }
            });
    try (Tracer tracer = Tracer.builder().listener(starter).build()) {
      TraceeHandle guest = tracer.launch(Alike.guest("placement", "phases"));
      int tid = started.get(20, TimeUnit.SECONDS);
      awaitAllowed("self/task/" + tid, own);
      guest.kill();
      guest.waitFor();
    } finally {
      end.complete(null);
    }
  }

  @Test
  void nothingIsBoundWhenATracerIsClosed() throws Exception {
    String own = allowed("self");
    for (int i = 0; i < 10; i++) {
      try (Tracer tracer = tracer(Placement.AUTO)) {
        TraceeHandle guest = tracer.launch(Alike.guest("placement", "phases"));
        prefer(guest);
        awaitAllowed(guest.pid(), SINGLE);
      }
    }
    for (String thread : Objects.requireNonNull(new File("/proc/self/task").list())) {
      assertTrue(isAllowed(thread, own), thread);
    }
  }

  @Test
  void nothingIsMovedWhenPlacementIsOff() throws Exception {
    String own = allowed("self");
    Set<String> seen = ConcurrentHashMap.newKeySet();
    CountDownLatch calls = new CountDownLatch(20_000);
    SyscallListener watching =
        every(
            call -> {
              if (calls.getCount() % 200 == 0) {
                seen.add(allowedNow(call.task().tid()));
              }
              calls.countDown();
            });
    try (Tracer tracer = Tracer.builder().placement(Placement.OFF).listener(watching).build()) {
      TraceeHandle guest = tracer.launch(Alike.guest("placement", "phases"));
      assertTrue(calls.await(20, TimeUnit.SECONDS));
      guest.kill();
      guest.waitFor();
    }
    assertEquals(Set.of(own), seen);
  }

  private static String allowedNow(int tid) {
    try {
      return allowed(tid);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
