package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.ArgumentKindException;
import io.sysmon.BadAddressException;
import io.sysmon.CallArgument;
import io.sysmon.IllegalTraceeStateException;
import io.sysmon.Signal;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeMemory.Iovec;
import io.sysmon.decode.Bytes;
import io.sysmon.decode.Constant;
import io.sysmon.decode.EpollEvent;
import io.sysmon.decode.FileMode;
import io.sysmon.decode.FileStat;
import io.sysmon.decode.MessageHeader;
import io.sysmon.decode.PollFd;
import io.sysmon.decode.ResourceLimit;
import io.sysmon.decode.SigAction;
import io.sysmon.decode.SignalSet;
import io.sysmon.decode.SockAddr;
import io.sysmon.decode.StatFs;
import io.sysmon.decode.SysInfo;
import io.sysmon.decode.TimeSpec;
import io.sysmon.decode.UtsName;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code typed.c} passes to the kernel, as values. */
class TypedArgumentsTest {
  /** The call by which poll(3) is made. */
  private static final String POLL = Cpu.choose("poll", "ppoll");

  @TempDir private Path temporary;
  private Path directory;

  @BeforeEach
  void resolveLinks() throws Exception {
    directory = temporary.toRealPath();
  }

  Path guest() {
    return Guest.compile("typed");
  }

  private Map<String, String> trace(SyscallListener listener) {
    Outcome outcome =
        Outcome.traced(new ProcessBuilder(guest().toString(), directory.toString()), listener);
    assertEquals(0, outcome.exitValue(), outcome::stderr);
    Map<String, String> printed = new HashMap<>();
    outcome
        .stdout()
        .lines()
        .map(line -> line.split("=", 2))
        .forEach(pair -> printed.put(pair[0], pair[1]));
    return printed;
  }

  /** What the calls of a name give at one of their stops, in their order. */
  private static final class Reading implements SyscallListener {
    private final Map<String, Function<SyscallStop, Object>> entries = new HashMap<>();
    private final Map<String, Function<SyscallExit, Object>> exits = new HashMap<>();
    private final Map<String, List<Object>> values = new HashMap<>();

    Reading atEntry(String name, Function<SyscallStop, Object> read) {
      entries.put(name, read);
      return this;
    }

    Reading atExit(String name, Function<SyscallExit, Object> read) {
      exits.put(name, read);
      return this;
    }

    @Override
    public void onEnter(SyscallEnter call) {
      read(call, entries);
    }

    @Override
    public void onExit(SyscallExit call) {
      read(call, exits);
    }

    private <C extends SyscallStop, F extends Function<? super C, Object>> void read(
        C call, Map<String, F> readers) {
      F read = readers.get(call.meant().name());
      if (read != null) {
        values
            .computeIfAbsent(call.meant().name(), name -> new ArrayList<>())
            .add(read.apply(call));
      }
    }

    /** Of the last call of that name. */
    <T> T get(String name, Class<T> type) {
      List<Object> all = values.getOrDefault(name, List.of());
      assertFalse(all.isEmpty(), () -> name + " in " + values);
      return assertInstanceOf(type, all.get(all.size() - 1));
    }
  }

  private static boolean isFstat(SyscallStop call) {
    return call.name().equals("fstat") || call.name().equals("fstat64");
  }

  @Test
  void aFilesStatusIsThereWhenTheCallHasSucceeded() {
    List<Optional<FileStat>> found = new ArrayList<>();
    Map<String, String> printed =
        trace(
            new SyscallListener() {
              @Override
              public void onEnter(SyscallEnter call) {
                if (isFstat(call)) {
                  assertThrows(
                      IllegalTraceeStateException.class, () -> call.value(1, FileStat.class));
                }
              }

              @Override
              public void onExit(SyscallExit call) {
                if (isFstat(call)) {
                  found.add(call.argument("statbuf").find(FileStat.class));
                }
              }
            });
    FileStat stat = found.get(0).orElseThrow();
    assertEquals(printed.get("ino"), Long.toString(stat.inode()));
    TimeSpec time = stat.modificationTime();
    assertEquals(printed.get("mtime"), String.format("%d.%09d", time.seconds(), time.nanos()));
    assertEquals(6, stat.size());
    assertEquals(FileMode.Type.REGULAR, stat.mode().type());
    assertEquals(Optional.empty(), found.get(1));
  }

