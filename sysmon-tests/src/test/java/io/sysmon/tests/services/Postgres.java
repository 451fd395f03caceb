package io.sysmon.tests.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.tests.support.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** PostgreSQL under pgbench, with a client beside that says nothing. */
final class Postgres extends Service {
  private static final Pattern PROCESSED =
      Pattern.compile("actually processed: (\\d+)/(\\d+)\n", Pattern.MULTILINE);
  private static final String USER = "postgres";

  private final Path directory;
  private final Process silentClient;

  private Postgres(int pid, Path directory, Process silentClient) {
    super(pid);
    this.directory = directory;
    this.silentClient = silentClient;
  }

  static Postgres start(Path directory) throws IOException, InterruptedException {
    assumeTrue(
        System.getProperty("user.name").equals("root"), "initdb has to be run as another user");
    assumeInstalled("runuser", "pgbench", "psql");
    Path programs = programs();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path data = directory.resolve("data");
    asUser(programs.resolve("initdb").toString(), "-A", "trust", "-D", data.toString());
    String options =
        "-c listen_addresses='' -c unix_socket_directories=" + directory + " -c port=5432";
    asUser(
        programs.resolve("pg_ctl").toString(),
        "-w",
        "-D",
        data.toString(),
        "-l",
        directory.resolve("log").toString(),
        "-o",
        options,
        "start");
    int pid = awaitPid(data.resolve("postmaster.pid"));
    client(directory, "pgbench", "-i", "-q");
    Process silent =
        new ProcessBuilder(clientWords(directory, "psql", "-q"))
            .redirectOutput(directory.resolve("silent").toFile())
            .redirectErrorStream(true)
            .start();
    Postgres postgres = new Postgres(pid, directory, silent);
    postgres.askSilentClient("first");
    return postgres;
  }

  private static Path programs() throws IOException {
    Path versions = Path.of("/usr/lib/postgresql");
    assumeTrue(Files.isDirectory(versions), "There is no PostgreSQL");
    try (Stream<Path> all = Files.list(versions)) {
      return all.max(Comparator.naturalOrder()).orElseThrow().resolve("bin");
    }
  }

  private static String asUser(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("runuser", "-u", USER, "--"));
    all.addAll(Arrays.asList(words));
    return run(all.toArray(String[]::new));
  }

  private static List<String> clientWords(Path directory, String program, String... options) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of(program, "-h", directory.toString(), "-U", USER));
    words.addAll(Arrays.asList(options));
    words.add(USER);
    return words;
  }

  private static String client(Path directory, String program, String... options)
      throws IOException, InterruptedException {
    return run(clientWords(directory, program, options).toArray(String[]::new));
  }

  /** Its connection, and the backend's wait for it, are as old as the service. */
  private void askSilentClient(String what) throws IOException, InterruptedException {
    silentClient.outputWriter().append("select '" + what + "' || 1;\n").flush();
    await(
        () -> Files.readString(directory.resolve("silent")).contains(what + "1"),
        "an answer to the silent client");
  }

  @Override
  long load() throws IOException, InterruptedException {
    String text = client(directory, "pgbench", "-n", "-c", "4", "-j", "2", "-t", "200");
    Matcher processed = PROCESSED.matcher(text);
    assertTrue(processed.find(), text);
    assertEquals(processed.group(1), processed.group(2), text);
    assertTrue(text.contains("number of failed transactions: 0 "), text);
    return Long.parseLong(processed.group(1));
  }

  @Override
  void verify(long requests) throws IOException, InterruptedException {
    askSilentClient("last");
    String counts =
        client(
            directory,
            "psql",
            "-Atc",
            "select (select count(*) from pgbench_history),"
                + " (select sum(delta) from pgbench_history)"
                + " = (select sum(abalance) from pgbench_accounts)");
    assertEquals(requests + "|t\n", counts);
    String log = Files.readString(directory.resolve("log"));
    assertFalse(
        Pattern.compile("(?m) (ERROR|FATAL|PANIC|WARNING): | terminated by ").matcher(log).find(),
        log);
  }

  @Override
  void stop() throws IOException, InterruptedException {
    Outcome.of(silentClient, "psql");
    run("kill", "-INT", Integer.toString(root()));
  }
}
