package io.sysmon.tests.support;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Work beside the test's thread, each on a thread of its own: what blocks must not share one. */
public final class Background {
  private Background() {}

  /** Something that may throw. */
  @FunctionalInterface
  public interface Action {
    /** Does it. */
    void run() throws Exception;
  }

  /** Starts work that has a result. */
  public static <T> CompletableFuture<T> call(Callable<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                done.complete(work.call());
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            },
            "background");
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  /** Starts work that has none. */
  public static CompletableFuture<Void> run(Action work) {
    return call(
        () -> {
          work.run();
          return null;
        });
  }
}
