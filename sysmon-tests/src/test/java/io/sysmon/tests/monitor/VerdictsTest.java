package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventKind;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Policy;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Stranger;
import java.io.BufferedReader;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictsTest {
  private static final int OFTEN = 3000;

  @TempDir Path directory;

  private String file(String name) throws Exception {
    Path file = directory.toRealPath().resolve(name);
    Files.writeString(file, "old");
    return file.toString();
  }

  /** A rule about writing to a file. */
  private static String rule(String verdict, String path) {
    return "rules:\n- {name: keep, events: [file], paths: ['"
        + path
        + "'], verdict: "
        + verdict
        + "}\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo x > secret",
        "echo x > \"./../${PWD##*/}/./secret\"",
        "echo x > link",
        "mkdir -p deep/dir; ln -s deep/dir away; echo x > away/../../secret",
        "d=$(printf '\\377'); mkdir $d; echo x > $d/../secret",
        "rm secret",
        "mv secret y",
        "mv other secret",
        "ln secret y",
        "truncate -s 0 secret"
      })
  void whatIsDeniedDoesNotHappen(String script) throws Exception {
    String secret = file("secret");
    file("other");
    Files.createSymbolicLink(directory.resolve("link"), Path.of(secret));
    Monitored monitored =
        Monitored.shell(rule("deny", secret), "cd " + directory.toRealPath() + " && " + script);
    assertTrue(monitored.outcome().stderr().contains("not permitted"), monitored::toString);
    assertEquals("old", Files.readString(Path.of(secret)));
    assertEquals("old", Files.readString(directory.resolve("other")));
    assertTrue(
        monitored.events().stream()
            .anyMatch(
                event -> event.text("verdict").equals("deny") && event.text("rule").equals("keep")),
        monitored::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exec 9<denied/file; echo x > /proc/self/fd/9",
        "exec 9<denied; echo x > /proc/self/fd/9/new",
        "exec 9<denied; echo x > /proc/thread-self/fd/9/new",
        "exec 9<denied; echo x > /dev/fd/9/new",
        "exec 0<denied; echo x > /dev/stdin/new",
        "cd denied; echo x > /proc/self/cwd/new",
        "cd /proc; exec 9<$OLDPWD/denied; echo x > self/fd/9/new",
        "ln -s $PWD/denied/new dangling; echo x > dangling",
        "ln -s denied/new dangling; ln -s dangling away; echo x > away"
      })
  void nothingIsWrittenToADirectoryByALinkThatTheKernelFollows(String script) throws Exception {
    Path denied = Files.createDirectory(directory.toRealPath().resolve("denied"));
    String kept = file("denied/file");
    Monitored monitored =
        Monitored.shell(
            "rules: [{events: file.write, paths: '" + denied + "/**', verdict: deny}]",
            "cd " + directory.toRealPath() + " && " + script);
    assertTrue(monitored.outcome().stderr().contains("not permitted"), monitored::toString);
    assertEquals("old", Files.readString(Path.of(kept)));
    assertFalse(Files.exists(denied.resolve("new")), monitored::toString);
  }

  @Test
  void aLinkIsNotRemovedFromADirectoryByALinkToTheDirectory() throws Exception {
    Path denied = Files.createDirectory(directory.toRealPath().resolve("denied"));
    Files.createSymbolicLink(denied.resolve("link"), Path.of("/etc/hostname"));
    Monitored monitored =
        Monitored.shell(
            "rules: [{events: file.remove, paths: '" + denied + "/**', verdict: deny}]",
            "cd " + directory.toRealPath() + " && ln -s denied away && rm -f away/link");
    assertTrue(monitored.outcome().stderr().contains("not permitted"), monitored::toString);
    assertTrue(Files.isSymbolicLink(denied.resolve("link")), monitored::toString);
  }

  @Test
  void whatMustNotBeWrittenIsNotMadeByOpeningItForReadingEither() throws Exception {
    Path file = directory.toRealPath().resolve("new");
    Monitored monitored =
        Monitored.run(
            "rules: [{events: file.write, paths: '" + file + "', verdict: deny}]",
            "/usr/bin/python3",
            "-ISc",
            """
            import os, sys
            try: os.open(sys.argv[1], os.O_RDONLY | os.O_CREAT)
            except OSError as e: print(e.errno)
            """,
            file.toString());
    assertEquals("1\n", monitored.outcome().stdout(), monitored.outcome()::toString);
    assertFalse(Files.exists(file));
  }

  @Test
  void aProgramThatMustNotRunDoesNot() {
    Monitored monitored =
        Monitored.shell(
            "rules: [{events: process.start, paths: '/usr/bin/id', verdict: deny}]",
            "/usr/bin/id; echo $?");
    assertEquals("126\n", monitored.outcome().stdout());
  }

  @Test
  void aConnectionThatIsDeniedIsNotMade() {
    Monitored monitored =
        Monitored.run(
            "rules: [{events: net.connect, addresses: '127.0.0.0/8', verdict: deny}]",
            "/usr/bin/python3",
            "-ISc",
            """
            import socket
            s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()
            try: socket.create_connection(s.getsockname())
            except OSError as e: print(e.errno)
            c = socket.socket(socket.AF_INET6); c.setsockopt(41, 26, 0)
            try: c.connect(('::ffff:127.0.0.1', s.getsockname()[1]))
            except OSError as e: print(e.errno)
            """);
    assertEquals("1\n1\n", monitored.outcome().stdout(), monitored.outcome()::toString);
  }

  @Test
  void aUnixSocketIsTheSameByAnyOfItsNames() throws Exception {
    Path top = directory.toRealPath();
    Files.createSymbolicLink(top.resolve("link"), top.resolve("socket"));
    Monitored monitored =
        Monitored.run(
            "rules: [{events: net, addresses: 'unix:" + top + "/socket', verdict: deny}]",
            "/usr/bin/python3",
            "-ISc",
            """
            import os, socket, sys
            os.chdir(sys.argv[1])
            s = socket.socket(socket.AF_UNIX); s.bind('socket')
            try: s.listen()
            except OSError as e: print(e.errno)
            for name in ('socket', './socket', 'link', os.getcwd() + '/link', '/proc/self/cwd/socket'):
                try: socket.socket(socket.AF_UNIX).connect(name)
                except OSError as e: print(e.errno)
            """,
            top.toString());
    assertEquals("1\n".repeat(6), monitored.outcome().stdout(), monitored.outcome()::toString);
  }

  private static final String NO = " Operation not permitted\n";

  @Test
  void whatIsDeniedIsNotSentWithoutAConnectionEither() throws Exception {
    assertNothingIsSent(Guest.compile("datagrams"));
  }

  @Test
  void whatIsDeniedIsNotSentBySocketcall() throws Exception {
    assertNothingIsSent(Guest32.compile("datagrams"));
  }

  private static Monitored send(Path guest, String network, DatagramSocket receiver) {
    return Monitored.run(
        "rules: [{events: net.connect, addresses: '" + network + "', verdict: deny}]",
        guest.toString(),
        Integer.toString(receiver.getLocalPort()));
  }

  private static void assertNothingIsSent(Path guest) throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Monitored monitored = send(guest, "127.0.0.0/8", receiver);
      assertEquals(
          "sendto"
              + NO
              + "sendto"
              + NO
              + "sendmsg"
              + NO
              + "connect"
              + NO
              + "sendto Destination address required\n",
          monitored.outcome().stdout());
      assertEquals(Collections.nCopies(4, "deny"), monitored.all(EventKind.NET_CONNECT, "verdict"));
      receiver.setSoTimeout(1);
      assertThrows(
          SocketTimeoutException.class, () -> receiver.receive(new DatagramPacket(new byte[1], 1)));
    }
  }

  @Test
  void whatIsDeniedIsNotSentWithAnAddressOfNoFamilyEither() throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Monitored monitored =
          Monitored.run(
              "rules: [{events: net.connect, addresses: '127.0.0.0/8', verdict: deny}]",
              "/usr/bin/python3",
              "-ISc",
              """
              import ctypes, os, socket, struct, sys
              libc = ctypes.CDLL(None, use_errno=True)
              to = struct.pack('=H', 0) + struct.pack('!H', int(sys.argv[1]))
              to += socket.inet_aton('127.0.0.1') + bytes(8)
              s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
              print(libc.sendto(s.fileno(), b'x', 1, 0, to, len(to)), ctypes.get_errno())
              """,
              Integer.toString(receiver.getLocalPort()));
      assertEquals("-1 1\n", monitored.outcome().stdout(), monitored.outcome()::toString);
      assertEquals(
          List.of("127.0.0.1:" + receiver.getLocalPort()),
          monitored.all(EventKind.NET_CONNECT, "address"));
    }
  }

  @Test
  void whatIsCopiedToBeDecidedUponIsSentAllTheSame() throws Exception {
    assertAllIsSent(Guest.compile("datagrams"));
  }

  @Test
  void whatIsCopiedOfASocketcallIsSentAllTheSame() throws Exception {
    assertAllIsSent(Guest32.compile("datagrams"));
  }

  private static void assertAllIsSent(Path guest) throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      assertEquals(
          "sendto ok\nsendto ok\nsendmsg ok\nconnect ok\nsendto ok\n",
          send(guest, "10.0.0.0/8", receiver).outcome().stdout());
      receiver.setSoTimeout(20_000);
      for (int i = 0; i < 4; i++) {
        receiver.receive(new DatagramPacket(new byte[1], 1));
      }
    }
  }

  @Test
  void theFirstRuleThatMatchesCounts() throws Exception {
    String file = file("file");
    String allow = rule("allow", file);
    String deny = rule("deny", directory.toRealPath() + "/**").replace("rules:\n", "");
    Monitored monitored =
        Monitored.shell(
            allow + deny, "echo new > " + file + "; echo x > " + directory.toRealPath() + "/b");
    assertEquals("new\n", Files.readString(Path.of(file)));
    assertEquals(
        List.of(directory.toRealPath() + "/b"), monitored.all(EventKind.FILE_WRITE, "path"));
  }

  @Test
  void whoIsAskedDecides() throws Exception {
    String yes = file("yes");
    String no = file("no");
    Monitored monitored =
        Monitored.run(
            rule("ask", directory.toRealPath() + "/*"),
            question -> question.event().text("path").equals(yes),
            "/bin/sh",
            "-c",
            "echo new > " + yes + "; echo new > " + no);
    assertEquals("new\n", Files.readString(Path.of(yes)));
    assertEquals("old", Files.readString(Path.of(no)));
    assertEquals(
        List.of("ask: allow", "ask: deny"), monitored.all(EventKind.FILE_WRITE, "verdict"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"allow", "deny"})
  void whenNobodyAnswersTheDefaultCounts(String otherwise) throws Exception {
    String file = file("file");
    Monitored monitored =
        Monitored.run(
            rule("ask, timeout: 20ms, default: " + otherwise, file),
            question -> {
              Thread.sleep(Long.MAX_VALUE);
              return true;
            },
            "/bin/sh",
            "-c",
            "echo new > " + file);
    assertEquals(otherwise.equals("allow") ? "new\n" : "old", Files.readString(Path.of(file)));
    assertEquals(
        List.of("ask: " + otherwise + " (no answer)"),
        monitored.all(EventKind.FILE_WRITE, "verdict"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"allow", "deny"})
  void whenTheMonitorIsClosedTheDefaultCountsAlsoForWhatIsLetGoThen(String otherwise)
      throws Exception {
    Path asked = directory.toRealPath().resolve("asked");
    Semaphore asking = new Semaphore(0);
    List<Event> events = new CopyOnWriteArrayList<>();
    Monitor monitor =
        Monitor.of(
            Policy.parse(
                rule("ask, timeout: 10m, default: " + otherwise, directory.toRealPath() + "/**")),
            events::add,
            question -> {
              asking.release();
              Thread.sleep(Long.MAX_VALUE);
              return true;
            });
    try (Stranger shell = Stranger.program(new ProcessBuilder("/bin/sh"));
        Tracer tracer = Tracer.builder().listener(monitor).build();
        monitor) {
      tracer.attach(shell.pid());
      shell.say("(: > " + asked + ") 2>/dev/null; echo $?");
      asking.acquire();
      monitor.close();
      // At the same time as the answer is carried out.
      tracer.close();
      boolean made = otherwise.equals("allow");
      assertEquals(made ? "0" : "2", shell.line());
      assertEquals(made, Files.exists(asked));
    }
    for (Event event : events) {
      assertTrue(event.text("error").matches("|EPERM"), event::toString);
    }
  }

  @Test
  void afterTheMonitorIsClosedTheDefaultCountsAndNobodyIsAsked() throws Exception {
    String file = file("file");
    try (Monitor monitor =
            Monitor.of(
                Policy.parse(rule("ask", file)),
                event -> {},
                question -> {
                  throw new AssertionError("asked about " + question);
                });
        Tracer tracer = Tracer.builder().listener(monitor).build()) {
      monitor.close();
      Outcome.traced(tracer, new ProcessBuilder("/bin/sh", "-c", "echo new > " + file));
    }
    assertEquals("old", Files.readString(Path.of(file)));
  }

  @Test
  void aProcessCanHaveAPolicyOfItsOwnThatItsChildrenInherit() throws Exception {
    String file = file("file");
    Policy deny = Policy.parse(rule("deny", file));
    try (Monitor monitor = Monitor.of(Policy.logAll(), event -> {});
        Tracer tracer = Tracer.builder().listener(monitor).build()) {
      TraceeHandle shell = tracer.launch(new ProcessBuilder("/bin/sh"));
      BufferedReader output = shell.process().inputReader();
      try (OutputStream input = shell.process().getOutputStream()) {
        String write = "(sh -c 'echo new > " + file + "') 2>/dev/null; echo $?\n";
        for (int i = 0; i < 3; i++) {
          assertTrue(monitor.policy(shell.pid(), deny));
          say(input, write);
          assertEquals("2", output.readLine());
          assertTrue(monitor.policy(shell.pid(), null));
          say(input, write);
          assertEquals("0", output.readLine());
        }
      }
      assertEquals(0, shell.waitFor());
    }
  }

  private static void say(OutputStream input, String line) throws Exception {
    input.write(line.getBytes(StandardCharsets.US_ASCII));
    input.flush();
  }

  private Outcome swapUnder(Path guest, SyscallListener listener, int times) throws Exception {
    try (Tracer tracer = Tracer.builder().listener(listener).build()) {
      return Outcome.traced(
          tracer,
          new ProcessBuilder(
              guest.toString(), file("harmless"), file("secret!!"), Integer.toString(times)));
    }
  }

  /** Decides upon what is there, and leaves it there. */
  private static final class Careless implements SyscallListener {
    @Override
    public Interest interest() {
      return Interest.enter("openat");
    }

    @Override
    public void onEnter(SyscallEnter call) {
      if (call.string(1).endsWith("secret!!")) {
        call.fail(Errno.EPERM);
      }
    }
  }

  @Test
  void aPathThatIsSwappedAllTheTimeGetsTheBetterOfACheckWithoutACopy() throws Exception {
    Outcome outcome = swapUnder(Guest.compile("swap", "-pthread"), new Careless(), 1_000_000);
    assertTrue(outcome.stdout().startsWith("got it after"), outcome::toString);
  }

  @Test
  void aPathThatIsSwappedAllTheTimeIsCheckedAsTheKernelReadsIt() throws Exception {
    assertNeverGotIt(Guest.compile("swap", "-pthread"));
  }

  @Test
  void theSameHoldsForA32BitProgram() throws Exception {
    assertNeverGotIt(Guest32.compile("swap", "-pthread"));
  }

  private void assertNeverGotIt(Path guest) throws Exception {
    Policy policy = Policy.parse(rule("deny", directory.toRealPath() + "/secret!!"));
    try (Monitor monitor = Monitor.of(policy, event -> {})) {
      Outcome outcome = swapUnder(guest, monitor, OFTEN);
      assertTrue(outcome.stdout().startsWith("never got it"), outcome::toString);
      assertFalse(outcome.stdout().contains(", 0 opened"), outcome::toString);
    }
  }
}
