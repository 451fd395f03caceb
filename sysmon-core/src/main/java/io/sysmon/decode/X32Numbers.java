package io.sysmon.decode;

import java.util.ArrayList;
import java.util.List;

/**
 * The x32 numbers, arch/x86/entry/syscalls/syscall_64.tbl: those of x86_64 with bit 30 set, and
 * from 512 on a second number for each call whose structures differ.
 */
final class X32Numbers {
  static final int BIT = 0x4000_0000;
  private static final int FIRST_OWN = 512;

  private static final List<String> OWN =
      List.of(
          "rt_sigaction",
          "rt_sigreturn",
          "ioctl",
          "readv",
          "writev",
          "recvfrom",
          "sendmsg",
          "recvmsg",
          "execve",
          "ptrace",
          "rt_sigpending",
          "rt_sigtimedwait",
          "rt_sigqueueinfo",
          "sigaltstack",
          "timer_create",
          "mq_notify",
          "kexec_load",
          "waitid",
          "set_robust_list",
          "get_robust_list",
          "vmsplice",
          "move_pages",
          "preadv",
          "pwritev",
          "rt_tgsigqueueinfo",
          "recvmmsg",
          "sendmmsg",
          "process_vm_readv",
          "process_vm_writev",
          "setsockopt",
          "getsockopt",
          "io_setup",
          "io_submit",
          "execveat",
          "preadv2",
          "pwritev2");

  private X32Numbers() {}

  static SyscallNumbers from(SyscallNumbers x86) {
    List<SyscallSignature> calls = new ArrayList<>();
    for (SyscallSignature call : x86.all()) {
      calls.add(call.renumbered(AbiLayout.X32, call.number() | BIT));
    }
    for (int index = 0; index < OWN.size(); index++) {
      int number = (FIRST_OWN + index) | BIT;
      x86.byName(OWN.get(index))
          .ifPresent(call -> calls.add(call.renumbered(AbiLayout.X32, number)));
    }
    return new SyscallNumbers(AbiLayout.X32, BIT, calls);
  }
}
