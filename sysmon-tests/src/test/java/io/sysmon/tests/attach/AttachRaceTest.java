package io.sysmon.tests.attach;

import static io.sysmon.tests.attach.Guests.assertAlive;
import static io.sysmon.tests.attach.Guests.assertEndsWell;
import static io.sysmon.tests.attach.Guests.restless;
import static io.sysmon.tests.attach.Guests.tracer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Interest;
import io.sysmon.NoSuchProcessException;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.TracerClosedException;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Stranger;
import io.sysmon.tests.support.Tasks;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several threads that attach, detach and close at the same time. */
class AttachRaceTest {
  private static final int THREADS = 4;

  /** Attaches and detaches what it finds of a family, until the tracer is closed. */
  private static void meddle(Tracer tracer, int root, Random random, CountDownLatch begun)
      throws InterruptedException {
    while (true) {
      List<Integer> family = new ArrayList<>(List.of(root));
      if (random.nextInt(3) == 0) {
        ProcessHandle.of(root).stream()
            .flatMap(ProcessHandle::children)
            .forEach(child -> family.add((int) child.pid()));
      }
      try {
        TraceeHandle tracee = tracer.attach(family.get(random.nextInt(family.size())));
        begun.countDown();
        if (random.nextInt(4) != 0) {
          tracee.detach();
          assertFalse(tracee.isTraced());
        }
      } catch (TracerClosedException e) {
        return;
      } catch (IllegalTraceeStateException e) {
        // Another thread was faster, or a traced parent has made it.
        for (TraceeHandle tracee : tracer.tracees()) {
          tracee.detach();
          assertFalse(tracee.isTraced());
        }
      } catch (NoSuchProcessException e) {
        assertTrue(family.size() > 1, e::toString);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "forks 3, all",
    "forks 3, none",
    "creators 3, all",
    "threads 20, all",
    "execs thread, all",
    "calls 3, all",
    "chains 2, none"
  })
  void nobodyIsHarmedHoweverManyMeddle(String words, String calls) throws Exception {
    try (Stranger guest = restless(words)) {
      for (int i = 0; i < 20; i++) {
        Contract contract =
            Contract.ofAttaching(calls.equals("all") ? Interest.all() : Interest.none());
        List<CompletableFuture<Void>> meddlers = new ArrayList<>();
        try (Tracer tracer = tracer(contract)) {
          CountDownLatch begun = new CountDownLatch(i % 8);
          for (int j = 0; j < THREADS; j++) {
            Random random = new Random(THREADS * i + j);
            meddlers.add(Background.run(() -> meddle(tracer, guest.pid(), random, begun)));
          }
          assertTrue(begun.await(20, TimeUnit.SECONDS));
        }
        for (CompletableFuture<Void> meddler : meddlers) {
          meddler.get(20, TimeUnit.SECONDS);
        }
        contract.verify();
        assertAlive(guest);
      }
      for (Tasks.Task task : Tasks.tasksOf(guest.pid())) {
        assertEquals(0, task.tracer(), task::toString);
      }
      assertEndsWell(guest);
    }
  }

  @Test
  void severalThreadsMayLetTheSameProcessGo() throws Exception {
    Contract contract = Contract.ofAttaching(Interest.all());
    try (Stranger guest = restless("calls 3");
        Tracer tracer = tracer(contract)) {
      for (int i = 0; i < 30; i++) {
        TraceeHandle tracee = tracer.attach(guest.pid());
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int j = 0; j < THREADS; j++) {
          all.add(
              Background.run(
                  () -> {
                    tracee.detach();
                    assertFalse(tracee.isTraced());
                  }));
        }
        for (CompletableFuture<Void> each : all) {
          each.get(20, TimeUnit.SECONDS);
        }
      }
      assertEndsWell(guest);
    }
    contract.verify();
  }

  @Test
  void oneOfSeveralThreadsAttachesAndTheOthersAreRefused() throws Exception {
    Contract contract = Contract.ofAttaching(Interest.none());
    try (Stranger guest = restless("threads 10");
        Tracer tracer = tracer(contract)) {
      for (int i = 0; i < 30; i++) {
        AtomicInteger attached = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int j = 0; j < THREADS; j++) {
          all.add(
              Background.run(
                  () -> {
                    try {
                      tracer.attach(guest.pid());
                      attached.incrementAndGet();
                    } catch (IllegalTraceeStateException e) {
                      refused.incrementAndGet();
                    }
                  }));
        }
        for (CompletableFuture<Void> each : all) {
          each.get(20, TimeUnit.SECONDS);
        }
        assertEquals(1, attached.get());
        assertEquals(THREADS - 1, refused.get());
        tracer.tracees().get(0).detach();
      }
      assertEndsWell(guest);
    }
    contract.verify();
  }
}
