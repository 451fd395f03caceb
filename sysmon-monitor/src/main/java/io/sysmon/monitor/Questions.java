package io.sysmon.monitor;

import io.sysmon.Errno;
import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceeDiedException;
import io.sysmon.TracerClosedException;
import io.sysmon.Verdict;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Asks about calls, one at a time on a thread of its own, while their tasks are held. */
final class Questions implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.sysmon.monitor");

  private final Asker asker;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread asking = new Thread(work, "sysmon-asker");
            asking.setDaemon(true);
            return asking;
          });

  Questions(Asker asker) {
    this.asker = asker;
  }

  /** Holds a call, and asks. In the callback of its entry. */
  void ask(SyscallEnter call, Attempt attempt, Rule rule, Event event) {
    boolean onTimeout = rule.onTimeout();
    attempt.decided(text(onTimeout) + " (no answer)", rule.name());
    HeldCall held =
        call.hold(rule.timeout(), onTimeout ? Verdict.proceed() : Verdict.fail(Errno.EPERM));
    CompletableFuture<Boolean> over = held.answered();
    thread.execute(
        () -> {
          // Others may have been asked about until its time was over.
          if (!over.isDone()) {
            answer(held, attempt, rule, event);
          }
        });
  }

  private void answer(HeldCall held, Attempt attempt, Rule rule, Event event) {
    boolean allowed;
    try {
      allowed = asker.allows(event);
    } catch (InterruptedException e) {
      // Closed: the time-out answers.
      Thread.currentThread().interrupt();
      return;
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Who was asked has failed; the call is denied", e);
      allowed = false;
    }
    try {
      attempt.decided(text(allowed), rule.name());
      held.answer(allowed ? Verdict.proceed() : Verdict.fail(Errno.EPERM));
    } catch (TraceeDiedException | TracerClosedException e) {
      // Nobody waits for the answer any more.
      return;
    } catch (IllegalTraceeStateException e) {
      attempt.decided(text(rule.onTimeout()) + " (no answer in time)", rule.name());
    }
  }

  private static String text(boolean allowed) {
    return "ask: " + (allowed ? "allow" : "deny");
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
