package io.sysmon.tests.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.Interest;
import io.sysmon.ProcessInfo;
import io.sysmon.SystemTrace;
import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import io.sysmon.tests.support.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A system of its own, in a pid namespace: a shell that starts two shells, and in a third one the
 * JVM that traces whatever else there is.
 */
class WholeSystemTest {
  /** The third command is the JVM. The first shell of the namespace is its first process. */
  private static final String SYSTEM =
      "setsid sh -c 'sleep 3000; exit' & "
          + "setsid sh -c 'sleep 1000' & "
          + "setsid sh -c '\"$@\" & wait $!' sh \"$@\" & "
          + "wait $!";

  private static Outcome run() {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", SYSTEM));
    command.add("sh");
    command.addAll(ChildJvm.of(Tracing.class).command());
    return Outcome.bare(new ProcessBuilder(command));
  }

  @Test
  void allButTheTracersOwnIsTracedAndFoundByScanningWhereTheKernelDoesNotTell() {
    assumeTrue(
        Outcome.bare(new ProcessBuilder("unshare", "--pid", "--fork", "--mount-proc", "true"))
                .exitValue()
            == 0,
        "Namespaces are not allowed here");
    assertEquals(
        new Outcome("SCANNING\n[sh, sh, sh, sleep, sleep]\nfound sleep\nleft 0\n", "", 0), run());
  }

  static final class Tracing {
    private Tracing() {}

    public static void main(String[] args) throws Exception {
      Recorder recorder = new Recorder(Interest.none());
      try (Tracer tracer = Tracer.builder().listener(recorder).build()) {
        SystemTrace system = tracer.attachAll(SystemTrace.others());
        System.out.println(system.discovery());
        System.out.println(
            tracer.tracees().stream()
                .filter(tracee -> tracee.parent().isEmpty())
                .flatMap(tracee -> ProcessInfo.of(tracee.pid()).stream())
                .map(ProcessInfo::name)
                .sorted()
                .collect(Collectors.toList()));
        // Nobody's child but the first process's: it was forked by what is not traced.
        new ProcessBuilder("sh", "-c", "setsid sleep 2000 & exit").start().waitFor();
        TraceeHandle found = null;
        while (found == null) {
          for (TraceeHandle tracee : tracer.tracees()) {
            boolean isIt =
                ProcessInfo.of(tracee.pid())
                    .filter(process -> process.commandLine().contains("2000"))
                    .isPresent();
            found = isIt ? tracee : found;
          }
        }
        System.out.println("found " + ProcessInfo.of(found.pid()).orElseThrow().name());
        system.close();
        System.out.println("left " + tracer.tracees().size());
      }
    }
  }
}
