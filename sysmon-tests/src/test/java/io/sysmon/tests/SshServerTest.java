package io.sysmon.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.Signal;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.Background;
import io.sysmon.tests.support.Contract;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import io.sysmon.tests.support.SameAgain;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * OpenSSH's server hands what comes from the network to a process without rights, under a seccomp
 * filter that kills.
 */
class SshServerTest {
  private static final String SERVER = "/usr/sbin/sshd";
  private static final Path EMPTY_ROOT = Path.of("/run/sshd");
  private static final int PR_SET_SECCOMP = 22;
  private static final int AT_ONCE = 2;

  @TempDir private Path directory;
  private int port;

  @BeforeEach
  void configure() throws IOException {
    assumeTrue(Files.isExecutable(Path.of(SERVER)), "There is no sshd here");
    assumeTrue(System.getProperty("user.name").equals("root"), "sshd needs root");
    if (!Files.isDirectory(EMPTY_ROOT)) {
      // As its service does before it starts.
      Files.createDirectory(EMPTY_ROOT);
    }
    for (String key : List.of("host", "user", "stranger")) {
      Outcome made =
          Outcome.bare(
              new ProcessBuilder(
                  "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file(key).toString()));
      assertEquals(0, made.exitValue(), made::stderr);
    }
    Files.copy(file("user.pub"), file("authorized"));
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(
        file("config"),
        """
        ListenAddress 127.0.0.1
        Port %d
        HostKey %s
        AuthorizedKeysFile %s
        PidFile none
        StrictModes no
        UsePAM no
        PermitRootLogin yes
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        # Else bash takes what root has in .bashrc.
        SetEnv SHLVL=5
        """
            .formatted(port, file("host"), file("authorized")));
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  private ProcessBuilder server() {
    return new ProcessBuilder(SERVER, "-D", "-e", "-f", file("config").toString());
  }

  private Outcome login(String key, String script) {
    List<String> command = new ArrayList<>(List.of("ssh", "-F", "none", "-q", "-p", "" + port));
    for (String option :
        List.of(
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "BatchMode=yes",
            "IdentitiesOnly=yes",
            "IdentityAgent=none")) {
      command.addAll(List.of("-o", option));
    }
    command.addAll(List.of("-i", file(key).toString(), "root@127.0.0.1", script));
    return Outcome.bare(new ProcessBuilder(command));
  }

  /** What is asked of a server, with its answers: first one by one, then all at once. */
  private List<Outcome> visits(BufferedReader log, int atOnce) throws Exception {
    CompletableFuture<Void> listening = new CompletableFuture<>();
    // To its end, so that the server never waits for a reader.
    CompletableFuture<Void> logged =
        Background.run(
            () -> {
              for (String line = log.readLine(); line != null; line = log.readLine()) {
                if (line.contains("Server listening on 127.0.0.1")) {
                  listening.complete(null);
                }
              }
              log.close();
            });
    CompletableFuture.anyOf(listening, logged).get(20, TimeUnit.SECONDS);
    assertTrue(listening.isDone(), "The server does not listen");
    List<Outcome> answers = new ArrayList<>();
    answers.add(login("user", "echo hello; exit 5"));
    answers.add(login("stranger", "echo never"));
    List<CompletableFuture<Outcome>> together = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      String script = "seq 1 20000 | tail -1; echo " + i + " >&2";
      together.add(Background.call(() -> login("user", script)));
    }
    together.forEach(answer -> answers.add(answer.join()));
    return answers;
  }

  private List<Outcome> bare() throws Exception {
    Process server = server().start();
    try {
      return visits(server.errorReader(UTF_8), AT_ONCE);
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  private List<Outcome> traced(int atOnce, Listener... listeners) throws Exception {
    Tracer.Builder builder = Tracer.builder();
    for (Listener listener : listeners) {
      builder.listener(listener);
    }
    try (Tracer tracer = builder.build()) {
      TraceeHandle server = tracer.launch(server());
      List<Outcome> answers = visits(server.process().errorReader(UTF_8), atOnce);
      server.signal(Signal.SIGTERM);
      assertEquals(0, server.waitFor());
      assertTrue(tracer.awaitTracees(Outcome.LIMIT));
      return answers;
    }
  }

  @Test
  void loginsAndCommandsWorkAsUntraced() throws Exception {
    List<Outcome> bare = bare();
    assertEquals(new Outcome("hello\n", "", 5), bare.get(0));
    assertEquals(255, bare.get(1).exitValue());
    assertEquals(new Outcome("20000\n", "1\n", 0), bare.get(3));
    Contract contract = Contract.of(Interest.all());
    Recorder recorder = new Recorder(Interest.of("prctl", "seccomp"));
    assertEquals(bare, traced(AT_ONCE, contract, recorder));
    contract.verify();
    // One for each connection.
    long filters =
        recorder.exits("prctl").stream().filter(call -> call.arg(0) == PR_SET_SECCOMP).count()
            + recorder.exits("seccomp").stream().filter(call -> call.arg(0) == 1).count();
    assertTrue(filters >= 4, () -> filters + " filters");
  }

  @Test
  void everyCallMayBeRewrittenIntoItself() throws Exception {
    Contract contract = Contract.of(Interest.none());
    List<Outcome> answers = traced(0, contract, new SameAgain());
    contract.verify();
    assertEquals(new Outcome("hello\n", "", 5), answers.get(0));
    assertEquals(255, answers.get(1).exitValue());
  }
}
