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
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a rule does to a call.
 *
 * @param key what a rule's text has for it before the {@code =}
 * @param value what stands behind it; empty when there is none
 * @param enter what is done at the entry of a call that the rule has chosen
 * @param exit what is done at its exit; null when that is not needed
 */
record Effect(
    String key,
    String value,
    BiConsumer<? super SyscallEnter, Injection> enter,
    @Nullable BiConsumer<? super SyscallExit, Injection> exit) {
  private static final System.Logger LOG = System.getLogger("io.sysmon.fault");

  /** When something takes place that may be at either end of a call. */
  enum Moment {
    ENTRY,
    EXIT;

    private Effect effect(String name, String value, BiConsumer<SyscallStop, Injection> act) {
      return this == ENTRY
          ? new Effect(name + "_enter", value, act, null)
          : new Effect(name + "_exit", value, (call, injection) -> {}, act);
    }
  }

  /** Bytes for what an argument, 0 to 5, points to. */
  record Poke(int argument, String hex) {
    private void write(SyscallStop call) {
      try {
        call.memory().write(call.arg(argument), HexFormat.of().parseHex(hex));
      } catch (BadAddressException e) {
        // It points to no memory, as after an execve: nothing can be changed.
        LOG.log(System.Logger.Level.WARNING, "{0} of {1}: {2}", this, call, e.getMessage());
      }
    }

    @Override
    public String toString() {
      return "@arg" + (argument + 1) + "=" + hex;
    }
  }

  boolean actsAtExit() {
    return exit != null;
  }

  /** What it is to the call; null for what is done to the task. */
  @Nullable Tampering tampering() {
    return switch (key) {
      case "error", "retval", "drop" -> Tampering.RESULT;
      case "poke_enter", "poke_exit", "short", "corrupt" -> Tampering.ARGUMENTS;
      case "delay_enter", "delay_exit" -> Tampering.DELAY;
      default -> null;
    };
  }

  /** Whether it decides what the program sees as the call's result. */
  boolean isResult() {
    return tampering() == Tampering.RESULT;
  }

  private static Effect atEntry(
      String key, String value, BiConsumer<SyscallEnter, Injection> enter) {
    return new Effect(key, value, enter, null);
  }

  /** Fails without having been made. */
  static Effect error(int errno) {
    String name = Errno.find(errno).map(Errno::name).orElseGet(() -> Integer.toString(errno));
    return atEntry("error", name, (call, injection) -> injection.finish(call, -errno));
  }

  /** Returns something without having been made. */
  static Effect retval(long result) {
    String value = Long.toUnsignedString(result);
    return atEntry("retval", value, (call, injection) -> injection.finish(call, result));
  }

  /** Is not made, and says that it did all it should. */
  static Effect drop() {
    return atEntry(
        "drop",
        "",
        (call, injection) -> {
          Transfer transfer = Transfer.of(call.signature());
          injection.finish(call, transfer == null ? 0 : transfer.size(call));
        });
  }

  /** Makes another call in its place, whose result is not the one that was asked for. */
  static Effect substitute(String name) {
    return new Effect(
        "syscall",
        name,
        (call, injection) -> {
          call.setNumber(name);
          injection.substituted();
        },
        (call, injection) -> {});
  }

  /** Transfers less. */
  static Effect shorten(int most) {
    return atEntry(
        "short",
        Integer.toString(most),
        (call, injection) -> {
          Transfer transfer = Transfer.of(call.signature());
          if (transfer != null) {
            transfer.shorten(call, most);
          }
        });
  }

  /** Transfers some wrong bytes. */
  static Effect corrupt(int count) {
    return new Effect(
        "corrupt",
        Integer.toString(count),
        (call, injection) -> {
          Transfer transfer = Transfer.of(call.signature());
          if (transfer != null && transfer.isInput()) {
            transfer.corruptInput(call, count, injection.random());
          }
        },
        (call, injection) -> {
          Transfer transfer = Transfer.of(call.signature());
          if (transfer != null && !transfer.isInput() && call.result() > 0) {
            transfer.corruptOutput(call, count, injection.random());
          }
        });
  }

  /** A signal comes. */
  static Effect send(Signal signal) {
    return atEntry("signal", signal.name(), (call, injection) -> call.task().signal(signal));
  }

  /** Is made, or returns, later. */
  static Effect delay(Moment moment, Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("A negative time to wait: " + time);
    }
    long nanos = time.toNanos();
    String value = nanos % 1_000 == 0 ? nanos / 1_000 + "us" : nanos + "ns";
    return moment.effect("delay", value, (call, injection) -> injection.delay(time));
  }

  /** Bytes are written to where arguments point. */
  static Effect poke(Moment moment, List<Poke> places) {
    String value = String.join(",", places.stream().map(Poke::toString).toList());
    return moment.effect(
        "poke", value, (call, injection) -> places.forEach(place -> place.write(call)));
  }

  /** The process, or all of its tree, is killed by {@code SIGKILL}. */
  static Effect kill(Moment moment, Victim victim) {
    return moment.effect(
        "kill",
        victim == Victim.TREE ? "tree" : "process",
        (call, injection) -> {
          call.task().tracee().kill();
          if (victim == Victim.TREE) {
            injection.relatives().forEach(TraceeHandle::kill);
          }
        });
  }
}
