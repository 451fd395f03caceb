package io.sysmon.monitor;

import io.sysmon.Errno;
import io.sysmon.HeldCall;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.SyscallEnter;
import io.sysmon.TraceeDiedException;
import io.sysmon.TracerClosedException;
import io.sysmon.Verdict;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Asks about calls, one at a time on a thread of its own, while their tasks are held. */
final class Questions implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.sysmon.monitor");

  private record Question(HeldCall held, Attempt attempt, Rule rule, Event event) {}

  private final Asker asker;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread asking = new Thread(work, "sysmon-asker");
            asking.setDaemon(true);
            return asking;
          });

  private final Set<Question> open = ConcurrentHashMap.newKeySet();

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
    HeldCall held = call.hold(rule.timeout(), verdict(rule.onTimeout()));
    Question question = new Question(held, attempt, rule, event);
    open.add(question);
    var unused = held.answered().thenRun(() -> open.remove(question));
    thread.execute(
        () -> {
          // Others may have been asked about until its time was over.
          if (open.contains(question)) {
            answer(question);
          }
        });
  }

  private void answer(Question question) {
    boolean allowed;
    try {
      allowed = asker.allows(question.event());
    } catch (InterruptedException e) {
      // Closed, which answers.
      Thread.currentThread().interrupt();
      return;
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Who was asked has failed; the call is denied", e);
      allowed = false;
    }
    Attempt attempt = question.attempt();
    Rule rule = question.rule();
    try {
      attempt.decided(text(allowed), rule.name());
      question.held().answer(verdict(allowed));
    } catch (TraceeDiedException | TracerClosedException e) {
      // Nobody waits for the answer any more.
      return;
    } catch (IllegalTraceeStateException e) {
      attempt.decided(text(rule.onTimeout()) + " (no answer in time)", rule.name());
    }
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

  private static void timeIsOver(Question question) {
    try {
      question.held().answer(verdict(question.rule().onTimeout()));
    } catch (IllegalTraceeStateException | TraceeDiedException | TracerClosedException e) {
      // It is answered, or nobody waits for it.
      return;
    }
  }
}
