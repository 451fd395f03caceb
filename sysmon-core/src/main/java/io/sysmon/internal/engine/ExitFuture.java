package io.sysmon.internal.engine;

import io.sysmon.IllegalTraceeStateException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A future that the tracer thread completes, and which therefore must not wait for it. */
final class ExitFuture<T> extends CompletableFuture<T> {
  private final Requests requests;

  ExitFuture(Requests requests) {
    this.requests = requests;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new ExitFuture<>(requests);
  }

  private void refuseToWait() {
    if (!isDone() && requests.isInCallback()) {
      throw new IllegalTraceeStateException(
          "Waiting in a callback would wait forever: the tracer's thread would wait for itself");
    }
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    refuseToWait();
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    refuseToWait();
    return super.get(timeout, unit);
  }

  @Override
  public T join() {
    refuseToWait();
    return super.join();
  }
}
