package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Tracer;
import io.sysmon.monitor.Monitor;
import io.sysmon.monitor.Policy;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Stranger;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The monitor ends by {@code SIGKILL}, and the programs do not notice. */
class KilledMonitorTest {
  @Test
  void aCallThatSomebodyIsAskedAboutGoesOn(@TempDir Path directory) throws Exception {
    String file = directory.toRealPath().resolve("file").toString();
    try (Stranger shell = Stranger.program(new ProcessBuilder("/bin/sh"))) {
      Process jvm =
          ChildJvm.of(Asking.class, Integer.toString(shell.pid()), file)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader output = jvm.inputReader()) {
        assertEquals("traced", output.readLine());
        shell.say("echo x > " + file + "; echo $?; (exit 3); echo $?");
        assertEquals("asked about " + file, output.readLine());
        assertTrue(Files.notExists(Path.of(file)));
      } finally {
        jvm.destroyForcibly().waitFor();
      }
      assertEquals("0", shell.line());
      assertEquals("3", shell.line());
      assertEquals("x\n", Files.readString(Path.of(file)));
      assertEquals("saw it exited 0\n", shell.end());
    }
  }

  static final class Asking {
    private Asking() {}

    public static void main(String[] arguments) throws Exception {
      Policy policy =
          Policy.parse(
              "rules: [{events: file.write, paths: '"
                  + arguments[1]
                  + "', verdict: ask, timeout: 10m}]");
      Monitor monitor =
          Monitor.of(
              policy,
              event -> {},
              question -> {
                System.out.println("asked about " + question.event().text("path"));
                Thread.sleep(Long.MAX_VALUE);
                return false;
              });
      Tracer tracer = Tracer.builder().listener(monitor).build();
      tracer.attach(Integer.parseInt(arguments[0]));
      System.out.println("traced");
      // Until it is killed.
      new Semaphore(0).acquire();
    }
  }
}
