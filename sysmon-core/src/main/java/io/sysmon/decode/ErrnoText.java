package io.sysmon.decode;

import io.sysmon.Errno;
import java.util.Optional;

/** Error numbers as text, also those that the kernel keeps to itself. */
final class ErrnoText {
  private ErrnoText() {}

  /** Appends the name, or the number when it has none. */
  static void name(StringBuilder out, int number) {
    Optional<Errno> errno = Errno.find(number);
    if (errno.isPresent()) {
      out.append(errno.get().name());
    } else {
      out.append(number);
    }
  }

  /** Appends {@code -1 ENOENT (No such file or directory)}, or how a call is to be restarted. */
  static void result(PrintContext context, int number) {
    StringBuilder out = context.out;
    ConstantSet internal = context.constants.get("kernel_errno");
    Optional<Errno> errno = Errno.find(number);
    if (errno.isPresent()) {
      out.append("-1 ").append(errno.get().name());
      out.append(" (").append(errno.get().message()).append(')');
    } else if (!internal.isName(number)) {
      out.append("-1 (errno ").append(number).append(')');
    } else {
      String how = restart(number);
      out.append(how.isEmpty() ? "-1 " : "? ");
      internal.appendValue(out, number);
      out.append(" (").append(how.isEmpty() ? "Unknown error " + number : how).append(')');
    }
  }

  /** linux/errno.h of the kernel; 515 and from 517 on a program never sees them. */
  private static String restart(int number) {
    return switch (number) {
      case 512 -> "To be restarted if SA_RESTART is set";
      case 513 -> "To be restarted";
      case 514 -> "To be restarted if no handler";
      case 516 -> "Interrupted by signal";
      default -> "";
    };
  }
}
