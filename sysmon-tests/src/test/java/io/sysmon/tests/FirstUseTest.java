package io.sysmon.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Tracer;
import io.sysmon.tests.support.ChildJvm;
import io.sysmon.tests.support.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What is decided once in a JVM, by its first use of the library, and so needs a JVM of its own.
 */
class FirstUseTest {
  /** Uses the library for the first time on an interrupted thread. */
  static final class Interrupted {
    private Interrupted() {}

    public static void main(String[] arguments) throws Exception {
      Thread.currentThread().interrupt();
      System.out.println(Tracer.unsupportedReason() + " " + Thread.interrupted());
      try (Tracer tracer = Tracer.builder().build()) {
        System.out.println(tracer.launch(new ProcessBuilder("true")).waitFor());
      }
    }
  }

  @Test
  void anInterruptedThreadDoesNotSpoilIt() throws Exception {
    Outcome outcome = Outcome.bare(ChildJvm.of(Interrupted.class));
    assertEquals("Optional.empty true\n0\n", outcome.stdout(), outcome.stderr());
  }

  /** Traces a program. */
  static final class Trace {
    private Trace() {}

    public static void main(String[] arguments) throws Exception {
      try (Tracer tracer = Tracer.builder().build()) {
        tracer.launch(new ProcessBuilder("true")).waitFor();
      }
    }
  }

  /** It takes as long to load as everything else together. */
  @Test
  void aTraceDoesNotLoadJnrPosix() throws Exception {
    ProcessBuilder trace = ChildJvm.withOptions(List.of("-Xlog:class+load"), Trace.class);
    String loaded = Outcome.bare(trace).stdout();
    assertTrue(loaded.contains("/jnr-ffi-"), loaded);
    assertFalse(loaded.contains("/jnr-posix-"), loaded);
  }

  /** Tells why it cannot trace, if it cannot. */
  static final class Reason {
    private Reason() {}

    public static void main(String[] arguments) {
      System.out.println(Tracer.unsupportedReason().orElse("supported"));
    }
  }

  @Test
  void aDirectoryThatNativeCodeCannotBeUnpackedToIsNamed() throws Exception {
    List<String> options =
        List.of("-Djava.io.tmpdir=/proc/nowhere", "-Djffi.extract.dir=/proc/nowhere");
    Outcome outcome = Outcome.bare(ChildJvm.withOptions(options, Reason.class));
    assertEquals(
        "libc could not be loaded by JNR",
        outcome.stdout().split(":", 2)[0],
        outcome.stdout() + outcome.stderr());
  }
}
