package io.sysmon;

/**
 * A range of the tracee's memory could not be read as asked: it is not mapped, not readable, or a
 * string in it has no end.
 */
public class BadAddressException extends TraceException {
  private static final long serialVersionUID = 1L;

  private final long address;
  private final int transferred;

  /**
   * Creates the exception.
   *
   * @param message what was asked of which task
   * @param address where the range begins
   * @param transferred how many bytes from there could be transferred
   */
  public BadAddressException(String message, long address, int transferred) {
    super(message);
    this.address = address;
    this.transferred = transferred;
  }

  /**
   * Where the range that was asked for begins.
   *
   * @return an address in the tracee
   */
  public long address() {
    return address;
  }

  /**
   * How many bytes from {@link #address()} on could be transferred.
   *
   * @return a count of bytes, less than was asked for
   */
  public int transferred() {
    return transferred;
  }
}