  @Test
  void filesAreWhatPathsAndDescriptorsMeanToTheTask() {
    Reading files =
        new Reading()
            .atExit("chdir", call -> List.of(call.path(0), call.file(0)))
            .atExit("mkdirat", call -> List.of(call.file(0), call.file(1)))
            .atExit("unlinkat", call -> List.of(call.file(1), call.argument(1).absolutePath()))
            .atEntry("close", call -> call.file(0))
            .atExit("writev", call -> call.file(0))
            .atEntry("openat", call -> call.file(1));
    trace(files);
    Path sub = directory.resolve("sub");
    assertEquals(List.of("sub", Optional.of(sub)), files.get("chdir", List.class));
    assertEquals(
        List.of(Optional.of(directory), Optional.of(sub)), files.get("mkdirat", List.class));
    assertEquals(
        List.of(Optional.of(sub.resolve("../file")), Optional.of(directory + "/file")),
        files.get("unlinkat", List.class));
    assertEquals(Optional.of(directory.resolve("file")), files.get("writev", Optional.class));
    // Those of /bin/true are the last ones.
    assertTrue(files.values.get("openat").contains(Optional.empty()), files.values::toString);
    assertTrue(
        files.values.get("openat").contains(Optional.of(directory.resolve("file"))),
        files.values::toString);
    assertTrue(files.values.get("close").contains(Optional.of(directory)), files.values::toString);
  }

  @Test
  void flagsAndBuffersAreRead() {
    List<String> opened = new ArrayList<>();
    Reading calls =
        new Reading()
            .atEntry("writev", call -> lengths(call.values(1, Iovec.class)))
            .atExit("pread64", call -> List.of(call.value(1, Bytes.class).utf8(), call.number(3)))
            .atEntry(
                "openat",
                call -> {
                  if (call.flags(2).contains("O_CREAT")) {
                    opened.add(call.path(1) + " " + call.flags(2).names());
                    opened.add(call.value(3, FileMode.class).toString());
                  }
                  return true;
                });
    trace(calls);
    assertEquals(List.of(2L, 4L), calls.get("writev", List.class));
    assertTrue(calls.values.get("pread64").contains(List.of("ello\n", 1L)), calls.values::toString);
    assertEquals("file", opened.get(0).split(" ", 2)[0]);
    assertTrue(opened.get(0).contains("O_RDWR, O_CREAT, O_CLOEXEC"), opened::toString);
    assertEquals("0640", opened.get(1));
  }

  private static List<Long> lengths(List<Iovec> parts) {
    return parts.stream().map(Iovec::length).toList();
  }

  @Test
  void socketAddressesOfEitherSideAreRead() {
    Reading sockets =
        new Reading()
            .atEntry("connect", call -> call.sockaddr(1))
            .atExit("accept4", call -> call.sockaddr(1))
            .atExit("getsockname", call -> call.sockaddr(1))
            .atEntry("sendmsg", call -> call.value(1, MessageHeader.class));
    Map<String, String> printed = trace(sockets);
    assertEquals("server", sockets.get("connect", SockAddr.Unix.class).path().utf8());
    assertEquals(0, sockets.get("accept4", SockAddr.Unix.class).path().length());
    SockAddr.Inet bound = sockets.get("getsockname", SockAddr.Inet.class);
    assertEquals(printed.get("port"), Integer.toString(bound.port()));
    assertTrue(bound.address().isLoopbackAddress());
    MessageHeader message = sockets.get("sendmsg", MessageHeader.class);
    assertEquals(
        List.of(Integer.valueOf(printed.get("passed"))), message.control().get(0).descriptors());
    assertEquals(List.of(1L), lengths(message.buffers()));
  }

