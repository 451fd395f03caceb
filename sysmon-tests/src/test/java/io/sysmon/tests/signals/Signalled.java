package io.sysmon.tests.signals;

import io.sysmon.SignalStop;
import io.sysmon.TraceeListener;
import io.sysmon.tests.support.Alike;
import java.util.Arrays;
import java.util.function.Consumer;

/** Short ways to say what the tests of this package say often. */
final class Signalled {
  private Signalled() {}

  static TraceeListener onSignal(Consumer<SignalStop> callback) {
    return new TraceeListener() {
      @Override
      public void onSignal(SignalStop stop) {
        callback.accept(stop);
      }
    };
  }

  /** A guest of this package, with its arguments. */
  static ProcessBuilder guest(String name, Object... arguments) {
    return Alike.guest(
        "signal_" + name, Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
  }
}
