package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.listener;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static io.sysmon.tests.rewrite.Calls.onExit;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.HeldCall;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Alike;
import io.sysmon.tests.support.Cpu;
import io.sysmon.tests.support.Effort;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.SameAgain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to a program's registers when its calls are changed. */
class RegistersTest {
  private static final int GETTID = Cpu.number("gettid");

  /** Of the guest's registers, by its numbers: 2, 9 and 12. */
  private static final String R2 = Cpu.choose("rdx", "x2");

  private static final String R9 = Cpu.choose("r12", "x9");
  private static final String R12 = Cpu.choose("r15", "x12");

  private final ExecutorService others = Executors.newFixedThreadPool(2);

  @AfterEach
  void endThreads() throws InterruptedException {
    others.shutdown();
    assertTrue(others.awaitTermination(10, TimeUnit.SECONDS));
  }

  /** The verbs, by the lowest byte of the first argument. No process has the ids that they give. */
  private final class Verbs implements SyscallListener {
    private static final int KINDS = 16;
    private static final String TEXT = "any text ".repeat(20);

    private final Way way;

    Verbs(Way way) {
      this.way = way;
    }

    @Override
    public Interest interest() {
      return Interest.of("getppid");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      assertEquals(way.abi(), call.abi().name());
      switch ((int) call.arg(0) & 0xff) {
        case 1 -> rewriteAll(call);
        case 2 -> call.skip(47_110_000);
        case 3 -> call.fail(Errno.EACCES);
        case 4 -> call.setNumber("gettid");
        case 5 -> answer(call.hold(), 5);
        case 6 -> {
          call.relocateString(1, TEXT);
          assertTrue(call.abi().wordSize() == Long.BYTES || call.arg(1) >>> 32 == 0);
          assertEquals(TEXT, call.string(1));
        }
        case 7 -> assertEquals(call.pid(), call.syscall("getpid"));
        case 10 -> {
          rewriteAll(call);
          call.syscall("getuid");
          call.relocateString(2, TEXT);
          call.relocateBuffer(3, 4, new byte[5000], true);
          call.syscall("gettid");
        }
        case 11 -> {
          call.syscall("getuid");
          rewriteAll(call);
          call.setNumber("gettid");
        }
        case 12 -> call.delay(Duration.ofNanos(100_000));
        case 13 -> {
          rewriteAll(call);
          call.syscall("getuid");
          call.skip(-7);
        }
        case 14 -> {
          rewriteAll(call);
          answer(call.hold(), 14);
        }
        default -> {}
      }
    }

    private void rewriteAll(SyscallEnter call) {
      for (int i = 0; i < 6; i++) {
        call.setArg(i, 0x1111_2222_3333_0000L + i & call.abi().registerMask());
      }
    }

    private void answer(HeldCall held, int kind) {
      others.execute(
          () -> {
            assertEquals(held.task().tid(), held.task().tracee().syscall("gettid"));
            if (kind == 5) {
              held.proceed();
            } else {
              held.answer(
                  call -> {
                    call.setArg(5, 99);
                    call.setNumber("gettid");
                    call.relocateString(0, TEXT);
                  });
            }
          });
    }

    @Override
    public void onExit(SyscallExit call) {
      switch ((int) call.arg(0) & 0xff) {
        case 8 -> assertEquals(call.pid(), call.syscall("getpid"));
        case 9 -> call.setResult(99_000_000);
        default -> {
          if (call.result() == -7) {
            call.syscall("getuid");
            call.setResult(-8);
          }
        }
      }
    }
  }

