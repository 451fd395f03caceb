package io.sysmon.fault;

import io.sysmon.CallArgument;
import io.sysmon.SyscallEnter;

/**
 * Which calls of a name are meant, by what they are about. Asked on the tracer's thread at the
 * entry of each call of the name; a condition of one's own must not change the call, nor block.
 */
@FunctionalInterface
public interface CallCondition {
  /**
   * Whether a call is meant.
   *
   * @param call the call, valid until this returns
   * @return true when it is
   */
  boolean matches(SyscallEnter call);

  /**
   * Calls that name a file: by a path, which is made absolute first, or by a descriptor. Links are
   * not followed. What cannot be read names nothing. Of a program with another root directory the
   * path begins with that one's, as that of its descriptors does: {@link
   * CallArgument#absolutePath}.
   *
   * @param glob {@code ?} is a character and {@code *} any number of them within one name, {@code
   *     **} crosses names; {@code [abc]}, {@code [!a-z]}, {@code {this,that}}; a backslash takes
   *     the meaning from what follows. Without a leading slash it is about the end of a path:
   *     {@code *.db} is a name in any directory
   * @return the condition, whose text is {@code path=GLOB}
   * @throws BadFaultRuleException when the pattern makes no sense
   */
  static CallCondition path(String glob) {
    return new PathCondition(false, PathPattern.parse(glob));
  }

  /**
   * Calls that are given a descriptor of a file.
   *
   * @param glob as for {@link #path}; of what is no file, what {@code /proc/PID/fd} says: {@code
   *     socket:*}
   * @return the condition, whose text is {@code fd=GLOB}
   * @throws BadFaultRuleException when the pattern makes no sense
   */
  static CallCondition descriptor(String glob) {
    return new PathCondition(true, PathPattern.parse(glob));
  }
}
