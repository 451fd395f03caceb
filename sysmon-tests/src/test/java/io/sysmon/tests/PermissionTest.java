package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.NoSuchProcessException;
import io.sysmon.TracePermissionException;
import io.sysmon.Tracer;
import io.sysmon.internal.permission.Permission;
import io.sysmon.internal.sys.Ptrace;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.Tasks;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Real refusals of the kernel, and whether the message tells why. */
class PermissionTest {
  private static final int EPERM = 1;
  private static final int ESRCH = 3;
  private static final int KTHREADD = 2;
  private static final int JVM = (int) ProcessHandle.current().pid();

  /** Another user than root, who nevertheless finds the class path, wherever it is. */
  private static final List<String> AS_NOBODY = asNobody("+dac_read_search");

  private static List<String> asNobody(String capabilities) {
    return List.of(
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--inh-caps=" + capabilities,
        "--ambient-caps=" + capabilities);
  }

  @Test
  void aKernelThreadIsRefusedAsOne() throws Exception {
    assumeTrue(
        Tasks.process(KTHREADD).filter(task -> task.name().equals("kthreadd")).isPresent(),
        "Kernel threads are not visible here");
    assertMessage(
        "PTRACE_SEIZE of process 2 (kthreadd) answered EPERM. It is a kernel thread. ",
        refusal(KTHREADD));
  }

  @Test
  void theJvmItselfAndItsThreadsAreRefused() throws Exception {
    assertMessage(
        "PTRACE_SEIZE of process " + JVM + " (java) answered EPERM. It is this JVM. ",
        refusal(JVM));
    int thread = threadOfTest();
    assertMessage(
        thread + " is a thread of process " + JVM + " (java): attach to that, with all threads",
        refusal(thread));
  }

  private static int threadOfTest() throws IOException {
    Path task = Files.readSymbolicLink(Path.of("/proc/thread-self"));
    return Integer.parseInt(task.getFileName().toString());
  }

