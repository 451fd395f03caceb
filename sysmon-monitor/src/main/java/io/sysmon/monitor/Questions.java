package io.sysmon.monitor;

import io.sysmon.Errno;
import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceeDiedException;
import io.sysmon.TracerClosedException;
import io.sysmon.Verdict;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Asks about calls, one at a time on a thread of its own, while their tasks are held. */
final class Questions implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.sysmon.monitor");

  private record Open(HeldCall held, Attempt attempt, Rule rule, Question question) {}

  private final Asker asker;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread asking = new Thread(work, "sysmon-asker");
            asking.setDaemon(true);
            return asking;
          });

  private final Set<Open> open = ConcurrentHashMap.newKeySet();

  /** Guarded by this: no question is asked that is not closed. */
  private boolean closed;

  Questions(Asker asker) {
    this.asker = asker;
  }

  /** Holds a call, and asks. In the callback of its entry. */
  synchronized void ask(SyscallEnter call, Attempt attempt, Rule rule, Event event) {
    attempt.decided(text(rule.onTimeout()) + " (no answer)", rule.name());
    if (closed) {
      if (!rule.onTimeout()) {
        call.fail(Errno.EPERM);
      }
      return;
    }
    Instant until = Instant.now().plus(rule.timeout());
    HeldCall held = call.hold(rule.timeout(), verdict(rule.onTimeout()));
    Open asked = new Open(held, attempt, rule, new Question(event, rule.onTimeout(), until));
    open.add(asked);
    // Others may be asked about until its time is over.
    Future<?> asking = thread.submit(() -> answer(asked));
    var unused =
        held.answered()
            .thenAccept(
                isAnswered -> {
                  open.remove(asked);
                  if (!isAnswered) {
                    asking.cancel(true);
                  }
                });
  }

  private void answer(Open asked) {
    boolean allowed;
    try {
      allowed = asker.allows(asked.question());
    } catch (InterruptedException e) {
      // It is decided without an answer.
      Thread.currentThread().interrupt();
      return;
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Who was asked has failed; the call is denied", e);
      allowed = false;
    }
    try {
      asked.held().answer(decision(asked, allowed));
    } catch (IllegalTraceeStateException | TraceeDiedException | TracerClosedException e) {
      // It comes too late, or nobody waits for it any more.
      return;
    }
  }

  /** What is told is what becomes of the call, also when its time runs out at the same moment. */
  private static Consumer<SyscallEnter> decision(Open asked, boolean allowed) {
    return call -> {
      asked.attempt().decided(text(allowed), asked.rule().name());
      if (!allowed) {
        call.fail(Errno.EPERM);
      }
    };
  }

  private static Verdict verdict(boolean allowed) {
    return allowed ? Verdict.proceed() : Verdict.fail(Errno.EPERM);
  }

  private static String text(boolean allowed) {
    return "ask: " + (allowed ? "allow" : "deny");
  }

  /** As if the time of all questions were over. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    thread.shutdownNow();
    open.forEach(Questions::timeIsOver);
  }

  private static void timeIsOver(Open asked) {
    try {
      asked.held().answer(verdict(asked.rule().onTimeout()));
    } catch (IllegalTraceeStateException | TraceeDiedException | TracerClosedException e) {
      // It is answered, or nobody waits for it.
      return;
    }
  }
}
