package io.sysmon.decode;

import static io.sysmon.decode.FakeMemory.BASE;
import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;
import static java.nio.file.attribute.PosixFilePermission.OWNER_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ArgumentKindException;
import io.sysmon.BadAddressException;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Signal;
import io.sysmon.TraceeMemory.Iovec;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CallValuesTest {
  private static final long ENOENT = -2;
  private final FakeMemory memory = new FakeMemory(4096);

  private CallValues enter(String abi, String name, long... arguments) {
    return CallValues.entering(signature(abi, name), arguments, memory);
  }

  private CallValues exit(String abi, String name, long result, long... arguments) {
    return CallValues.exiting(signature(abi, name), arguments, result, memory);
  }

  private static SyscallSignature signature(String abi, String name) {
    return SyscallTable.get().abi(abi).byName(name).orElseThrow();
  }

  private static Argument argument(CallValues values, String name) {
    return values.signature().arguments().stream()
        .filter(argument -> argument.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static <T> T value(CallValues values, String name, Class<T> type) {
    return values.value(argument(values, name), type);
  }

  private void write(int... bytes) {
    for (int index = 0; index < bytes.length; index++) {
      memory.put(index, (byte) bytes[index]);
    }
  }

  @Test
  void flagsHaveTheValuesOfTheirAbi() {
    long bits = 0x8_0000 | 0x1_0000 | 1;
    Flags x86 = value(enter("x86_64", "openat", -100, BASE, bits, 0), "flags", Flags.class);
    Flags arm = value(enter("aarch64", "openat", -100, BASE, bits, 0), "flags", Flags.class);
    assertEquals(List.of("O_WRONLY", "O_CLOEXEC", "O_DIRECTORY"), x86.names());
    assertEquals(List.of("O_WRONLY", "O_DIRECT", "O_CLOEXEC"), arm.names());
    assertTrue(x86.contains("O_DIRECTORY") && !arm.contains("O_DIRECTORY"));
    assertTrue(x86.contains("O_WRONLY") && !x86.contains("O_RDONLY") && !x86.contains("O_RDWR"));
    assertEquals("O_WRONLY|O_CLOEXEC|O_DIRECTORY", x86.toString());
    assertEquals(bits, x86.value());
    assertEquals(0, x86.unknown());
  }

  @Test
  void bitsWithoutANameAreUnknown() {
    Flags flags =
        value(enter("x86_64", "openat", -100, BASE, 3 | 1L << 31, 0), "flags", Flags.class);
    assertEquals(1L << 31, flags.unknown());
    assertEquals(List.of("O_ACCMODE"), flags.names());
  }

  @Test
  void aNameThatNoAbiHasIsRefusedWithThoseThatThereAre() {
    Flags flags = value(enter("x86_64", "openat", -100, BASE, 0, 0), "flags", Flags.class);
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> flags.contains("O_CLOEXC"));
    assertTrue(thrown.getMessage().contains("O_CLOEXEC"), thrown::getMessage);
  }

  @Test
  void constantsSignalsAndModesAreWhatTheyMean() {
    Constant whence = value(enter("x86_64", "lseek", 3, 0, 2), "whence", Constant.class);
    assertTrue(whence.is("SEEK_END") && !whence.is("SEEK_SET"));
    assertEquals(Optional.of("SEEK_END"), whence.name());
    assertEquals(Signal.SIGTERM, value(enter("i386", "kill", 7, 15), "sig", Signal.class));
    FileMode mode = value(enter("x86_64", "mkdir", BASE, 0600), "mode", FileMode.class);
    assertEquals(Set.of(OWNER_READ, OWNER_WRITE), mode.permissions());
    assertEquals(FileMode.Type.NONE, mode.type());
  }

  @Test
  void numbersAreAsWideAsTheKernelSeesThem() {
    CallValues read = enter("x86_64", "read", 0xdead_beef_0000_0003L, BASE, -1);
    assertEquals(3, read.number(argument(read, "fd")));
    assertEquals(-1, read.number(argument(read, "count")));
    CallValues pread = enter("i386", "pread64", 3, BASE, 10, 0x1111_2222L, 0x1L);
    assertEquals(0x1_1111_2222L, pread.number(argument(pread, "offset")));
    CallValues poll = enter("i386", "poll", BASE, 1, 0xffff_ffffL);
    assertEquals(-1, poll.number(argument(poll, "timeout")));
  }

  @Test
  void aStatIsTheSameInEveryLayout() {
    memory.i64(0, 0x801).i64(8, 99).i64(16, 2).i32(24, 0100644).i32(28, 1000).i32(32, 100);
    memory.i64(48, 5000).i64(56, 4096).i64(64, 16);
    memory.i64(72, 1).i64(80, 2).i64(88, 3).i64(96, 4).i64(104, 5).i64(112, 6);
    FileStat x86 = value(exit("x86_64", "fstat", 0, 3, BASE), "statbuf", FileStat.class);

    FakeMemory arm = new FakeMemory(256);
    arm.i64(0, 0x801).i64(8, 99).i32(16, 0100644).i32(20, 2).i32(24, 1000).i32(28, 100);
    arm.i64(48, 5000).i32(56, 4096).i64(64, 16);
    arm.i64(72, 1).i64(80, 2).i64(88, 3).i64(96, 4).i64(104, 5).i64(112, 6);

    FakeMemory wide = new FakeMemory(256);
    wide.i64(0, 0x801).i32(16, 0100644).i32(20, 2).i32(24, 1000).i32(28, 100);
    wide.i64(44, 5000).i32(52, 4096).i64(56, 16);
    wide.i32(64, 1).i32(68, 2).i32(72, 3).i32(76, 4).i32(80, 5).i32(84, 6).i64(88, 99);

    FakeMemory narrow = new FakeMemory(256);
    narrow.i32(0, 0x801).i32(4, 99).i32(8, 2 << 16 | 0100644).i32(12, 100 << 16 | 1000);
    narrow.i32(20, 5000).i32(24, 4096).i32(28, 16);
    narrow.i32(32, 1).i32(36, 2).i32(40, 3).i32(44, 4).i32(48, 5).i32(52, 6);

    assertEquals(99, x86.inode());
    assertEquals(8, FileStat.major(x86.device()));
    assertEquals(1, FileStat.minor(x86.device()));
    assertEquals(FileMode.Type.REGULAR, x86.mode().type());
    assertEquals(2, x86.links());
    assertEquals(1000, x86.uid());
    assertEquals(100, x86.gid());
    assertEquals(5000, x86.size());
    assertEquals(new TimeSpec(3, 4), x86.modificationTime());
    assertEquals(Instant.ofEpochSecond(3, 4), x86.modificationTime().toInstant());
    assertEquals(x86, stat("aarch64", "fstat", arm));
    assertEquals(x86, stat("i386", "fstat64", wide));
    assertEquals(x86, stat("i386", "fstat", narrow));
  }

  private static FileStat stat(String abi, String name, FakeMemory memory) {
    long[] arguments = {3, BASE};
    return value(
        CallValues.exiting(signature(abi, name), arguments, 0, memory), "statbuf", FileStat.class);
  }

  @Test
  void timesHaveTheWordsOfTheirAbi() {
    memory.i64(0, 1).i64(8, 500_000_000);
    Duration sixtyFour =
        value(enter("x86_64", "nanosleep", BASE, 0), "req", TimeSpec.class).toDuration();
    assertEquals(Duration.ofMillis(1500), sixtyFour);
    TimeSpec x32 = value(enter("x32", "nanosleep", BASE, 0), "req", TimeSpec.class);
    assertEquals(new TimeSpec(1, 500_000_000), x32);
    memory.i32(0, -1).i32(4, 7);
    assertEquals(
        new TimeSpec(-1, 7), value(enter("i386", "nanosleep", BASE, 0), "req", TimeSpec.class));
    assertEquals(
        Duration.ofNanos(-1_000_000_000 + 7_000),
        value(exit("i386", "gettimeofday", 0, BASE, 0), "tv", TimeVal.class).toDuration());
  }

  @Test
  void socketAddressesAreOfTheirFamily() {
    write(2, 0, 0, 53, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    SockAddr.Inet inet = assertInstanceOf(SockAddr.Inet.class, connect(16));
    assertEquals("127.0.0.1", inet.address().getHostAddress());
    assertEquals(53, inet.toInetSocketAddress().getPort());

    write(
        10, 0, 1, 187, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1, 3, 0, 0, 0);
    SockAddr.Inet6 inet6 = assertInstanceOf(SockAddr.Inet6.class, connect(28));
    assertEquals(443, inet6.port());
    assertEquals(5, inet6.flowInfo());
    assertEquals(3, inet6.scopeId());
    assertEquals(16, inet6.address().getAddress().length);
    assertEquals(-1, assertInstanceOf(SockAddr.Inet6.class, connect(24)).scopeId());

    memory.i32(0, 1).string(2, "/run/x");
    assertEquals(new SockAddr.Unix(bytes("/run/x"), false), connect(110));
    assertEquals(new SockAddr.Unix(bytes("/r"), false), connect(4));
    assertEquals(new SockAddr.Unix(bytes(""), false), connect(2));
    memory.i32(0, 1).string(3, "bus");
    assertEquals(new SockAddr.Unix(bytes("bus"), true), connect(6));

    memory.i32(0, 16).i32(4, 77).i32(8, 3);
    assertEquals(new SockAddr.Netlink(77, 3), connect(12));
    assertEquals(16, assertInstanceOf(SockAddr.Other.class, connect(8)).family());

    write(17, 0, 8, 0, 2, 0, 0, 0, 1, 0, 4, 6, 1, 2, 3, 4, 5, 6, 0, 0);
    SockAddr.Packet packet = assertInstanceOf(SockAddr.Packet.class, connect(20));
    assertTrue(packet.protocol().is("ETH_P_IP"));
    assertEquals(6, packet.address().length());
  }

  private SockAddr connect(int length) {
    return value(enter("x86_64", "connect", 3, BASE, length), "addr", SockAddr.class);
  }

  private static Bytes bytes(String text) {
    return Bytes.owned(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void theKernelsAddressIsAsLongAsItSays() {
    memory.i32(0, 1).string(2, "/run/x").i32(128, 6);
    CallValues accept = exit("x86_64", "accept", 4, 3, BASE, BASE + 128);
    assertEquals(new SockAddr.Unix(bytes("/run"), false), value(accept, "addr", SockAddr.class));
    assertEquals(6, accept.number(argument(accept, "addrlen")));
  }

  @Test
  void arraysHaveAsManyElementsAsTheCallSays() {
    memory.i32(0, 5).i32(4, 0x0001_0005).i32(8, -1).i32(12, 0);
    CallValues poll = exit("x86_64", "poll", 1, BASE, 0xdead_beef_0000_0002L, -1);
    List<PollFd> fds = poll.values(argument(poll, "fds"), PollFd.class);
    assertEquals(2, fds.size());
    assertEquals(5, fds.get(0).fd());
    assertTrue(fds.get(0).events().contains("POLLOUT") && fds.get(0).revents().contains("POLLIN"));

    memory.i64(0, BASE).i64(8, 10);
    assertEquals(List.of(new Iovec(BASE, 10)), iovecs(enter("aarch64", "writev", 1, BASE, 1)));
    memory.i32(0, 100).i32(4, 200);
    assertEquals(List.of(new Iovec(100, 200)), iovecs(enter("i386", "writev", 1, BASE, 1)));
    assertEquals(List.of(), iovecs(enter("i386", "writev", 1, 0, 0)));
  }

  private static List<Iovec> iovecs(CallValues values) {
    return values.values(argument(values, "iov"), Iovec.class);
  }

  @Test
  void epollEventsArePackedOnX86Only() {
    memory.i32(0, 1).i64(4, 0x1122_3344_5566L);
    EpollEvent x86 = event(enter("x86_64", "epoll_ctl", 3, 1, 4, BASE));
    memory.i32(0, 1).i64(8, 0x1122_3344_5566L);
    EpollEvent arm = event(enter("aarch64", "epoll_ctl", 3, 1, 4, BASE));
    assertEquals(0x1122_3344_5566L, x86.data());
    assertEquals(x86.data(), arm.data());
    assertTrue(arm.events().contains("EPOLLIN"));
  }

  private static EpollEvent event(CallValues values) {
    return value(values, "event", EpollEvent.class);
  }

  @Test
  void limitsWithoutEndAreInfinite() {
    memory.i32(0, 1024).i32(4, -1);
    ResourceLimit narrow = value(enter("i386", "setrlimit", 7, BASE), "rlim", ResourceLimit.class);
    assertEquals(new ResourceLimit(1024, ResourceLimit.INFINITY), narrow);
    memory.i64(0, 1024).i64(8, -1);
    assertEquals(narrow, value(enter("x86_64", "setrlimit", 7, BASE), "rlim", ResourceLimit.class));
  }

  @Test
  void signalActionsHaveTheWordsOfTheirAbi() {
    memory.i64(0, 1).i64(8, 0x1000_0000).i64(16, 0).i64(24, 1 << 14);
    SigAction wide = value(enter("x86_64", "rt_sigaction", 15, BASE, 0, 8), "act", SigAction.class);
    memory.i32(0, 1).i32(4, 0x1000_0000).i32(8, 0).i64(12, 1 << 14);
    SigAction narrow = value(enter("i386", "rt_sigaction", 15, BASE, 0, 8), "act", SigAction.class);
    assertEquals(wide, narrow);
    assertEquals(SigAction.SIG_IGN, wide.handler());
    assertEquals(List.of(Signal.SIGTERM), wide.mask().signals());
    assertTrue(wide.mask().contains(Signal.SIGTERM) && !wide.mask().contains(Signal.SIGINT));
    assertTrue(wide.flags().contains("SA_RESTART"));
  }

  @Test
  void messagesComeWithTheirAddressBuffersAndDescriptors() {
    memory.i64(0, 0).i32(8, 0).i64(16, BASE + 128).i64(24, 1).i64(32, BASE + 256).i64(40, 24);
    memory.i64(128, BASE + 512).i64(136, 5);
    memory.i64(256, 24).i32(264, 1).i32(268, 1).i32(272, 8).i32(276, 9);
    MessageHeader wide = value(enter("x86_64", "sendmsg", 3, BASE, 0), "msg", MessageHeader.class);
    assertEquals(null, wide.name());
    assertEquals(List.of(new Iovec(BASE + 512, 5)), wide.buffers());
    assertEquals(List.of(8, 9), wide.control().get(0).descriptors());

    int base = (int) BASE;
    memory.i32(0, base + 600).i32(4, 4).i32(8, base + 128).i32(12, 1).i32(16, 0).i32(20, 0);
    memory.i32(128, base + 512).i32(132, 5).i32(600, 1).string(602, "ab");
    MessageHeader narrow = value(enter("i386", "sendmsg", 3, BASE, 0), "msg", MessageHeader.class);
    assertEquals(new SockAddr.Unix(bytes("ab"), false), narrow.name());
    assertEquals(wide.buffers(), narrow.buffers());
    assertEquals(List.of(), narrow.control());
  }

  @Test
  void setsOfDescriptorsAndDirectoriesAreRead() {
    memory.i64(0, 0b101001);
    BitSet expected = BitSet.valueOf(new long[] {0b001001});
    CallValues select = enter("x86_64", "select", 5, BASE, 0, 0, 0);
    assertEquals(expected, value(select, "readfds", BitSet.class));

    memory.i64(0, 7).i64(8, 1).i32(16, 4 << 16 | 24).string(19, "a");
    memory.put(18, (byte) 8);
    CallValues list = exit("x86_64", "getdents64", 24, 3, BASE, 4096);
    Argument entries = list.signature().arguments().get(1);
    DirectoryEntry entry = list.values(entries, DirectoryEntry.class).get(0);
    assertEquals("a", entry.name().utf8());
    assertEquals(7, entry.inode());
    assertTrue(entry.type().is("DT_REG"));
  }

  @Test
  void waitStatusesAreTakenApart() {
    assertEquals(3, new WaitStatus(0x300).exitCode().orElseThrow());
    assertEquals(Optional.of(Signal.SIGKILL), new WaitStatus(9).killedBy());
    assertTrue(new WaitStatus(0x8b).hasCoreDump());
    assertEquals(Optional.of(Signal.SIGSTOP), new WaitStatus(0x137f).stoppedBy());
    assertTrue(new WaitStatus(0xffff).isContinued());
    assertTrue(new WaitStatus(0xffff).killedBy().isEmpty());
  }

  @Test
  void theWrongKindIsToldWithTheRightOne() {
    CallValues read = enter("x86_64", "read", 3, BASE, 10);
    ArgumentKindException thrown =
        assertThrows(ArgumentKindException.class, () -> value(read, "buf", SockAddr.class));
    assertEquals(
        "Argument 1 of read, buf (buf_out(len=ret)), is no SockAddr but Bytes:"
            + " call value(1, Bytes.class)",
        thrown.getMessage());
    CallValues openat = enter("x86_64", "openat", -100, BASE, 0, 0);
    assertWrong(openat, "pathname", Flags.class, "call path(1)");
    assertWrong(openat, "dirfd", Flags.class, "call number(0)");
    assertWrong(openat, "flags", SockAddr.class, "call flags(2)");
    assertWrong(
        enter("x86_64", "poll", BASE, 1, 0), "fds", TimeSpec.class, "values(0, PollFd.class)");
    assertWrong(
        enter("x86_64", "poll", BASE, 1, 0), "fds", PollFd.class, "values(0, PollFd.class)");
    assertWrong(enter("x86_64", "adjtimex", BASE), "buf", Long.class, "bytes(0, n)");
  }

  @Test
  void anArrayIsToldFromItsElements() {
    CallValues execve = enter("x86_64", "execve", BASE, BASE, 0);
    assertWrong(
        execve,
        "argv",
        String.class,
        "is no String but an array of String: call values(1, String.class)");
  }

  @Test
  void anAddressCanBeAskedForByItsFamily() {
    write(2, 0, 0, 53, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    CallValues connect = enter("x86_64", "connect", 3, BASE, 16);
    Argument address = argument(connect, "addr");
    assertEquals(53, connect.value(address, SockAddr.Inet.class).port());
    assertEquals(53, connect.find(address, SockAddr.Inet.class).orElseThrow().port());
    assertEquals(Optional.empty(), connect.find(address, SockAddr.Unix.class));
    assertWrong(
        connect, "addr", SockAddr.Unix.class, "is no SockAddr.Unix but SockAddr.Inet this time");
  }

  private static void assertWrong(CallValues values, String name, Class<?> type, String instead) {
    ArgumentKindException thrown =
        assertThrows(ArgumentKindException.class, () -> value(values, name, type));
    assertTrue(thrown.getMessage().contains(instead), thrown::getMessage);
  }

  @Test
  void whatTheKernelFillsIsThereWhenItHasDoneSo() {
    CallValues before = enter("x86_64", "fstat", 3, BASE);
    CallValues failed = exit("x86_64", "fstat", ENOENT, 3, BASE);
    for (CallValues values : List.of(before, failed)) {
      assertFalse(values.isPresent(argument(values, "statbuf")));
      assertThrows(
          IllegalTraceeStateException.class, () -> value(values, "statbuf", FileStat.class));
    }
    memory.string(0, "abcdef");
    CallValues read = exit("x86_64", "read", 3, 5, BASE, 4096);
    assertEquals(bytes("abc"), value(read, "buf", Bytes.class));
  }

  @Test
  void anArgumentThatTheCallDoesNotHaveIsNotRead() {
    CallValues plain = enter("x86_64", "openat", -100, BASE, 0, 0777);
    assertFalse(plain.isPresent(argument(plain, "mode")));
    assertThrows(IllegalTraceeStateException.class, () -> value(plain, "mode", FileMode.class));
    CallValues creating = enter("x86_64", "openat", -100, BASE, 0x40, 0777);
    assertEquals(new FileMode(0777), value(creating, "mode", FileMode.class));
  }

  @Test
  void memoryThatIsNotThereIsABadAddress() {
    CallValues unmapped = enter("x86_64", "nanosleep", BASE + 4096 - 8, 0);
    BadAddressException thrown =
        assertThrows(BadAddressException.class, () -> value(unmapped, "req", TimeSpec.class));
    assertEquals(BASE + 4096 - 8, thrown.address());
    assertEquals(8, thrown.transferred());
    CallValues nothing = enter("x86_64", "nanosleep", 0, 0);
    assertThrows(BadAddressException.class, () -> value(nothing, "req", TimeSpec.class));
    CallValues huge = enter("x86_64", "write", 1, BASE, Long.MAX_VALUE);
    assertThrows(BadAddressException.class, () -> value(huge, "buf", Bytes.class));
  }

  @Test
  void aProgramThatIsGoneCannotBeRead() {
    memory.string(0, "/bin/true");
    CallValues before = enter("x86_64", "execve", BASE, 0, 0);
    CallValues after = exit("x86_64", "execve", 0, BASE, 0, 0);
    assertEquals("/bin/true", before.path(argument(before, "pathname")));
    BadAddressException thrown =
        assertThrows(BadAddressException.class, () -> after.path(argument(after, "pathname")));
    assertEquals(
        "Argument 0 of execve, pathname: the program that made the call was replaced by it:"
            + " ask for this at the entry",
        thrown.getMessage());
  }

  @Test
  void aSocketcallHasTheArgumentsOfTheCallThatItStandsFor() {
    int base = (int) BASE;
    memory.i32(0, 5).i32(4, base + 64).i32(8, 16).i32(64, 53 << 24 | 2).i32(68, 0x0100_007f);
    CallValues connect = enter("i386", "socketcall", 3, BASE);
    assertEquals("connect", connect.signature().name());
    assertEquals(5, connect.number(argument(connect, "sockfd")));
    SockAddr.Inet address =
        assertInstanceOf(SockAddr.Inet.class, value(connect, "addr", SockAddr.class));
    assertEquals("127.0.0.1", address.address().getHostAddress());
  }
}
