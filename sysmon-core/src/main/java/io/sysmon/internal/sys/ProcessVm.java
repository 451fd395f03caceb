package io.sysmon.internal.sys;

import com.kenai.jffi.LastError;

/** process_vm_readv(2) and process_vm_writev(2). */
public final class ProcessVm {
  private static final SixWords READV = new SixWords("process_vm_readv");
  private static final SixWords WRITEV = new SixWords("process_vm_writev");

  private ProcessVm() {}

  /**
   * {@code ssize_t process_vm_readv(pid, local_iov, 1, remote_iov, 1, 0)}.
   *
   * @return how many bytes were read, or minus the errno
   */
  public static long readv(int pid, long localIov, long remoteIov) {
    return result(READV.call(pid, localIov, 1, remoteIov, 1, 0));
  }

  /** {@code ssize_t process_vm_writev(pid, local_iov, 1, remote_iov, 1, 0)}; as {@link #readv}. */
  public static long writev(int pid, long localIov, long remoteIov) {
    return result(WRITEV.call(pid, localIov, 1, remoteIov, 1, 0));
  }

  private static long result(long returned) {
    return returned == -1 ? -LastError.getInstance().get() : returned;
  }
}