  private static String results(Way way, int kinds) {
    // The kernel may have no x32 calls.
    String bare = Outcome.bare(way.guest("loop", 1, 1)).stdout();
    String parent = bare.substring("0: ".length(), bare.indexOf('\n'));
    String self = parent.equals("parent") ? "self" : parent;
    return IntStream.range(0, kinds)
        .mapToObj(
            kind ->
                kind
                    + ": "
                    + switch (kind) {
                      case 2 -> "47110000";
                      case 3 -> "-13";
                      case 4, 11, 14 -> self;
                      case 9 -> "99000000";
                      case 13 -> "-8";
                      default -> parent;
                    })
        .collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @EnumSource
  void noRegisterAndNoByteOfTheRedZoneIsLostByAnyVerb(Way way) {
    Outcome outcome =
        Outcome.traced(way.guest("loop", Effort.rounds(1600), Verbs.KINDS), new Verbs(way));
    assertEquals(results(way, Verbs.KINDS) + "\n0 differences\n", outcome.stdout());
    assertEquals(0, outcome.exitValue());
  }

  @ParameterizedTest
  @EnumSource
  void noRegisterIsLostByAnyVerbWhileSignalsArrive(Way way) {
    Outcome outcome =
        Outcome.traced(way.guest("loop", Effort.rounds(4000), Verbs.KINDS, 1), new Verbs(way));
    assertEquals(
        "signals: many\n" + results(way, Verbs.KINDS) + "\n0 differences\n", outcome.stdout());
    assertEquals(0, outcome.exitValue());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "X32")
  void tenThousandRewrittenCallsWhileSignalsArrive(Way way) {
    int rounds = Effort.rounds(10_000);
    AtomicInteger calls = new AtomicInteger();
    SyscallListener rewriter =
        onEnter(
            "getppid",
            call -> {
              calls.incrementAndGet();
              call.setArg(0, 1);
              call.setArg(5, -1);
              call.setNumber("gettid");
            });
    Outcome outcome = Outcome.traced(way.guest("loop", rounds, 1, 1), rewriter);
    assertEquals("signals: many\n0: self\n0 differences\n", outcome.stdout());
    assertEquals(rounds, calls.get());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "X32")
  void theRegistersOfARewrittenForkAreTheProgramsOwnInParentAndChild(Way way) {
    AtomicInteger calls = new AtomicInteger();
    SyscallListener rewriter =
        onEnter(
            Interest.enter("fork", "vfork", "clone"),
            call -> {
              calls.incrementAndGet();
              boolean clones = call.name().equals("clone");
              // Of a clone: the parent's tid and the thread pointer, which go nowhere without
              // flags.
              int[] unused =
                  clones ? new int[] {2, Cpu.choose(4, 3), 5} : new int[] {0, 1, 2, 3, 4, 5};
              for (int i : unused) {
                call.setArg(i, 0x7777_0000L + i);
              }
            });
    Outcome outcome = Outcome.traced(way.guest("children"), rewriter);
    assertEquals("0 differences\n", outcome.stdout());
    assertEquals(way == Way.SYSCALL ? 200 : 100, calls.get());
  }

  @Test
  void listenersSeeWhatTheOnesBeforeThemChangedAndTheKernelGetsTheLast() {
    List<String> seen = new ArrayList<>();
    SyscallListener first =
        listener(
            Interest.of("getppid"),
            call -> {
              call.setArg(1, 11);
              call.setArg(1, 12);
              call.setNumber(GETTID);
            },
            call -> {
              call.setResult(1000);
              call.setResult(call.result() + 1);
            });
    SyscallListener second =
        listener(
            Interest.of("getppid"),
            call -> {
              seen.add(call.arg(1) + " " + call.name() + " was " + call.programArg(1));
              call.setArg(1, call.arg(1) + 1);
            },
            call -> {
              seen.add(call.name() + "(" + call.arg(1) + ") = " + call.result());
              call.setResult(-Errno.EPERM.number());
            });
    SyscallListener third =
        listener(
            Interest.of("getppid"),
            call -> seen.add(call.arg(1) + " " + call.number()),
            call -> seen.add(call.errno() + " " + call.failed()));
    Outcome outcome = Outcome.traced(guest("registers", "raw"), first, second, third);
    assertEquals(0, outcome.exitValue());
    // The guest's rsi, which is its register 3, or x1.
    int secondArgument = 0x1000 + Cpu.choose(3, 1);
    assertEquals(
        List.of(
            "12 gettid was " + secondArgument, "13 " + GETTID, "gettid(13) = 1001", "EPERM true"),
        seen.subList(0, 4));
    assertEquals(1, outcome.stdout().lines().count(), outcome::stdout);
  }

  /**
   * The registers are those of the instruction at which the signal came, and nobody's arguments.
   */
  @Test
  void aReturnFromAHandlerMayBeRewrittenIntoItself() {
    ProcessBuilder looking = Alike.guest("rewrite_sigreturn", "300");
    Outcome untouched = new Outcome("as they were\n", "", 0);
    assertEquals(untouched, Outcome.bare(looking));
    assertEquals(untouched, Outcome.traced(looking, new SameAgain()));
  }

  @Test
  void aSkippedCallIsNotMadeAndAFailedOneIsSeenToFail() {
    List<String> exits = new ArrayList<>();
    AtomicInteger count = new AtomicInteger();
    SyscallListener skipper =
        listener(
            Interest.of("write"),
            call -> {
              if (call.arg(0) == 1) {
                switch (count.getAndIncrement()) {
                  case 0 -> call.skip(call.arg(2));
                  case 1 -> call.fail(Errno.EINTR);
                  default -> {}
                }
              }
            },
            call -> exits.add(call.result() + " " + call.errno()));
    Outcome outcome =
        Outcome.traced(
            new ProcessBuilder("bash", "-c", "echo one; echo two || echo failed; echo three"),
            skipper);
    assertFalse(outcome.stdout().contains("one"), outcome::stdout);
    assertTrue(outcome.stdout().endsWith("three\n"), outcome::stdout);
    assertEquals("4 null", exits.get(0));
    assertEquals("-4 EINTR", exits.get(1));
  }

  @Test
  void aResultThatIsNoErrorIsNotTakenForOne() {
    List<Object> seen = new ArrayList<>();
    SyscallListener setter = onExit("getppid", call -> call.setResult(-4096));
    SyscallListener reader =
        onExit(
            "getppid",
            call -> {
              seen.add(call.failed());
              seen.add(call.snapshot().exit().result());
              assertNull(call.errno());
            });
    Outcome outcome = Outcome.traced(guest("registers", "raw"), setter, reader);
    assertEquals(0, outcome.exitValue());
    assertEquals(List.of(false, -4096L), seen);
  }

  @Test
  void aSkippedCallOfANumberThatNoCallHasReturnsItsResult() {
    AtomicLong result = new AtomicLong();
    SyscallListener odd =
        listener(
            Interest.of("getppid"),
            call -> call.setNumber(100_000),
            call -> result.set(call.result()));
    Outcome outcome = Outcome.traced(guest("registers", "loop", 10, 1), odd);
    assertTrue(outcome.stdout().endsWith("0 differences\n"), outcome::stdout);
    assertEquals(-Errno.ENOSYS.number(), result.get());
  }

  @Test
  void rawRegistersAreReadAndWrittenByNameAndByOffset() {
    Cpu.X86_64.assume();
    AtomicReference<String> names = new AtomicReference<>();
    AtomicLong instruction = new AtomicLong();
    SyscallListener raw =
        onEnter(
            "getppid",
            call -> {
              var registers = call.registers();
              names.set(String.join(" ", new java.util.TreeSet<>(registers.names())));
              assertEquals(0x1001, registers.get("rbx"));
              assertEquals(0x1009, registers.get("r12"));
              assertEquals(call.arg(0), registers.get("rdi"));
              assertEquals(Cpu.number("getppid"), registers.get("orig_rax"));
              assertEquals(call.instructionPointer(), registers.get("rip"));
              assertEquals(call.stackPointer(), registers.get("rsp"));
              instruction.set(registers.get("rip") - 2);
              // user_regs_struct: r15, r14, r13, r12, rbp, rbx.
              assertEquals(0x100c, registers.peekUser(0));
              assertEquals(0x1001, registers.peekUser(40));
              registers.set("rbx", -1);
              registers.set("r13", 0x1234_5678_9abc_def0L);
              registers.pokeUser(8, 0x55);
              assertEquals(0x55, registers.get("r14"));
              assertEquals(-1, registers.peekUser(40));
              assertThrows(IllegalArgumentException.class, () -> registers.get("eax"));
              assertThrows(IllegalArgumentException.class, () -> registers.set("RAX", 1));
              assertThrows(io.sysmon.TraceException.class, () -> registers.peekUser(1));
              assertThrows(io.sysmon.TraceException.class, () -> registers.peekUser(1L << 40));
              assertThrows(io.sysmon.TraceException.class, () -> registers.pokeUser(-8, 1));
            });
    Outcome outcome = Outcome.traced(guest("registers", "raw"), raw);
    List<String> lines = outcome.stdout().lines().toList();
    assertEquals(
        List.of(
            "raw: rbx was 1001 and is ffffffffffffffff",
            "raw: r13 was 100a and is 123456789abcdef0",
            "raw: r14 was 100b and is 55",
            "instruction " + Long.toHexString(instruction.get())),
        lines);
    assertEquals(
        "cs ds eflags es fs fs_base gs gs_base orig_rax r10 r11 r12 r13 r14 r15 r8 r9 rax rbp rbx"
            + " rcx rdi rdx rip rsi rsp ss",
        names.get());
  }

  @Test
  void anArgumentRegisterThatWasWrittenRawIsNotPutBackByTheChangeOfAnotherOne() {
    SyscallListener raw =
        onEnter(
            "getppid",
            call -> {
              call.registers().set(R2, 0x77);
              call.setArg(0, 5);
            });
    Outcome outcome = Outcome.traced(guest("registers", "raw"), raw);
    assertEquals("raw: " + R2 + " was 1002 and is 77", outcome.stdout().lines().findFirst().get());
  }

  @Test
  void aRegisterOfAHeldOrInjectedCallsTaskStaysAsItWasWrittenRaw() {
    SyscallListener raw =
        listener(
            Interest.of("getppid"),
            call -> {
              call.registers().set(R9, 0x1212);
              call.syscall("getpid");
              assertEquals(0x1212, call.registers().get(R9));
            },
            call -> {
              call.registers().set(R12, 0x1515);
              call.syscall("getpid");
              assertEquals(0x1515, call.registers().get(R12));
            });
    Outcome outcome = Outcome.traced(guest("registers", "raw"), raw);
    assertTrue(
        outcome
            .stdout()
            .startsWith(
                "raw: "
                    + R9
                    + " was 1009 and is 1212\nraw: "
                    + R12
                    + " was 100c and is 1515\ninstr"),
        outcome::stdout);
  }

  @Test
  void aCallbackThatFailsLeavesTheCallAsItWas() throws Exception {
    SyscallListener failing =
        onEnter(
            "getppid",
            call -> {
              call.setNumber(GETTID);
              call.setArg(0, 1);
              call.skip(4711);
              call.setArg(6, 1);
            });
    List<Object> failures = new ArrayList<>();
    try (Tracer tracer =
        Tracer.builder().listener(failing).onListenerFailure(failures::add).build()) {
      var tracee = tracer.launch(guest("registers", "loop", 3, 1));
      String output = new String(tracee.process().getInputStream().readAllBytes(), UTF_8);
      assertThrows(io.sysmon.ListenerFailedException.class, tracee::waitFor);
      assertEquals("0: parent\n0 differences\n", output);
    }
    assertEquals(3, failures.size());
    assertTrue(failures.get(0).toString().contains("argument 6 of"), failures::toString);
  }
}
