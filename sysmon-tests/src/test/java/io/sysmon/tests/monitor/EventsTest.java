package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventKind;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Policy;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Stranger;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsTest {
  @TempDir Path directory;

  private String file(String name) throws Exception {
    return directory.toRealPath().resolve(name).toString();
  }

  @Test
  void aProgramThatStartsAndEndsIsTold() throws Exception {
    Monitored monitored = Monitored.shell("", "/bin/echo a 'b c'; exit 3");
    String echo = Path.of("/bin/echo").toRealPath().toString();
    assertEquals(3, monitored.outcome().exitValue());
    Event start =
        monitored.events().stream()
            .filter(event -> event.text("path").equals(echo))
            .findFirst()
            .orElseThrow();
    assertEquals(List.of("/bin/echo", "a", "b c"), start.details().get("arguments"));
    assertEquals(Path.of("/bin/sh").toRealPath().toString(), start.text("parent"));
    assertEquals(System.getProperty("user.name"), start.actor().user());
    assertEquals(List.of("0", "3"), monitored.all(EventKind.PROCESS_EXIT, "code"));
  }

  @Test
  void whatBecomesOfAFileIsTold() throws Exception {
    String one = file("one");
    String two = file("two");
    Monitored monitored =
        Monitored.shell(
            "", "cd " + directory + "; echo x > one; echo y >> ./one; mv one two; rm two");
    assertEquals(List.of(one, one), monitored.all(EventKind.FILE_WRITE, "path"));
    assertEquals(List.of(one, one), monitored.all(EventKind.FILE_MODIFIED, "path"));
    assertEquals(List.of(one), monitored.all(EventKind.FILE_RENAME, "path"));
    assertEquals(List.of(two), monitored.all(EventKind.FILE_RENAME, "to"));
    assertEquals(List.of(two), monitored.all(EventKind.FILE_REMOVE, "path"));
  }

  @Test
  void aFileIsModifiedWhenItsLastDescriptorIsClosedWhoeverHasIt() throws Exception {
    String log = file("log");
    // Opened by the shell, inherited, copied; written to by a child of a child.
    Monitored monitored =
        Monitored.shell("", "exec 5>>" + log + "; (sh -c 'exec 7>&5; echo x >&7'; :); :");
    assertEquals(List.of(log), monitored.all(EventKind.FILE_WRITE, "path"));
    assertEquals(List.of(log), monitored.all(EventKind.FILE_MODIFIED, "path"));
  }

  @Test
  void aFileThatWasOpenBeforeTheProcessWasAttachedIsModifiedWhenItIsClosed() throws Exception {
    List<Event> events = new CopyOnWriteArrayList<>();
    Files.writeString(directory.resolve("read"), "x");
    try (Stranger shell = Stranger.program(new ProcessBuilder("/bin/sh"));
        Monitor monitor = Monitor.of(Policy.parse(""), events::add);
        Tracer tracer = Tracer.builder().listener(monitor).build()) {
      shell.say("exec 5>>" + file("log") + " 6>>" + file("untouched") + " 7<" + file("read"));
      assertEquals("open", shell.ask("echo open"));
      TraceeHandle attached = tracer.attach(shell.pid());
      assertEquals("closed", shell.ask("echo x >&5; exec 5>&- 6>&- 7>&-; echo closed"));
      attached.detach();
      assertEquals(
          List.of(file("log")),
          events.stream()
              .filter(event -> event.kind() == EventKind.FILE_MODIFIED)
              .map(event -> event.text("path"))
              .toList());
    }
  }

  @Test
  void aFileThatIsOpenedAndNotWrittenIsNotModified() throws Exception {
    Files.writeString(directory.resolve("file"), "x");
    Monitored monitored = Monitored.shell("", "exec 5>>" + file("file"));
    assertEquals(List.of(file("file")), monitored.all(EventKind.FILE_WRITE, "path"));
    assertEquals(List.of(), monitored.all(EventKind.FILE_MODIFIED, "path"));
  }

  @Test
  void signalsThatAreSentAreTold() {
    Monitored monitored = Monitored.shell("", "kill -0 $$; kill -TERM $$");
    assertEquals(List.of("SIGTERM"), monitored.all(EventKind.SIGNAL, "signal"));
    assertEquals(List.of("SIGTERM"), monitored.all(EventKind.PROCESS_EXIT, "signal"));
  }

  @Test
  void connectionsAreTold() {
    Monitored monitored =
        Monitored.run(
            "",
            "/usr/bin/python3",
            "-ISc",
            """
            import socket
            s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()
            c = socket.socket(); c.connect(s.getsockname()); s.accept()
            print(s.getsockname()[1]); print(c.getsockname()[1])
            """);
    assertEquals(0, monitored.outcome().exitValue(), monitored.outcome()::toString);
    List<String> ports = monitored.outcome().stdout().lines().toList();
    assertEquals(
        List.of("127.0.0.1:" + ports.get(0)), monitored.all(EventKind.NET_CONNECT, "address"));
    assertEquals(
        List.of("127.0.0.1:" + ports.get(1)), monitored.all(EventKind.NET_ACCEPT, "address"));
    assertEquals(List.of("127.0.0.1:0"), monitored.all(EventKind.NET_LISTEN, "address"));
  }

  @Test
  void anAddressThatDatagramsGoToIsToldOnceForEachSocket() throws Exception {
    try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(receiver.getLocalPort());
      Monitored monitored = Monitored.run("", Guest.compile("datagrams").toString(), port);
      assertEquals(
          List.of("127.0.0.1:" + port, "127.0.0.1:" + port),
          monitored.all(EventKind.NET_CONNECT, "address"));
    }
  }

  @Test
  void aSocketWhoseDescriptorWasClosedIsAnotherOne() {
    Monitored monitored =
        Monitored.run(
            "",
            "/usr/bin/python3",
            "-ISc",
            """
            import socket
            for i in range(3):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.sendto(b'x', ('127.0.0.1', 9)); s.sendto(b'x', ('127.0.0.1', 9))
            """);
    assertEquals(0, monitored.outcome().exitValue(), monitored.outcome()::toString);
    assertEquals(
        Collections.nCopies(3, "127.0.0.1:9"), monitored.all(EventKind.NET_CONNECT, "address"));
  }

  @Test
  void aPathBelowAnotherRootIsToldWithThatRoot() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "Only root changes the root");
    Monitored monitored =
        Monitored.run(
            "",
            "/usr/bin/python3",
            "-ISc",
            "import os, sys; os.chroot(sys.argv[1]); open('/file', 'w')",
            directory.toString());
    assertEquals(0, monitored.outcome().exitValue(), monitored.outcome()::toString);
    assertTrue(
        monitored.all(EventKind.FILE_WRITE, "path").contains(file("file")), monitored::toString);
  }

  @Test
  void anotherUserIsTold() {
    assumeTrue(System.getProperty("user.name").equals("root"), "Only root becomes another user");
    Monitored monitored =
        Monitored.run("", "/usr/bin/python3", "-ISc", "import os; os.setuid(65534)");
    assertEquals(List.of("setuid"), monitored.all(EventKind.PRIVILEGE, "call"));
    assertEquals(List.of("root"), monitored.all(EventKind.PRIVILEGE, "before"));
    assertEquals(List.of("nobody"), monitored.all(EventKind.PRIVILEGE, "user"));
  }

  @Test
  void onlyWhatThePolicyShowsIsTold() throws Exception {
    Monitored monitored =
        Monitored.shell("events: [file.remove]", "echo x > " + file("a") + "; rm " + file("a"));
    assertEquals(
        List.of(EventKind.FILE_REMOVE), monitored.events().stream().map(Event::kind).toList());
  }

  @Test
  void readingIsToldWhereItIsAskedFor() throws Exception {
    Files.writeString(directory.resolve("file"), "x");
    Monitored monitored = Monitored.shell("events: file.read", "cat < " + file("file"));
    assertTrue(monitored.all(EventKind.FILE_READ, "path").contains(file("file")));
  }
}
