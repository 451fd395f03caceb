package io.sysmon.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With {@code -yy}, {@code sysmon strace} tells of descriptors what strace(1) does. */
class DescriptorsParityTest {
  /** Inodes, ports and process ids, of which each run has others. */
  private static final Pattern NUMBER =
      Pattern.compile("(?<=\\[|->|:|pid:|pidfd_open\\(|kill\\(|wait4\\(|/#| = |si_pid=)\\d{3,}");

  private static final String HEAD =
      """
      #define _GNU_SOURCE
      #include <arpa/inet.h>
      #include <fcntl.h>
      #include <linux/netlink.h>
      #include <signal.h>
      #include <string.h>
      #include <sys/epoll.h>
      #include <sys/eventfd.h>
      #include <sys/inotify.h>
      #include <sys/mman.h>
      #include <sys/signalfd.h>
      #include <sys/socket.h>
      #include <sys/stat.h>
      #include <sys/syscall.h>
      #include <sys/timerfd.h>
      #include <sys/un.h>
      #include <sys/wait.h>
      #include <unistd.h>
      """;

  private static final String SOCKETS =
      HEAD
          + """
          static struct sockaddr_un name(const char *name) {
            struct sockaddr_un name_of = {AF_UNIX};
            memcpy(name_of.sun_path, name, 20);
            return name_of;
          }
          static void unix_sockets(int type) {
            int pair[2];
            socketpair(AF_UNIX, type, 0, pair); fsync(pair[0]); fsync(pair[1]);
            close(pair[1]); fsync(pair[0]);
            char *names[] = {"a \\"<\\n>\\303\\266 01234567890", "\\0b\\"\\n\\0012345678901234567890", "\\0b\\0c\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0"};
            for (int i = 0; i < 3; i++) {
              struct sockaddr_un address = name(names[i]);
              unlink(address.sun_path);
              int server = socket(AF_UNIX, type | SOCK_NONBLOCK, 0), client = socket(AF_UNIX, type, 0);
              bind(server, (void *) &address, 22); fsync(server); listen(server, 1); fsync(client);
              connect(client, (void *) &address, 22); fsync(client);
              if (type != SOCK_DGRAM) { fsync(accept(server, 0, 0)); fsync(client); }
            }
            struct sockaddr_un other = name("\\0other\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0");
            int first = socket(AF_UNIX, SOCK_DGRAM, 0), second = socket(AF_UNIX, SOCK_DGRAM, 0);
            struct sockaddr_un mine = name("\\0mine\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0");
            bind(first, (void *) &other, 22); bind(second, (void *) &mine, 22);
            connect(second, (void *) &other, 22); fsync(second); close(first); close(second);
          }
          static void inet_sockets(int family, struct sockaddr *address, socklen_t size) {
            int server = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0), client = socket(family, SOCK_STREAM, 0);
            bind(server, address, size); fsync(server); listen(server, 1);
            getsockname(server, address, &size); connect(client, address, size); fsync(client);
            fsync(accept(server, 0, 0));
            int first = socket(family, SOCK_DGRAM, 0), second = socket(family, SOCK_DGRAM, 0);
            bind(first, address, size); connect(second, address, size); fsync(first); fsync(second);
            fsync(socket(family, SOCK_RAW, IPPROTO_ICMP));
            int lite = socket(family, SOCK_DGRAM, IPPROTO_UDPLITE); fsync(lite);
            bind(lite, address, size); fsync(lite);
          }
          int main() {
            unix_sockets(SOCK_STREAM); unix_sockets(SOCK_DGRAM); unix_sockets(SOCK_SEQPACKET);
            struct sockaddr_in inet = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
            struct sockaddr_in6 inet6 = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT};
            inet_sockets(AF_INET, (void *) &inet, sizeof inet);
            inet_sockets(AF_INET6, (void *) &inet6, sizeof inet6);
            for (int protocol = 0; protocol < 24; protocol++) {
              struct sockaddr_nl port = {AF_NETLINK};
              int netlink = socket(AF_NETLINK, SOCK_RAW, protocol);
              fsync(netlink); bind(netlink, (void *) &port, sizeof port); fsync(netlink); close(netlink);
            }
            fsync(socket(AF_PACKET, SOCK_RAW, 0));
          }
          """;

