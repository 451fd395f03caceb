package io.sysmon.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.AssertionFailedError;

/** Programs of i386, others that make its calls, and calls of x32 are seen as all others. */
class ForeignCallsTest {
  private static final String SOURCE =
      """
      #define _GNU_SOURCE
      #include <arpa/inet.h>
      #include <fcntl.h>
      #include <string.h>
      #include <sys/un.h>
      #include <unistd.h>
      enum { OPEN = 5, CHOWN32 = 212, SOCKETCALL = 102, IPC = 117, SOCKET = 1, CONNECT = 3, SEND = 9, SEMGET = 2 };
      static unsigned words[4];
      static struct sockaddr_in inet;
      static struct sockaddr_un name;
      static long call(long number, long first, long second, long third) {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second), "d"(third)
      #ifdef __x86_64__
            : "r8", "r9", "r10", "r11", "memory");
      #else
            : "memory");
      #endif
        return result;
      }
      static long socketcall(int which, unsigned first, unsigned second, unsigned third) {
        words[0] = first; words[1] = second; words[2] = third; words[3] = 0;
        return call(SOCKETCALL, which, (long) words, 0);
      }
      int main(int count, char **arguments) {
        inet.sin_family = AF_INET; inet.sin_port = htons(9); inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        name.sun_family = AF_UNIX; strcpy(name.sun_path, "/no/such");
        int is_inet = !strcmp(arguments[1], "inet");
        void *address = is_inet ? (void *) &inet : (void *) &name;
        int datagrams = socketcall(SOCKET, is_inet ? AF_INET : AF_UNIX, SOCK_DGRAM, 0);
        socketcall(CONNECT, datagrams, (long) address, is_inet ? sizeof inet : sizeof name);
        socketcall(SEND, datagrams, (long) name.sun_path, 1);
        call(IPC, SEMGET, 0, 0);
        strcpy(name.sun_path, "made");
        call(OPEN, (long) name.sun_path, O_CREAT | O_WRONLY, 0600);
        call(CHOWN32, (long) name.sun_path, -1, -1);
      #ifdef __x86_64__
        syscall(0x40000000 + 41, is_inet ? AF_INET6 : AF_NETLINK, SOCK_RAW, 0);
      #endif
      }
      """;

  @TempDir Path directory;

  /** A program whose addresses have 32 bits, also of another architecture. */
  private Path guest(String flag) throws Exception {
    Programs.assumeInstalled("gcc");
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "Calls of i386 are x86's");
    Path source = Files.writeString(directory.resolve("guest.c"), SOURCE);
    Path program = directory.resolve("guest");
    List<String> words = List.of("gcc", "-no-pie", flag, "-o", "" + program, "" + source);
    Process compiler = new ProcessBuilder(words).redirectErrorStream(true).start();
    String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(compiler.waitFor() == 0, output);
    return program;
  }

  private Run run(Harness harness, String flag, String family, Interest interest) throws Exception {
    return harness
        .command(guest(flag).toString(), family)
        .directory(directory)
        .record(interest)
        .run();
  }

  private static List<String> names(Run run) {
    List<String> names = new ArrayList<>();
    run.calls().forEach(call -> names.add(call.name()));
    return names;
  }

  @ParameterizedTest
  @ValueSource(strings = {"-m32", "-m64"})
  void socketsThatAreMadeBySocketcallAreFound(String flag, @Traced Harness harness)
      throws Exception {
    Run run = run(harness, flag, "inet", Interest.of("%network"));
    run.check().connectsTo("127.0.0.1:9");
    AssertionFailedError failure =
        assertThrows(AssertionFailedError.class, () -> run.check().makesNoNetworkCall());
    assertTrue(failure.getMessage().contains("socket(AF_INET, SOCK_DGRAM"), failure::getMessage);
    assertEquals(
        flag.equals("-m64"),
        failure.getMessage().contains("socket(AF_INET6, SOCK_RAW"),
        failure::getMessage);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-m32", "-m64"})
  void socketsOfThisMachineAreNoNetworkCalls(String flag, @Traced Harness harness)
      throws Exception {
    Run run = run(harness, flag, "unix", Interest.of("%network"));
    run.check().makesNoNetworkCall().connectsTo("\"/no/such\"");
    assertEquals(List.of("socket", "connect", "send"), names(run).subList(0, 3));
  }

  @Test
  void ofCallsInOneOnlyThoseAreRecordedThatAreWanted(@Traced Harness harness) throws Exception {
    for (String name : List.of("connect", "semget")) {
      assertEquals(List.of(name), names(run(harness, "-m32", "unix", Interest.of(name))));
    }
    assertEquals(List.of("send"), names(run(harness, "-m32", "unix", Interest.of("sendto"))));
    assertEquals(
        List.of("socket", "connect", "send"),
        names(run(harness, "-m32", "unix", Interest.of("socketcall"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-m32", "-m64"})
  void filesThatAreOpenedAreFound(String flag, @Traced Harness harness) throws Exception {
    Run run = run(harness, flag, "unix", Interest.of("%file"));
    run.check().opens("made").touchesNothingOutside(directory);
    AssertionFailedError opened =
        assertThrows(AssertionFailedError.class, () -> run.check().opensOnly(RunAssert.SYSTEM));
    assertTrue(opened.getMessage().contains("open(\"made\""), opened::getMessage);
    AssertionFailedError touched =
        assertThrows(
            AssertionFailedError.class, () -> run.check().touchesNothingOutside(Path.of("/no")));
    assertTrue(touched.getMessage().contains("open(\"made\""), touched::getMessage);
    assertTrue(touched.getMessage().contains("chown32(\"made\""), touched::getMessage);
  }
}
