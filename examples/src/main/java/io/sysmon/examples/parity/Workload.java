package io.sysmon.examples.parity;

import java.util.List;

/**
 * A command to trace.
 *
 * @param name what reports call it
 * @param command its words
 */
record Workload(String name, List<String> command) {
  private static final String PYTHON =
      """
      import os, socket, threading
      server = socket.create_server(('127.0.0.1', 0))
      def serve():
          connection, _ = server.accept()
          connection.sendall(connection.recv(100).upper())
          connection.close()
      for _ in range(3):
          client = socket.create_connection(server.getsockname())
          client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
          client.sendall(b'hello')
          client.shutdown(socket.SHUT_WR)
          thread = threading.Thread(target=serve)
          thread.start()
          thread.join()
          print(client.recv(100))
          client.close()
      left, right = socket.socketpair()
      left.sendmsg([b'one', b'two'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b'\\1\\0\\0\\0')])
      print(socket.recv_fds(right, 100, 1)[0])
      """;

  private static final String BASH =
      """
      trap 'echo usr1' USR1
      trap 'echo end' EXIT
      kill -USR1 $$
      ls tree | sort -r | head -3
      cat <(echo one) <(echo two)
      (exit 3); echo $?
      x=$(echo nested | tr a-z A-Z)
      echo "$x" > written; rm written
      sleep 0.1 & wait $!
      """;

  private static final String PERL =
      """
      open(my $f, '<', 'hello.c') or die; my $n = 0;
      while (<$f>) { $n++ if /\\w/ } print "$n\\n";
      local $SIG{ALRM} = sub { print "alarm\\n" }; kill ALRM => $$;
      mkdir 'made'; rmdir 'made';
      system('true'); print `echo child`;
      """;

  private static final String SQL =
      """
      CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);
      INSERT INTO t(b) VALUES('one'),('two'),('three');
      CREATE INDEX i ON t(b);
      UPDATE t SET b='four' WHERE a=2;
      SELECT * FROM t ORDER BY b;
      """;

  /** Those that the bars are about; curl(1) is given a server of its own. */
  static List<Workload> all(int port) {
    return List.of(
        of("ls -lR", "ls", "-lR", "tree", "/usr/include/linux"),
        of("cat", "cat", "hello.c", "missing"),
        of("cp -r", "cp", "-r", "tree", "copy"),
        of("tar", "tar", "czf", "tree.tar.gz", "tree"),
        of("find", "find", "tree", "-name", "*.c", "-newer", "hello.c"),
        of("grep -r", "grep", "-r", "main", "tree"),
        of("git log", "git", "-C", "repository", "log", "--stat"),
        of("git status", "git", "-C", "repository", "status"),
        of("gcc", "gcc", "hello.c", "-o", "hello"),
        of("python3", "python3", "-c", PYTHON),
        of("bash", "bash", "-c", BASH),
        of("perl", "perl", "-e", PERL),
        of("sqlite3", "sqlite3", "new.db", SQL),
        of("curl", "curl", "-s", "http://127.0.0.1:" + port + "/"),
        of("make -j2", "make", "-C", "project", "-j2"),
        of("openssl speed", "openssl", "speed", "-seconds", "1", "-bytes", "64", "sha256"),
        of("static i386 program", "./calls32"),
        of("raw system calls", "./calls64"));
  }

  private static Workload of(String name, String... command) {
    return new Workload(name, List.of(command));
  }
}
