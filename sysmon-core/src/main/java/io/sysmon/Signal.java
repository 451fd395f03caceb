package io.sysmon;

import java.util.Locale;
import java.util.Optional;

/**
 * A signal, signal(7). There is one object a number, so signals can be compared with {@code ==}.
 *
 * <p>Real-time signals have the kernel's names: {@code SIGRTMIN} is 32, the ones after it {@code
 * SIGRT_1} to {@code SIGRT_32}. (The C library keeps the first two for itself and calls 34 its
 * {@code SIGRTMIN}.) A number that is no signal has the name {@code SIG_} and the number.
 */
public final class Signal {
  private static final int FIRST_REAL_TIME = 32;
  private static final int MAX = 64;
  private static final String[] STANDARD_NAMES = {
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
    "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
  };
  private static final Signal[] BY_NUMBER = new Signal[MAX + 1];

  static {
    for (int number = 0; number <= MAX; number++) {
      BY_NUMBER[number] = new Signal(number, nameOf(number));
    }
  }

  /** Hangup of the controlling terminal, or death of the controlling process. */
  public static final Signal SIGHUP = BY_NUMBER[1];

  /** Interrupt from the keyboard. */
  public static final Signal SIGINT = BY_NUMBER[2];

  /** Quit from the keyboard. */
  public static final Signal SIGQUIT = BY_NUMBER[3];

  /** Illegal instruction. */
  public static final Signal SIGILL = BY_NUMBER[4];

  /** Trace or breakpoint trap. */
  public static final Signal SIGTRAP = BY_NUMBER[5];

  /** Abort, from abort(3). */
  public static final Signal SIGABRT = BY_NUMBER[6];

  /** Bus error: bad memory access. */
  public static final Signal SIGBUS = BY_NUMBER[7];

  /** Erroneous arithmetic operation. */
  public static final Signal SIGFPE = BY_NUMBER[8];

  /** Kill; cannot be caught, blocked or ignored. */
  public static final Signal SIGKILL = BY_NUMBER[9];

  /** First signal for the program's own use. */
  public static final Signal SIGUSR1 = BY_NUMBER[10];

  /** Invalid memory reference. */
  public static final Signal SIGSEGV = BY_NUMBER[11];

  /** Second signal for the program's own use. */
  public static final Signal SIGUSR2 = BY_NUMBER[12];

  /** Write to a pipe with no reader. */
  public static final Signal SIGPIPE = BY_NUMBER[13];

  /** Timer of alarm(2). */
  public static final Signal SIGALRM = BY_NUMBER[14];

  /** Termination. */
  public static final Signal SIGTERM = BY_NUMBER[15];

  /** Stack fault on a coprocessor; unused. */
  public static final Signal SIGSTKFLT = BY_NUMBER[16];

  /** Child stopped, continued or ended. */
  public static final Signal SIGCHLD = BY_NUMBER[17];

  /** Continue if stopped. */
  public static final Signal SIGCONT = BY_NUMBER[18];

  /** Stop; cannot be caught, blocked or ignored. */
  public static final Signal SIGSTOP = BY_NUMBER[19];

  /** Stop typed at the terminal. */
  public static final Signal SIGTSTP = BY_NUMBER[20];

  /** Terminal input for a background process. */
  public static final Signal SIGTTIN = BY_NUMBER[21];

  /** Terminal output of a background process. */
  public static final Signal SIGTTOU = BY_NUMBER[22];

  /** Urgent condition on a socket. */
  public static final Signal SIGURG = BY_NUMBER[23];

  /** CPU time limit exceeded. */
  public static final Signal SIGXCPU = BY_NUMBER[24];

  /** File size limit exceeded. */
  public static final Signal SIGXFSZ = BY_NUMBER[25];

  /** Virtual timer of setitimer(2). */
  public static final Signal SIGVTALRM = BY_NUMBER[26];

  /** Profiling timer of setitimer(2). */
  public static final Signal SIGPROF = BY_NUMBER[27];

  /** Window size changed. */
  public static final Signal SIGWINCH = BY_NUMBER[28];

  /** I/O is possible. */
  public static final Signal SIGIO = BY_NUMBER[29];

  /** Power failure. */
  public static final Signal SIGPWR = BY_NUMBER[30];

  /** Bad system call, or a call that a seccomp filter traps. */
  public static final Signal SIGSYS = BY_NUMBER[31];

  private final int number;
  private final String name;

  private Signal(int number, String name) {
    this.number = number;
    this.name = name;
  }

  /**
   * The signal with a number.
   *
   * @param number as in a wait status or {@code siginfo_t}
   * @return the signal; numbers from 0 to 64 are not allocated anew
   */
  public static Signal of(int number) {
    return number >= 0 && number <= MAX ? BY_NUMBER[number] : new Signal(number, nameOf(number));
  }

  /**
   * The signal with a name.
   *
   * @param name with or without {@code SIG}, in any case
   * @return empty when no signal has that name
   */
  public static Optional<Signal> find(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    String full = upper.startsWith("SIG") ? upper : "SIG" + upper;
    for (int number = 1; number <= MAX; number++) {
      if (BY_NUMBER[number].name.equals(full)) {
        return Optional.of(BY_NUMBER[number]);
      }
    }
    return Optional.empty();
  }

  private static String nameOf(int number) {
    if (number >= 1 && number < FIRST_REAL_TIME) {
      return "SIG" + STANDARD_NAMES[number - 1];
    }
    if (number == FIRST_REAL_TIME) {
      return "SIGRTMIN";
    }
    if (number > FIRST_REAL_TIME && number <= MAX) {
      return "SIGRT_" + (number - FIRST_REAL_TIME);
    }
    return "SIG_" + number;
  }

  /**
   * The number.
   *
   * @return 1 to 64 for a signal that exists
   */
  public int number() {
    return number;
  }

  /**
   * The name.
   *
   * @return for example {@code SIGCHLD} or {@code SIGRT_2}
   */
  public String name() {
    return name;
  }

  /**
   * Whether there is such a signal.
   *
   * @return false for 0, which only tests for existence (kill(2)), and for numbers above 64
   */
  public boolean exists() {
    return number >= 1 && number <= MAX;
  }

  /**
   * Whether this is one of the signals that stop a process unless it catches or ignores them: those
   * of a group-stop, ptrace(2).
   *
   * @return true for {@code SIGSTOP}, {@code SIGTSTP}, {@code SIGTTIN} and {@code SIGTTOU}
   */
  public boolean isStopping() {
    return number >= 19 && number <= 22;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Signal signal && signal.number == number;
  }

  @Override
  public int hashCode() {
    return number;
  }

  @Override
  public String toString() {
    return name;
  }
}