  @Test
  void aProcessUnderStraceIsRefusedWithItsName() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "There is no strace");
    assertTraced("strace", "strace", "-f", "-o", "/dev/null");
  }

  @Test
  void aProcessUnderGdbIsRefusedWithItsName() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gdb")), "There is no gdb");
    assertTraced("gdb", "gdb", "-nx", "-q", "-batch", "-ex", "run", "--args");
  }

  /** A tracer with the guest as its child. */
  private static void assertTraced(String name, String... command) throws Exception {
    try (Target target = Target.start(List.of(command), "plain")) {
      assertMessage(
          target.refused()
              + "It is traced by process "
              + target.process.pid()
              + " ("
              + name
              + ") already. ",
          refusal(target.pid));
    }
  }

  @Test
  void aTraceeOfThisJvmIsRefusedAsOne() throws Exception {
    Recorder recorder = new Recorder();
    try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
      int shell = tracer.launch(new ProcessBuilder("sh", "-c", "sleep 1000 & wait")).pid();
      int child = recorder.await(Recorder.Fork.class, fork -> fork.tid() == shell).childTid();
      recorder.await(Recorder.Exec.class, exec -> exec.tid() == child);
      assertMessage(
          "PTRACE_SEIZE of process "
              + child
              + " (sleep) answered EPERM. It is traced by this JVM already. ",
          refusal(child));
    }
  }

  @Test
  void aZombieIsRefusedWithItsParentsName() throws Exception {
    try (Target target = Target.start(List.of(), "zombie")) {
      String parent = "process " + target.process.pid() + " (" + target.name() + ")";
      assertMessage(
          "There is no process "
              + target.pid
              + " any more. It has ended, and is a zombie until "
              + parent
              + ", its parent, ",
          refusal(target.pid));
      assertTrue(Permission.hasEnded(target.pid));
    }
  }

  @Test
  void aProcessThatIsGoneIsNone() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    assertMessage("There is no process " + process.pid(), refusal((int) process.pid()));
  }

  @Test
  void aThreadsNumberIsToldToBeOne() throws Exception {
    int thread = threadOfTest();
    assertMessage(
        thread + " is a thread of process " + JVM + " (java): ", Permission.noSuchProcess(thread));
  }

  @Test
  void anotherUsersProcessIsRefusedWithTheNumbersOfBoth() throws Exception {
    assumeRoot();
    try (Target target = Target.start(List.of(), "plain")) {
      assertMessage(
          target.refused()
              + "It runs as another user or group than this JVM"
              + " (uid 0, gid 0; this JVM: uid 65534, gid 65534). ",
          refusal(AS_NOBODY, target.pid));
    }
  }

  @Test
  void aProcessWithMoreCapabilitiesIsRefusedWithThem() throws Exception {
    assumeRoot();
    try (Target target = Target.start(asNobody("+dac_read_search,+net_raw"), "plain")) {
      assertMessage(
          target.refused() + "It has capabilities that this JVM has not (2000). ",
          refusal(AS_NOBODY, target.pid));
    }
  }

  @Test
  void aNonDumpableProcessIsRefusedAsOne() throws Exception {
    assumeRoot();
    try (Target target = Target.start(AS_NOBODY, "undumpable")) {
      assertMessage(target.refused() + "It is not dumpable. ", refusal(AS_NOBODY, target.pid));
    }
  }

  @Test
  void rootWithoutTheCapabilityIsToldThatTheProcessMayBeNonDumpable() throws Exception {
    assumeRoot();
    List<String> asInAContainer = List.of("setpriv", "--bounding-set=-sys_ptrace");
    try (Target target = Target.start(asInAContainer, "undumpable")) {
      String message = refusal(asInAContainer, target.pid);
      assertTrue(message.startsWith(target.refused()), message);
      assertTrue(message.contains("It is not dumpable. "), message);
      assertTrue(message.contains(" Or: A security module refuses it "), message);
    }
  }

  @Test
  void aJvmUnderAFilterIsToldThatTheFilterRefuses() throws Exception {
    List<String> filter = List.of(Guest.compile("refusals").toString(), "filter");
    try (Target target = Target.start(List.of(), "plain")) {
      assertMessage(
          target.refused() + "A seccomp filter of this JVM refuses ptrace. ",
          refusalToSeize(filter, target.pid));
    }
  }

  @Test
  void aJvmUnderAFilterCannotLaunchEither() {
    List<String> filter = List.of(Guest.compile("refusals").toString(), "filter");
    assertMessage(
        "PTRACE_SEIZE of a child process answered EPERM. A seccomp filter of this JVM refuses ",
        run(filter, Launching.class));
  }

  @Test
  void aJvmInAUserNamespaceOfItsOwnIsToldThatItsCapabilityDoesNotReach() throws Exception {
    assumeTrue(Outcome.bare(new ProcessBuilder("unshare", "-Ur", "true")).exitValue() == 0);
    try (Target target = Target.start(List.of(), "plain")) {
      assertMessage(
          target.refused() + "It is not in this JVM's user namespace. ",
          refusal(List.of("unshare", "-Ur"), target.pid));
    }
  }

  @Test
  void aJvmInAPidNamespaceWithTheProcOfAnotherIsToldSo() throws Exception {
    List<String> unshare = List.of("unshare", "-Urpf");
    List<String> command = new ArrayList<>(unshare);
    command.add("true");
    assumeTrue(Outcome.bare(new ProcessBuilder(command)).exitValue() == 0);
    try (Target target = Target.start(List.of(), "plain")) {
      assertMessage(
          "There is no process " + target.pid + ". /proc is not that of this JVM's pid namespace. ",
          refusalToSeize(unshare, target.pid));
    }
  }

  private static void assumeRoot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "Only root becomes another user");
  }

  private static void assertMessage(String beginning, String message) {
    assertTrue(message.startsWith(beginning), message);
  }

  /** A guest that has printed the id of the process to attach to. */
  private record Target(Process process, int pid) implements AutoCloseable {
    static Target start(List<String> prefix, String mode) throws IOException {
      List<String> command = new ArrayList<>(prefix);
      command.addAll(List.of(Guest.compile("refusals").toString(), mode));
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader output = process.inputReader();
      String line = output.readLine();
      // A debugger has something to say before.
      while (line != null && !line.matches("\\d+")) {
        line = output.readLine();
      }
      if (line == null) {
        throw new AssertionError(command + " printed no process id");
      }
      return new Target(process, Integer.parseInt(line));
    }

    String name() {
      return Tasks.process(pid).orElseThrow().name();
    }

    String refused() {
      return "PTRACE_SEIZE of process " + pid + " (" + name() + ") answered EPERM. ";
    }

    @Override
    public void close() throws InterruptedException {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  /** What this JVM is told. */
  private static String refusal(int tid) throws Exception {
    return attach(tid);
  }

  /** What a JVM is told that is started by the end of a command. */
  private static String refusal(List<String> prefix, int tid) {
    return run(prefix, Attaching.class, "" + tid);
  }

  /** The same of a JVM that may not trace at all, so that it has no tracer. */
  private static String refusalToSeize(List<String> prefix, int tid) {
    return run(prefix, Seizing.class, "" + tid);
  }

  private static String run(List<String> prefix, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(ChildJvm.of(main, arguments).command());
    Outcome outcome = Outcome.bare(new ProcessBuilder(command));
    assertEquals(0, outcome.exitValue(), outcome.stderr());
    return outcome.stdout();
  }

  private static String attach(int pid) {
    try (Tracer tracer = Tracer.builder().build()) {
      return "It attached to " + tracer.attach(pid);
    } catch (TracePermissionException | NoSuchProcessException e) {
      return String.valueOf(e.getMessage());
    }
  }

  static final class Attaching {
    private Attaching() {}

    public static void main(String[] args) {
      System.out.println(attach(Integer.parseInt(args[0])));
    }
  }

  private static String seize(int tid) {
    long result = new Ptrace().seize(tid, 0);
    if (result == -EPERM) {
      return Permission.attachRefused(tid).getMessage();
    }
    return result == -ESRCH ? Permission.noSuchProcess(tid) : "PTRACE_SEIZE answered " + result;
  }

  static final class Seizing {
    private Seizing() {}

    public static void main(String[] args) {
      System.out.println(seize(Integer.parseInt(args[0])));
    }
  }

  static final class Launching {
    private Launching() {}

    public static void main(String[] args) {
      System.out.println(Tracer.unsupportedReason().orElse("It can"));
    }
  }
}