  @Test
  void waitingTimesSignalsAndLimitsAreRead() {
    Reading calls =
        new Reading()
            .atExit(POLL, call -> call.values(0, PollFd.class))
            .atEntry("epoll_ctl", call -> call.value(3, EpollEvent.class))
            .atEntry(
                "rt_sigaction",
                call ->
                    List.of(call.value(0, Signal.class), call.value(1, SigAction.class).handler()))
            .atEntry(
                "rt_sigprocmask",
                call ->
                    List.of(
                        call.value(0, Constant.class).is("SIG_BLOCK"),
                        call.value(1, SignalSet.class)))
            .atEntry("prlimit64", call -> call.argument("new_limit").find(ResourceLimit.class))
            .atExit("uname", call -> call.value(0, UtsName.class))
            .atExit("sysinfo", call -> call.value(0, SysInfo.class))
            .atEntry("clock_nanosleep", call -> call.value(2, TimeSpec.class));
    Map<String, String> printed = trace(calls);
    List<?> polled = calls.get(POLL, List.class);
    PollFd first = assertInstanceOf(PollFd.class, polled.get(0));
    assertTrue(first.events().contains("POLLIN"));
    assertEquals("POLLOUT", first.revents().toString());
    assertEquals(-1, assertInstanceOf(PollFd.class, polled.get(1)).fd());
    EpollEvent event = calls.get("epoll_ctl", EpollEvent.class);
    assertEquals(0x1122334455667788L, event.data());
    assertEquals("EPOLLIN|EPOLLET", event.events().toString());
    assertEquals(List.of(Signal.SIGUSR1, SigAction.SIG_IGN), calls.get("rt_sigaction", List.class));
    assertEquals(
        List.of(true, new SignalSet(1L << 11, 64)), calls.get("rt_sigprocmask", List.class));
    assertEquals(new TimeSpec(0, 1000), calls.get("clock_nanosleep", TimeSpec.class));
    assertTrue(
        calls.values.get("prlimit64").contains(Optional.of(new ResourceLimit(20, 30))),
        calls.values::toString);
    assertEquals(printed.get("release"), calls.get("uname", UtsName.class).release().utf8());
    assertEquals(printed.get("ram"), Long.toString(calls.get("sysinfo", SysInfo.class).totalRam()));
  }

  @Test
  void aCallIsDescribedAsStraceWould() {
    List<String> entries = new ArrayList<>();
    List<String> exits = new ArrayList<>();
    trace(
        new SyscallListener() {
          @Override
          public void onEnter(SyscallEnter call) {
            entries.add(call.describe());
          }

          @Override
          public void onExit(SyscallExit call) {
            exits.add(call.describe());
          }
        });
    assertContains(entries, "openat\\(AT_FDCWD, \"file\", O_RDWR\\|O_CREAT\\|O_CLOEXEC, 0640\\)");
    assertContains(exits, "openat\\(AT_FDCWD, \"file\", O_RDWR\\|O_CREAT\\|O_CLOEXEC, 0640\\) = 3");
    assertContains(entries, "pread64\\(3, 0x[0-9a-f]+, 100, 1\\)");
    assertContains(exits, "pread64\\(3, \"ello\\\\n\", 100, 1\\) = 5");
    assertContains(entries, "accept4\\(4, 0x[0-9a-f]+, \\[110\\], 0\\)");
    assertContains(exits, "accept4\\(4, \\{sa_family=AF_UNIX\\}, \\[110 => 2\\], 0\\) = 6");
    assertContains(exits, "openat\\(AT_FDCWD, 0x8, O_RDONLY\\) = -1 EFAULT \\(Bad address\\)");
    assertContains(
        exits,
        "execve\\(\"/bin/true\", \\[\"true\", \"-x\"\\], 0x[0-9a-f]+ /\\* 0 vars \\*/\\) = 0");
  }

  private static void assertContains(List<String> lines, String pattern) {
    assertTrue(
        lines.stream().anyMatch(line -> line.matches(pattern)), () -> pattern + " in " + lines);
  }

