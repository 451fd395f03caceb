package io.sysmon.monitor;

/** A policy cannot be understood. The message says where and why. */
public final class BadPolicyException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what is wrong.
   *
   * @param message for the one who wrote the policy
   */
  public BadPolicyException(String message) {
    super(message);
  }
}
