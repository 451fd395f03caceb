package io.sysmon.internal.engine;

import io.sysmon.ListenerFailedException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What callbacks threw for the processes of one launch: the first failure, with the later ones as
 * its suppressed exceptions. Any thread.
 */
final class Failures {
  private final Set<Failures> untold;
  private @Nullable ListenerFailedException first;

  /**
   * Creates an empty record.
   *
   * @param untold a concurrent set that this is in while it has something that nobody was told
   */
  Failures(Set<Failures> untold) {
    this.untold = untold;
  }

  synchronized void add(ListenerFailedException failure) {
    ListenerFailedException known = first;
    if (known == null) {
      first = failure;
    } else if (known.getSuppressed().length < ListenerFailedException.MAX_SUPPRESSED) {
      known.addSuppressed(failure);
    }
    untold.add(this);
  }

  /** Throws what was recorded, each time it is asked. */
  synchronized void throwIfAny() {
    if (first != null) {
      untold.remove(this);
      throw retold(first);
    }
  }

  /** A copy with the stack of the thread that is told, and the cause that the callback threw. */
  private static ListenerFailedException retold(ListenerFailedException failure) {
    ListenerFailedException copy =
        new ListenerFailedException(
            String.valueOf(failure.getMessage()), Objects.requireNonNull(failure.getCause()));
    for (Throwable later : failure.getSuppressed()) {
      copy.addSuppressed(later);
    }
    return copy;
  }
}