  @Test
  void aProgramThatIsGoneIsNotReadAtTheExitOfItsExecve() {
    Reading executions =
        new Reading()
            .atExit(
                "execve",
                call -> {
                  assertThrows(BadAddressException.class, () -> call.path(0));
                  return call.describe();
                });
    trace(executions);
    String line = executions.get("execve", String.class);
    assertTrue(line.matches("execve\\(0x[0-9a-f]+, 0x[0-9a-f]+, 0x[0-9a-f]+\\) = 0"), line);
  }

  @Test
  void theWrongKindTellsTheRightOne() {
    Reading calls =
        new Reading()
            .atEntry(
                "connect",
                call -> {
                  assertThrows(IllegalArgumentException.class, () -> call.argument("address"));
                  assertThrows(IllegalArgumentException.class, () -> call.argument(3));
                  assertThrows(ArgumentKindException.class, () -> call.file(1));
                  return assertThrows(ArgumentKindException.class, () -> call.path(1)).getMessage();
                });
    trace(calls);
    String message = calls.get("connect", String.class);
    assertTrue(message.contains("addr") && message.contains("call sockaddr(1)"), message);
  }

  @Test
  void anArgumentIsValidInItsCallbackOnly() {
    AtomicReference<CallArgument> kept = new AtomicReference<>();
    AtomicReference<SockAddr> value = new AtomicReference<>();
    List<Object> later = new ArrayList<>();
    trace(
        new SyscallListener() {
          @Override
          public void onEnter(SyscallEnter call) {
            CallArgument argument = kept.get();
            if (argument != null) {
              later.add(assertThrows(IllegalTraceeStateException.class, argument::sockaddr));
            } else if (call.meant().name().equals("connect")) {
              kept.set(call.argument("addr"));
              value.set(call.sockaddr(1));
            }
          }
        });
    assertFalse(later.isEmpty());
    assertThrows(IllegalTraceeStateException.class, () -> kept.get().isNull());
    assertEquals("addr", kept.get().name());
    assertEquals("server", assertInstanceOf(SockAddr.Unix.class, value.get()).path().utf8());
  }

  @Test
  void aHeldCallIsReadByWhoAnswersIt() {
    List<SockAddr> answered = new ArrayList<>();
    trace(
        new SyscallListener() {
          @Override
          public void onEnter(SyscallEnter call) {
            if (call.meant().name().equals("connect")) {
              var held = call.hold();
              new Thread(() -> held.answer(view -> answered.add(view.sockaddr(1)))).start();
            }
          }
        });
    assertEquals(1, answered.size());
    assertEquals("server", assertInstanceOf(SockAddr.Unix.class, answered.get(0)).path().utf8());
  }

  @Test
  void whatAListenerHasChangedIsWhatIsRead() {
    Reading reading = new Reading().atExit("openat", SyscallStop::describe);
    Outcome outcome =
        Outcome.traced(
            new ProcessBuilder("cat", "/nowhere/a"),
            new SyscallListener() {
              @Override
              public void onEnter(SyscallEnter call) {
                if (call.name().equals("openat") && call.path(1).equals("/nowhere/a")) {
                  assertTrue(call.describe().contains("/nowhere/a"));
                  call.relocateString(1, "/dev/null");
                  assertEquals("/dev/null", call.path(1));
                }
              }
            },
            reading);
    assertEquals(0, outcome.exitValue(), outcome::stderr);
    String line = reading.get("openat", String.class);
    assertEquals("openat(AT_FDCWD, \"/dev/null\", O_RDONLY) = 3", line);
  }

  @Test
  void theFileSystemOfADescriptorIsRead() {
    List<StatFs> systems = new ArrayList<>();
    trace(
        new SyscallListener() {
          @Override
          public void onExit(SyscallExit call) {
            if (call.name().startsWith("fstatfs")) {
              systems.add(call.argument("buf").value(StatFs.class));
            }
          }
        });
    assertEquals(1, systems.size());
    StatFs system = systems.get(0);
    assertTrue(system.blockSize() > 0 && system.blocks() >= system.freeBlocks(), system::toString);
    assertTrue(system.nameLength() >= 200, system::toString);
  }
}
