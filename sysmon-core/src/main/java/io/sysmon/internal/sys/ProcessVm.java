package io.sysmon.internal.sys;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;

/**
 * process_vm_readv(2) and process_vm_writev(2), by jffi's own invoker, which takes six words
 * without allocating. {@link LibC} tells why JNR's stubs cannot be used for them.
 */
public final class ProcessVm {
  private static final CallContext SIX_WORDS =
      CallContext.getCallContext(
          Type.SINT64,
          new Type[] {Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64},
          CallingConvention.DEFAULT,
          true);
  private static final Invoker INVOKER = Invoker.getInstance();
  private static final long READV = address("process_vm_readv");
  private static final long WRITEV = address("process_vm_writev");

  private ProcessVm() {}

  private static long address(String function) {
    return Library.getCachedInstance("libc.so.6", Library.LAZY).getSymbolAddress(function);
  }

  /**
   * {@code ssize_t process_vm_readv(pid, local_iov, 1, remote_iov, 1, 0)}.
   *
   * @return how many bytes were read, or minus the errno
   */
  public static long readv(int pid, long localIov, long remoteIov) {
    return result(INVOKER.invokeN6(SIX_WORDS, READV, pid, localIov, 1, remoteIov, 1, 0));
  }

  /** {@code ssize_t process_vm_writev(pid, local_iov, 1, remote_iov, 1, 0)}; as {@link #readv}. */
  public static long writev(int pid, long localIov, long remoteIov) {
    return result(INVOKER.invokeN6(SIX_WORDS, WRITEV, pid, localIov, 1, remoteIov, 1, 0));
  }

  private static long result(long returned) {
    return returned == -1 ? -LastError.getInstance().get() : returned;
  }
}
