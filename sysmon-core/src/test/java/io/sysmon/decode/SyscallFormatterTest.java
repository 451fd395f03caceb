package io.sysmon.decode;

import static io.sysmon.decode.FakeMemory.BASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class SyscallFormatterTest {
  private final SyscallFormatter formatter = new SyscallFormatter(FormatOptions.DEFAULT);
  private final StringBuilder out = new StringBuilder();

  @Test
  void theEntryEndsBeforeTheFirstArgumentThatTheKernelFills() {
    FakeMemory memory = new FakeMemory(64);
    PendingCall call = enter("x86_64", "read", memory, 3, BASE, 100);
    assertEquals("read(3, ", taken());
    assertEquals(1, call.argumentsPrinted());
    formatter.exit(call, 5, memory.string(0, "hello"), out);
    assertEquals("\"hello\", 100)", taken());
    assertEquals(3, call.argumentsPrinted());
    formatter.result(call, 5, memory, out);
    assertEquals("5", taken());
  }

  @Test
  void aCallThatTheKernelFillsNothingForIsCompleteAtTheEntry() {
    FakeMemory memory = new FakeMemory(64).string(0, "/etc/passwd");
    PendingCall call = enter("x86_64", "openat", memory, -100, BASE, 0x80000, 0);
    assertEquals("openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC", taken());
    formatter.exit(call, -2, memory, out);
    formatter.result(call, -2, memory, out.append(" = "));
    assertEquals(") = -1 ENOENT (No such file or directory)", taken());
  }

  @Test
  void whatPointedAtTheArgumentsMayBeGoneAtTheExit() {
    FakeMemory memory = new FakeMemory(64).string(0, "/bin/ls").string(16, "ls").i64(32, BASE + 16);
    PendingCall call = enter("x86_64", "execve", memory, BASE, BASE + 32, BASE + 40);
    formatter.exit(call, 0, MemoryReader.NONE, out);
    assertEquals("execve(\"/bin/ls\", [\"ls\"], 0x10000028 /* 0 vars */)", taken());
  }

  @Test
  void anOffsetIsPrintedAtBothStops() {
    FakeMemory memory = new FakeMemory(8);
    PendingCall call = enter("x86_64", "sendfile", memory, 1, 3, BASE, 100);
    assertEquals("sendfile(1, 3, [0]", taken());
    formatter.exit(call, 100, memory.i64(0, 100), out);
    assertEquals(" => [100], 100)", taken());
  }

  @Test
  void theLengthOfASocketAddressIsPrintedAsItWasAndAsItBecame() {
    FakeMemory memory = new FakeMemory(256).i32(128, 128);
    PendingCall call = enter("x86_64", "accept", memory, 3, BASE, BASE + 128);
    assertEquals("accept(3, ", taken());
    memory.i32(0, 1).i32(128, 2);
    formatter.exit(call, 4, memory, out);
    assertEquals("{sa_family=AF_UNIX}, [128 => 2])", taken());
  }

  @Test
  void theRoomForASendersNameIsPrintedAsItWas() {
    FakeMemory memory = new FakeMemory(256).i64(0, BASE + 128).i32(8, 110);
    memory.i64(16, BASE + 64).i64(24, 1).i64(64, BASE + 80).i64(72, 100).string(80, "onetwo");
    PendingCall call = enter("x86_64", "recvmsg", memory, 5, BASE, 0);
    formatter.exit(call, 6, memory.i32(8, 0), out);
    assertEquals(
        "recvmsg(5, {msg_name=0x10000080, msg_namelen=110 => 0, msg_iov=[{iov_base=\"onetwo\","
            + " iov_len=100}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0)",
        taken());
    call = enter("x86_64", "recvmsg", memory.i32(8, 110), 5, BASE, 0);
    formatter.exit(call, -11, memory.i32(8, 0), out);
    assertEquals("recvmsg(5, {msg_namelen=110}, 0)", taken());
  }

  @Test
  void eachOfSeveralMessagesHasItsRoomForASendersName() {
    FakeMemory memory = new FakeMemory(512).string(256, "one").string(272, "two");
    for (int index = 0; index < 2; index++) {
      memory.i64(64 * index, BASE + 0x800).i32(64 * index + 8, 110).i32(64 * index + 56, 3);
      memory.i64(64 * index + 16, BASE + 128 + 16 * index).i64(64 * index + 24, 1);
      memory.i64(128 + 16 * index, BASE + 256 + 16 * index).i64(136 + 16 * index, 10);
    }
    PendingCall call = enter("x86_64", "recvmmsg", memory, 4, BASE, 2, 0, 0);
    formatter.exit(call, 2, memory.i32(8, 0).i32(72, 0), out);
    assertEquals(
        "recvmmsg(4, [{msg_hdr={msg_name=0x10000800, msg_namelen=110 => 0,"
            + " msg_iov=[{iov_base=\"one\", iov_len=10}], msg_iovlen=1, msg_controllen=0,"
            + " msg_flags=0}, msg_len=3}, {msg_hdr={msg_name=0x10000800, msg_namelen=110 => 0,"
            + " msg_iov=[{iov_base=\"two\", iov_len=10}], msg_iovlen=1, msg_controllen=0,"
            + " msg_flags=0}, msg_len=3}], 2, 0, NULL)",
        taken());
  }

  /** The masks of a program that blocks both before it gets a signal, as strace printed them. */
  @Test
  void aReturnFromAHandlerShowsTheMaskThatItRestores() {
    int blocked = 1;
    int blockedToo = 0x80;
    FakeMemory x86 = new FakeMemory(512).i32(296, blocked).i32(300, blockedToo);
    assertEquals("rt_sigreturn({mask=[HUP RT_8]})", signalReturn("x86_64", "rt_sigreturn", x86));
    FakeMemory aarch64 = new FakeMemory(512).i32(168, blocked).i32(172, blockedToo);
    assertEquals(
        "rt_sigreturn({mask=[HUP RT_8]})", signalReturn("aarch64", "rt_sigreturn", aarch64));
    FakeMemory i386 = new FakeMemory(512).i32(248, blocked).i32(252, blockedToo);
    assertEquals("rt_sigreturn({mask=[HUP RT_8]})", signalReturn("i386", "rt_sigreturn", i386));
    FakeMemory old = new FakeMemory(1024).i32(80, blocked).i32(712, blockedToo);
    assertEquals("sigreturn({mask=[HUP RT_8]})", signalReturn("i386", "sigreturn", old));
    assertEquals(
        "rt_sigreturn(0x10000000)", signalReturn("x86_64", "rt_sigreturn", new FakeMemory(8)));
  }

  @Test
  void theCallThatASocketcallMakesIsPrinted() {
    FakeMemory memory = new FakeMemory(64).i32(0, 2).i32(4, 10).i32(8, 17);
    assertEquals(
        "socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 10",
        line("i386", "socketcall", memory.i32(4, 2), 10, 1, BASE));
    memory.i32(0, 9).i32(4, (int) BASE + 32).i32(8, 10).i32(12, 0x40);
    assertEquals(
        "recv(9, \"hello\", 10, MSG_DONTWAIT) = 5",
        line("i386", "socketcall", memory.string(32, "hello"), 5, 10, BASE));
    assertEquals(
        "accept(9, NULL, NULL) = 11",
        line("i386", "socketcall", memory.i32(4, 0).i32(8, 0), 11, 5, BASE));
    assertEquals(
        "socketcall(21, 0x10000000) = -1 EINVAL (Invalid argument)",
        line("i386", "socketcall", memory, -22, 21, BASE));
    assertEquals(
        "socketcall(1, 0x1) = -1 EFAULT (Bad address)",
        line("i386", "socketcall", memory, -14, 1, 1));
  }

  private String signalReturn(String abi, String name, MemoryReader memory) {
    SyscallSignature call = SyscallTable.get().abi(abi).byName(name).orElseThrow();
    PendingCall pending = formatter.enter(call, new long[0], BASE, memory, out);
    formatter.exit(pending, 0, MemoryReader.NONE, out);
    return taken();
  }

  @Test
  void namesThatTheKernelFillsArePrintedWhole() {
    FakeMemory memory = new FakeMemory(4096).string(0, "/a".repeat(100));
    assertEquals(
        "getcwd(\"" + "/a".repeat(100) + "\", 4096) = 201",
        line("x86_64", "getcwd", memory, 201, BASE, 4096));
    assertEquals(
        "readlink(\"/a\", \"/a/a/a\", 6) = 6",
        line("x86_64", "readlink", memory, 6, BASE + 198, BASE, 6));
  }

  @Test
  void resultsThatMeanARestartHaveNoValue() {
    assertEquals(
        "pause() = ? ERESTARTNOHAND (To be restarted if no handler)",
        line("x86_64", "pause", MemoryReader.NONE, -514));
    assertEquals(
        "getpid() = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
        line("i386", "getpid", MemoryReader.NONE, 0xffff_fe00L));
    assertEquals("exit_group(3) = ?", line("x86_64", "exit_group", MemoryReader.NONE, 0, 3));
  }

  @Test
  void whatIsMadeByOneOfSeveralCommandsIsToldWhereItIsADescriptor() {
    MemoryReader descriptors =
        new MemoryReader() {
          @Override
          public int read(long address, byte[] into, int offset, int length) {
            return 0;
          }

          @Override
          public String descriptor(int descriptor) {
            return "<it>";
          }
        };
    assertEquals(
        "bpf(BPF_MAP_CREATE, NULL, 0) = 3<it>", line("x86_64", "bpf", descriptors, 3, 0, 0, 0));
    assertEquals(
        "bpf(BPF_MAP_FREEZE, NULL, 0) = 0", line("x86_64", "bpf", descriptors, 0, 22, 0, 0));
    assertEquals(
        "landlock_create_ruleset(NULL, 0, 0) = 3<it>",
        line("x86_64", "landlock_create_ruleset", descriptors, 3, 0, 0, 0));
    assertEquals(
        "landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) = 7",
        line("x86_64", "landlock_create_ruleset", descriptors, 7, 0, 0, 1));
  }

  @Test
  void structuresHaveTheLayoutOfTheAbi() {
    FakeMemory aarch64 = new FakeMemory(128).i32(16, 0100644).i64(48, 1234);
    assertEquals(
        "fstat(3, {st_mode=S_IFREG|0644, st_size=1234, ...}) = 0",
        line("aarch64", "fstat", aarch64, 0, 3, BASE));
    FakeMemory x86 = new FakeMemory(144).i32(24, 0100644).i64(48, 1234);
    assertEquals(
        "fstat(3, {st_mode=S_IFREG|0644, st_size=1234, ...}) = 0",
        line("x86_64", "fstat", x86, 0, 3, BASE));
    FakeMemory epoll = new FakeMemory(16).i32(0, 1).i64(8, 7);
    assertEquals(
        "epoll_pwait(3, [{events=EPOLLIN, data={u32=7, u64=7}}], 8, -1, NULL, 8) = 1",
        line("aarch64", "epoll_pwait", epoll, 1, 3, BASE, 8, -1, 0, 8));
  }

  @Test
  void aResultThatIsASignalIsNamed() {
    FakeMemory memory = new FakeMemory(8).i64(0, 0x200);
    assertEquals(
        "rt_sigtimedwait([USR1], NULL, NULL, 8) = 10 (SIGUSR1)",
        line("x86_64", "rt_sigtimedwait", memory, 10, BASE, 0, 0, 8));
    assertEquals(
        "rt_sigtimedwait([USR1], NULL, NULL, 8) = -1 EAGAIN (Resource temporarily unavailable)",
        line("x86_64", "rt_sigtimedwait", memory, -11, BASE, 0, 0, 8));
  }

  @Test
  void registersOfA32BitAbiHaveNoUpperHalf() {
    assertEquals(
        "close(-1) = -1 EBADF (Bad file descriptor)",
        line("i386", "close", MemoryReader.NONE, 0xffff_fff7L, 0xdead_beef_ffff_ffffL));
    assertEquals(
        "brk(NULL) = 0xffe00000",
        line("i386", "brk", MemoryReader.NONE, 0xffff_ffff_ffe0_0000L, 0));
  }

  @Test
  void cloneOnAarch64FindsItsArgumentsInOtherRegisters() {
    FakeMemory memory = new FakeMemory(8).i32(0, 77);
    long flags = 0x3d0f00;
    assertEquals(
        "clone(child_stack=0x7000, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD"
            + "|CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID,"
            + " parent_tid=[77], tls=0x1234, child_tidptr=0x5678) = 77",
        line("aarch64", "clone", memory, 77, flags, 0x7000, BASE, 0x1234, 0x5678));
  }

  @Test
  void anUnknownCallShowsItsRegisters() {
    SyscallSignature unknown = SyscallTable.get().abi("x86_64").byNumber(500);
    PendingCall call =
        formatter.enter(unknown, new long[] {1, 0, 3, -1, 5, 6}, MemoryReader.NONE, out);
    formatter.exit(call, -38, MemoryReader.NONE, out);
    assertEquals("syscall_0x1f4(0x1, 0, 0x3, 0xffffffffffffffff, 0x5, 0x6)", taken());
  }

  @Test
  void fewerRegistersThanArgumentsAreTakenAsZero() {
    PendingCall call =
        formatter.enter(
            SyscallTable.get().abi("x86_64").byNumber(0), new long[0], MemoryReader.NONE, out);
    formatter.exit(call, 0, MemoryReader.NONE, out);
    assertEquals("read(0, \"\", 0)", taken().replace("NULL", "\"\""));
  }

  @Test
  void theStringLimitHoldsForStringsAndArrays() {
    SyscallFormatter brief = new SyscallFormatter(new FormatOptions(2));
    FakeMemory memory = new FakeMemory(128).string(0, "abc");
    for (int index = 0; index < 3; index++) {
      memory.i64(8 + 8 * index, BASE);
    }
    SyscallSignature execve = SyscallTable.get().abi("x86_64").byName("execve").orElseThrow();
    brief.enter(execve, new long[] {BASE, BASE + 8, 0}, memory, out);
    assertEquals("execve(\"abc\", [\"ab\"..., \"ab\"..., ...], NULL", taken());
    assertThrows(IllegalArgumentException.class, () -> new FormatOptions(-1));
    SyscallFormatter all = new SyscallFormatter(new FormatOptions(Integer.MAX_VALUE));
    all.enter(execve, new long[] {BASE, BASE + 8, 0}, memory, out);
    assertEquals("execve(\"abc\", [\"abc\", \"abc\", \"abc\"], NULL", taken());
  }

  @Test
  void aSignalReadsAsStracePrintsIt() {
    byte[] info =
        ByteBuffer.allocate(128)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(17)
            .putInt(0)
            .putInt(1)
            .putInt(0)
            .putInt(77)
            .putInt(1000)
            .putInt(3)
            .putInt(0)
            .putLong(250)
            .array();
    formatter.signal(info, out);
    assertEquals(
        "{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=77, si_uid=1000, si_status=3,"
            + " si_utime=250 /* 2.50 s */, si_stime=0}",
        taken());
    assertThrows(IllegalArgumentException.class, () -> formatter.signal(new byte[64], out));
  }

  private PendingCall enter(String abi, String name, MemoryReader memory, long... registers) {
    SyscallSignature call = SyscallTable.get().abi(abi).byName(name).orElseThrow();
    return formatter.enter(call, registers, memory, out);
  }

  private String line(
      String abi, String name, MemoryReader memory, long result, long... registers) {
    PendingCall call = enter(abi, name, memory, registers);
    formatter.exit(call, result, memory, out);
    formatter.result(call, result, memory, out.append(" = "));
    assertTrue(out.length() > 0);
    return taken();
  }

  private String taken() {
    String text = out.toString();
    out.setLength(0);
    return text;
  }
}
