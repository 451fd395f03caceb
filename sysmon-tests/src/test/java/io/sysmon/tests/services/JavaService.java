package io.sysmon.tests.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.tests.support.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A JVM that runs {@link Workload}. */
final class JavaService extends Service {
  private static final int REQUESTS = 1_000;

  private final Path output;
  private final int port;

  private JavaService(int pid, Path output, int port) {
    super(pid);
    this.output = output;
    this.port = port;
  }

  static JavaService start(Path directory) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    // As a service would be started, with its threads for collecting and compiling.
    List<String> options = List.of("-XX:-UseSerialGC", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=4");
    int pid =
        startDetached(
            output, ChildJvm.withOptions(options, Workload.class, directory.toString()).command());
    return new JavaService(pid, output, awaitPid(directory.resolve("port")));
  }

  @Override
  long load() throws IOException {
    for (int i = 0; i < REQUESTS; i += 100) {
      ask("request " + i, 100);
    }
    String status = ask("status", 1);
    assertTrue(status.startsWith("ok "), status);
    return REQUESTS;
  }

  /** Sends a line, several times on one connection, and expects the same one each time. */
  private String ask(String line, int times) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        Writer out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      socket.setSoTimeout(60_000);
      String answer = "";
      for (int i = 0; i < times; i++) {
        out.append(line).append('\n').flush();
        answer = String.valueOf(in.readLine());
        if (times > 1) {
          assertEquals(line, answer);
        }
      }
      return answer;
    }
  }

  /** While it does nothing: starting a process blocks signals for a moment. */
  @Override
  ServiceState state() throws IOException {
    assertEquals("pause", ask("pause", 1));
    ServiceState state = super.state();
    assertEquals("go", ask("go", 1));
    return state;
  }

  @Override
  void verify(long requests) throws IOException {
    assertEquals("", Files.readString(output));
  }

  @Override
  void stop() throws IOException, InterruptedException {
    assertEquals("stop", ask("stop", 1));
    await(() -> Files.readString(output).endsWith("\n"), "its last words");
    String words = Files.readString(output);
    assertTrue(words.matches("ok \\d+\n"), words);
  }
}