  private static final String FILES =
      HEAD
          + """
          static int file(const char *path) { return open(path, O_CREAT | O_RDWR, 0600); }
          int main() {
            fsync(open("/dev/null", O_RDWR)); fsync(open("/dev/loop0", O_PATH));
            mknod("device", S_IFCHR | 0600, 1 << 8 | 3); int device = open("device", O_PATH);
            fsync(device); unlink("device"); fsync(device);
            mkfifo("fifo", 0600); int fifo = open("fifo", O_RDWR); unlink("fifo"); fsync(fifo);
            fsync(file("here (deleted)")); unlink("here (deleted)");
            int gone = file("gone (deleted)"); unlink("gone (deleted)"); fsync(gone);
            int twin = file("twin"); unlink("twin"); fsync(file("twin (deleted)")); fsync(twin);
            unlink("twin (deleted)");
            fsync(open(".", O_TMPFILE | O_RDWR, 0600));
            fsync(file("socket:[1]")); fsync(file("anon_inode:[pidfd]"));
            sigset_t set; sigemptyset(&set); sigaddset(&set, SIGUSR2);
            fsync(eventfd(3, 0)); fsync(signalfd(-1, &set, 0)); fsync(timerfd_create(CLOCK_MONOTONIC, 0));
            fsync(memfd_create("a\\"<b>", 0)); fsync(epoll_create1(0)); fsync(inotify_init1(0));
            int child = fork(); if (!child) { pause(); _exit(0); }
            int process = syscall(SYS_pidfd_open, child, 0); fsync(process);
            kill(child, SIGKILL); waitpid(child, 0, 0); fsync(process);
            unsigned map[32] = {2, 4, 4, 1}; fsync(syscall(SYS_bpf, 0, map, 72));
            fsync(syscall(SYS_landlock_create_ruleset, (long[]) {1}, 8, 0));
            syscall(SYS_landlock_create_ruleset, 0, 0, 1);
            mkdir("directory", 0700); chdir("directory"); rmdir("../directory"); open("x", 0);
          }
          """;

  @TempDir private Path directory;

  @BeforeEach
  void straceAndACompilerAreInstalled() {
    assumeTrue(Sysmon.isInstalled("strace") && Sysmon.isInstalled("gcc"));
  }

  /** The trace's lines, in which each number of a run has become its place in it. */
  private String trace(List<String> tracer, String calls, String... command) throws IOException {
    Path file = directory.resolve("trace");
    List<String> words = new ArrayList<>(tracer);
    words.addAll(List.of("-yy", "-a0", "-e", "trace=" + calls, "-e", "signal=none"));
    words.addAll(List.of("-o", file.toString()));
    words.addAll(List.of(command));
    Sysmon.Result result = Sysmon.finish(Sysmon.start(directory, words));
    assertEquals("", result.err());
    Map<String, String> places = new HashMap<>();
    String text = Files.readString(file);
    return NUMBER
        .matcher(text)
        .replaceAll(match -> places.computeIfAbsent(match.group(), n -> "N" + places.size()))
        // The tracer's own descriptors, too, may stay open in the program.
        .replaceAll("\\b\\d+<", "D<")
        .replaceAll("htons\\(\\d+\\)|child_tidptr=\\w+", "");
  }

  private String assertSameLines(String calls, String... command) throws IOException {
    String expected = trace(List.of("strace"), calls, command);
    assertEquals(expected, trace(Sysmon.words("strace"), calls, command));
    return expected;
  }

  @Test
  void socketsAreTheSame() throws IOException {
    String guest = Sysmon.compile(directory, "sockets", SOCKETS).toString();
    String lines = assertSameLines("%network,fsync,close", guest);
    assertTrue(Pattern.compile("fsync\\(D<UNIX-STREAM:\\[N\\d+->N\\d+]>\\)").matcher(lines).find());
  }

  @Test
  void filesDevicesAndProcessesAreTheSame() throws IOException {
    String guest = Sysmon.compile(directory, "files", FILES).toString();
    String lines = assertSameLines("fsync,openat,pidfd_open,bpf,landlock_create_ruleset", guest);
    assertTrue(lines.contains("<pid:N"), lines);
  }

  @Test
  void inAnotherNetworkNamespaceUnixSocketsHaveNamesAndNoPeers() throws IOException {
    assumeTrue(Sysmon.runOther(directory, "unshare", "-n", "true").status() == 0);
    String guest = Sysmon.compile(directory, "sockets", SOCKETS).toString();
    String lines = trace(Sysmon.words("strace"), "fsync,setns,unshare", "unshare", "-n", guest);
    assertTrue(Pattern.compile("UNIX-STREAM:\\[N\\d+,\"a \\\\\"<\"]").matcher(lines).find());
    assertTrue(Pattern.compile("UNIX-STREAM:\\[N\\d+]").matcher(lines).find());
  }
}
