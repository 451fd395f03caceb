package io.sysmon.tests.rewrite;

import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Short ways to say what the tests of this package say often. */
final class Calls {
  private Calls() {}

  static SyscallListener onEnter(String name, Consumer<SyscallEnter> callback) {
    return onEnter(Interest.enter(name), callback);
  }

  static SyscallListener onEnter(Interest interest, Consumer<SyscallEnter> callback) {
    return SyscallListener.onEnter(interest, callback);
  }

  static SyscallListener onExit(String name, Consumer<SyscallExit> callback) {
    return SyscallListener.onExit(Interest.exit(name), callback);
  }

  static SyscallListener listener(
      Interest interest, Consumer<SyscallEnter> enter, Consumer<SyscallExit> exit) {
    return new SyscallListener() {
      @Override
      public Interest interest() {
        return interest;
      }

      @Override
      public void onEnter(SyscallEnter call) {
        enter.accept(call);
      }

      @Override
      public void onExit(SyscallExit call) {
        exit.accept(call);
      }
    };
  }

  /** A guest of this package, with its arguments. */
  static ProcessBuilder guest(String name, Object... arguments) {
    return command(Guest.compile("rewrite_" + name, "-pthread"), arguments);
  }

  /** The same as a 32-bit program. */
  static ProcessBuilder guest32(String name, Object... arguments) {
    return command(Guest32.compile("rewrite_" + name, "-pthread", "-no-pie"), arguments);
  }

  static ProcessBuilder command(Path program, Object... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return new ProcessBuilder(command);
  }
}
