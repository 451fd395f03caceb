package io.sysmon.tests.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** redis-server under redis-benchmark, with its append-only file and snapshots by a fork. */
final class Redis extends Service {
  private static final int REQUESTS = 2_000;
  private static final String TESTS = "set,get,incr,lpush,lpop,sadd,hset,zadd,mset";
  private static final String COUNTER = "counter:__rand_int__";

  private final Path directory;
  private final String port;

  private Redis(int pid, Path directory, String port) {
    super(pid);
    this.directory = directory;
    this.port = port;
  }

  static Redis start(Path directory) throws IOException, InterruptedException {
    assumeInstalled("redis-server", "redis-cli", "redis-benchmark");
    String port = Integer.toString(freePort());
    Path pidFile = directory.resolve("redis.pid");
    run(
        "redis-server",
        "--port " + port,
        "--bind 127.0.0.1",
        "--daemonize yes",
        "--dir " + directory,
        "--pidfile " + pidFile,
        "--logfile " + directory.resolve("log"),
        "--appendonly yes",
        "--save ''");
    Redis redis = new Redis(awaitPid(pidFile), directory, port);
    await(() -> redis.isReady(), "redis-server");
    return redis;
  }

  private boolean isReady() throws IOException {
    return Files.readString(directory.resolve("log")).contains("Ready to accept connections");
  }

  private String command(String... words) throws IOException, InterruptedException {
    String[] all = new String[words.length + 3];
    System.arraycopy(words, 0, all, 3, words.length);
    all[0] = "redis-cli";
    all[1] = "-p";
    all[2] = port;
    return run(all).trim();
  }

  @Override
  long load() throws IOException, InterruptedException {
    String text =
        run(
            "redis-benchmark",
            "-p",
            port,
            "--csv",
            "-c",
            "20",
            "-n",
            Integer.toString(REQUESTS),
            "-t",
            TESTS);
    assertFalse(text.toLowerCase(Locale.ROOT).contains("error"), text);
    return (long) REQUESTS * TESTS.split(",", -1).length;
  }

  @Override
  void exercise() throws IOException, InterruptedException {
    String answer = command("bgsave", "schedule");
    assertTrue(answer.startsWith("Background saving "), answer);
  }

  @Override
  void verify(long requests) throws IOException, InterruptedException {
    long counted = Long.parseLong(command("get", COUNTER));
    assertEquals(requests / TESTS.split(",", -1).length, counted, "increments");
    String state = command("info", "all");
    for (String expected :
        new String[] {
          "total_error_replies:0",
          "rejected_connections:0",
          "rdb_last_bgsave_status:ok",
          "aof_last_write_status:ok"
        }) {
      assertTrue(state.contains(expected + "\r\n") || state.contains(expected + "\n"), state);
    }
    String log = Files.readString(directory.resolve("log"));
    assertFalse(log.contains("# Error") || log.contains("crashed"), log);
  }

  @Override
  void stop() throws IOException, InterruptedException {
    command("shutdown", "nosave");
  }
}
