package io.sysmon.internal.sys;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;

/**
 * A function of libc with six parameters, called by jffi's own invoker, which takes six words
 * without allocating. {@link LibC} tells why JNR's stubs cannot be used for them.
 */
final class SixWords {
  private static final CallContext CONTEXT =
      CallContext.getCallContext(
          Type.SINT64,
          new Type[] {Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64},
          CallingConvention.DEFAULT,
          true);
  private static final Invoker INVOKER = Invoker.getInstance();

  private final long address;

  SixWords(String function) {
    address = Library.getCachedInstance("libc.so.6", Library.LAZY).getSymbolAddress(function);
  }

  /** Calls it; errno is then in {@link com.kenai.jffi.LastError}. */
  long call(long first, long second, long third, long fourth, long fifth, long sixth) {
    return INVOKER.invokeN6(CONTEXT, address, first, second, third, fourth, fifth, sixth);
  }
}
