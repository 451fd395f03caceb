package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.onEnter;

import io.sysmon.SyscallEnter;
import io.sysmon.TraceeHandle;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** The guest rewrite_windows, which asks when it is told to, and where its memory is. */
final class WindowsGuest implements AutoCloseable {
  static final int PAGE = 4096;
  static final int WINDOW = 36 * PAGE;

  private final AtomicReference<Consumer<SyscallEnter>> callback = new AtomicReference<>();
  private final AtomicReference<Throwable> thrown = new AtomicReference<>();
  private final Talk talk;
  final long writable;
  final long readonly;
  final long literal;
  final long text;
  final long code;
  final long strings;
  final long iovec;
  final long shared;
  final long none;

  WindowsGuest() throws IOException {
    talk = Talk.with(guest("windows"), onEnter("getppid", this::asked));
    writable = talk.value("writable");
    readonly = talk.value("readonly");
    literal = talk.value("literal");
    text = talk.value("text");
    code = talk.value("code");
    strings = talk.value("strings");
    iovec = talk.value("iovec");
    shared = talk.value("shared");
    none = talk.value("none");
  }

  private void asked(SyscallEnter call) {
    try {
      callback.get().accept(call);
    } catch (Throwable e) {
      thrown.set(e);
    }
  }

  TraceeHandle tracee() {
    return talk.tracee();
  }

  Talk talk() {
    return talk;
  }

  /** Sends a command, runs the callback at the call that follows, and gives the answer. */
  String command(String command, Consumer<SyscallEnter> atCall) throws IOException {
    thrown.set(null);
    callback.set(atCall);
    talk.say(command);
    String answer = talk.line();
    Throwable failure = thrown.get();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw new AssertionError(failure);
    }
    return answer;
  }

  String ask(Consumer<SyscallEnter> atCall) throws IOException {
    return command("ask 0 0", atCall);
  }

  @Override
  public void close() {
    talk.close();
  }
}
