package io.sysmon.tests.services;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** nginx, a master and two workers, under wrk. */
final class Nginx extends Service {
  private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
  private static final Pattern ACCEPTED = Pattern.compile("requests\\s+(\\d+) ");
  private static final int SIZE = 20_000;

  private final Path directory;
  private final int port;

  private Nginx(int pid, Path directory, int port) {
    super(pid);
    this.directory = directory;
    this.port = port;
  }

  static Nginx start(Path directory) throws IOException, InterruptedException {
    assumeInstalled("nginx", "wrk");
    int port = freePort();
    Files.writeString(directory.resolve("page"), "x".repeat(SIZE));
    Path configuration =
        Files.writeString(
            directory.resolve("nginx.conf"),
            """
            user root;
            worker_processes 2;
            pid DIR/nginx.pid;
            error_log DIR/error.log warn;
            events { worker_connections 256; }
            http {
              access_log DIR/access.log;
              sendfile on;
              keepalive_requests 100;
              client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/f;
              uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;
              server { listen 127.0.0.1:PORT; root DIR; location = /status { stub_status; } }
            }
            """
                .replace("DIR", directory.toString())
                .replace("PORT", Integer.toString(port)));
    run("/usr/sbin/nginx", "-p", directory.toString(), "-c", configuration.toString());
    return new Nginx(awaitPid(directory.resolve("nginx.pid")), directory, port);
  }

  @Override
  long load() throws IOException, InterruptedException {
    String text =
        run(
            "wrk",
            "-t",
            "2",
            "-c",
            "16",
            "-d",
            "3",
            "--timeout",
            "60",
            "http://127.0.0.1:" + port + "/page");
    assertFalse(text.contains("Socket errors") || text.contains("Non-2xx"), text);
    Matcher requests = REQUESTS.matcher(text);
    assertTrue(requests.find(), text);
    return Long.parseLong(requests.group(1));
  }

  /** How many connections it has accepted, that for this question among them. */
  long accepted() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("GET /status HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
      InputStream answer = socket.getInputStream();
      Matcher counts = ACCEPTED.matcher(new String(answer.readAllBytes(), US_ASCII));
      assertTrue(counts.find());
      return Long.parseLong(counts.group(1));
    }
  }

  @Override
  void verify(long requests) throws IOException {
    assertEquals("", Files.readString(directory.resolve("error.log")));
    try (Stream<String> lines = Files.lines(directory.resolve("access.log"))) {
      // It may have answered some whose client had ended with its time.
      assertTrue(
          lines.filter(line -> line.contains(" 200 " + SIZE + " ")).count() >= requests, "answers");
    }
  }

  @Override
  void stop() throws IOException, InterruptedException {
    run("kill", "-QUIT", Integer.toString(root()));
  }
}
