package io.sysmon.fault;

import io.sysmon.BadAddressException;
import io.sysmon.Errno;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeHandle;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** One thing that a rule does to a call. Its text is what a rule's text has for it. */
sealed interface Effect {
  /** What stands before the {@code =}. */
  String key();

  /** What stands behind it; empty when there is none. */
  String value();

  /** At the entry of a call that the rule has chosen. */
  default void enter(SyscallEnter call, Injection injection) {}

  /** At its exit. */
  default void exit(SyscallExit call, Injection injection) {}

  /** Whether the exit is needed. */
  default boolean actsAtExit() {
    return false;
  }

  /** Fails, or returns something, without having been made. */
  record Result(long result, boolean isError) implements Effect {
    @Override
    public String key() {
      return isError ? "error" : "retval";
    }

    @Override
    public String value() {
      if (!isError) {
        return Long.toUnsignedString(result);
      }
      Optional<Errno> errno = Errno.find((int) -result);
      return errno.map(Errno::name).orElseGet(() -> Long.toString(-result));
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      injection.finish(call, result);
    }
  }

  /** Makes another call in its place. */
  record Substitute(String name) implements Effect {
    @Override
    public String key() {
      return "syscall";
    }

    @Override
    public String value() {
      return name;
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      call.setNumber(name);
      injection.substituted();
    }

    @Override
    public boolean actsAtExit() {
      // The result of the other call is not the one that was asked for.
      return true;
    }
  }

  /** Is not made, and says that it did all it should. */
  record Drop() implements Effect {
    @Override
    public String key() {
      return "drop";
    }

    @Override
    public String value() {
      return "";
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      Transfer transfer = Transfer.of(call.signature());
      injection.finish(call, transfer == null ? 0 : transfer.size(call));
    }
  }

  /** Transfers less. */
  record Shorten(int most) implements Effect {
    @Override
    public String key() {
      return "short";
    }

    @Override
    public String value() {
      return Integer.toString(most);
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      Transfer transfer = Transfer.of(call.signature());
      if (transfer != null) {
        transfer.shorten(call, most);
      }
    }
  }

  /** Transfers some wrong bytes. */
  record Corrupt(int count) implements Effect {
    @Override
    public String key() {
      return "corrupt";
    }

    @Override
    public String value() {
      return Integer.toString(count);
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      Transfer transfer = Transfer.of(call.signature());
      if (transfer != null && transfer.isInput()) {
        transfer.corruptInput(call, count, injection.random());
      }
    }

    @Override
    public void exit(SyscallExit call, Injection injection) {
      Transfer transfer = Transfer.of(call.signature());
      if (transfer != null && !transfer.isInput() && call.result() > 0) {
        SplittableRandom random = injection.random();
        transfer.corruptOutput(call, count, random);
      }
    }

    @Override
    public boolean actsAtExit() {
      return true;
    }
  }

  /** A signal comes. */
  record Send(Signal signal) implements Effect {
    @Override
    public String key() {
      return "signal";
    }

    @Override
    public String value() {
      return signal.name();
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      call.task().signal(signal);
    }
  }

  /** Is made, or returns, later. */
  record Delay(boolean atExit, Duration time) implements Effect {
    public Delay {
      if (time.isNegative()) {
        throw new IllegalArgumentException("A negative time to wait: " + time);
      }
    }

    @Override
    public String key() {
      return atExit ? "delay_exit" : "delay_enter";
    }

    @Override
    public String value() {
      long nanos = time.toNanos();
      return nanos % 1_000 == 0 ? nanos / 1_000 + "us" : nanos + "ns";
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      if (!atExit) {
        injection.delay(time);
      }
    }

    @Override
    public void exit(SyscallExit call, Injection injection) {
      if (atExit) {
        injection.delay(time);
      }
    }

    @Override
    public boolean actsAtExit() {
      return atExit;
    }
  }

  /** Bytes are written to where arguments point. */
  record Poke(boolean atExit, List<Bytes> places) implements Effect {
    private static final System.Logger LOG = System.getLogger("io.sysmon.fault");

    /**
     * Bytes for one argument.
     *
     * @param argument 0 to 5
     */
    record Bytes(int argument, String hex) {
      @Override
      public String toString() {
        return "@arg" + (argument + 1) + "=" + hex;
      }
    }

    @Override
    public String key() {
      return atExit ? "poke_exit" : "poke_enter";
    }

    @Override
    public String value() {
      return String.join(",", places.stream().map(Bytes::toString).toList());
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      if (!atExit) {
        write(call);
      }
    }

    @Override
    public void exit(SyscallExit call, Injection injection) {
      if (atExit) {
        write(call);
      }
    }

    /** Where an argument points to no memory, as after an execve, nothing can be changed. */
    private void write(SyscallStop call) {
      for (Bytes bytes : places) {
        try {
          call.memory().write(call.arg(bytes.argument), HexFormat.of().parseHex(bytes.hex));
        } catch (BadAddressException e) {
          LOG.log(System.Logger.Level.WARNING, "{0} of {1}: {2}", key(), call, e.getMessage());
        }
      }
    }

    @Override
    public boolean actsAtExit() {
      return atExit;
    }
  }

  /** The process, or all of its tree, is killed by {@code SIGKILL}. */
  record Kill(boolean atExit, Victim victim) implements Effect {
    @Override
    public String key() {
      return atExit ? "kill_exit" : "kill_enter";
    }

    @Override
    public String value() {
      return victim == Victim.TREE ? "tree" : "process";
    }

    @Override
    public void enter(SyscallEnter call, Injection injection) {
      if (!atExit) {
        kill(call.task().tracee(), injection);
      }
    }

    @Override
    public void exit(SyscallExit call, Injection injection) {
      if (atExit) {
        kill(call.task().tracee(), injection);
      }
    }

    private void kill(TraceeHandle process, Injection injection) {
      process.kill();
      if (victim == Victim.TREE) {
        injection.relatives().forEach(TraceeHandle::kill);
      }
    }

    @Override
    public boolean actsAtExit() {
      return atExit;
    }
  }
}
