package io.sysmon.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/** What programs must not do: a build step reads what it declares, and nobody is phoned. */
class BehaviourTest {
  @TempDir Path directory;
  private Path source;

  @BeforeEach
  void aSourceFileIncludesAnother() throws Exception {
    source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve("a.c"), "#include \"a.h\"\nint a = A;\n");
    Files.writeString(source.resolve("a.h"), "#define A 1\n");
  }

  private Run build(Harness harness) throws Exception {
    Programs.assumeInstalled("gcc");
    Run run =
        harness
            .command("gcc", "-c", "-o", "a.o", "source/a.c")
            .environment("TMPDIR", directory.toString())
            .record(Interest.of("%file"))
            .directory(directory)
            .run();
    run.check().exitsWith(0);
    return run;
  }

  private static List<String> withSystem(String... inputs) {
    List<String> all = new ArrayList<>(RunAssert.SYSTEM);
    all.add("/usr/**");
    all.addAll(List.of(inputs));
    return all;
  }

  @Test
  void aBuildStepReadsOnlyItsDeclaredInputs(@Traced Harness harness) throws Exception {
    build(harness)
        .check()
        .opensOnly(withSystem("source/a.c", "source/a.h", "a.o", "cc??????.*"))
        .touchesNothingOutside(directory);
  }

  @Test
  void aBuildStepThatReadsMoreIsFound(@Traced Harness harness) throws Exception {
    Run run = build(harness);
    AssertionFailedError failure =
        assertThrows(
            AssertionFailedError.class,
            () -> run.check().opensOnly(withSystem("source/a.c", "a.o", "cc??????.*")));
    assertTrue(failure.getMessage().contains("\"source/a.h\", O_RDONLY"), failure::getMessage);
  }

  @Test
  void aProgramPhonesNobody(@Traced Harness harness) throws Exception {
    harness
        .command(Programs.python(), "-IS", "-c", "import json; print(json.dumps([1]))")
        .record(Interest.of("%network"))
        .run()
        .check()
        .exitsWith(0)
        .says("[1]")
        .makesNoNetworkCall();
  }

  @Test
  void addressesOfEachFamilyAreTold(@Traced Harness harness) throws Exception {
    String script =
        """
        import socket
        def connect(family, address):
          try: socket.socket(family, socket.SOCK_DGRAM).connect(address)
          except OSError: pass
        connect(socket.AF_INET, ('127.0.0.1', 9))
        connect(socket.AF_INET6, ('::1', 9))
        connect(socket.AF_UNIX, '/no "such')
        connect(socket.AF_UNIX, '\\0abstract')
        """;
    Run run =
        harness
            .command(Programs.python(), "-IS", "-c", script)
            .record(Interest.of("connect"))
            .run();
    List<String> expected = List.of("127.0.0.1:9", "[::1]:9", "\"/no \"such\"", "@\"abstract\"");
    assertEquals(expected, run.connected(), run.stderr());
  }

  @Test
  void aProgramThatPhonesIsFound(@Traced Harness harness) throws Exception {
    String script = "import socket; socket.create_connection(('127.0.0.1', 1))";
    Run run =
        harness
            .command(Programs.python(), "-IS", "-c", script)
            .record(Interest.of("%network"))
            .run();
    run.check().says("Connection refused").connectsTo("127.0.0.1:1");
    AssertionFailedError failure =
        assertThrows(AssertionFailedError.class, () -> run.check().makesNoNetworkCall());
    assertTrue(failure.getMessage().contains("socket(AF_INET, SOCK_STREAM"), failure::getMessage);
  }

  @Test
  void anOpenedFileIsChangedByItsFlagsAndNotByItsName(@Traced Harness harness) throws Exception {
    Path file = Files.createFile(directory.resolve("O_RDWR, O_CREAT"));
    Run reading = harness.command("cat", file.toString()).record(Interest.of("%file")).run();
    reading.check().exitsWith(0).opens(file.toString()).touchesNothingOutside(Path.of("/no"));
    Run writing =
        harness.command("dd", "if=/dev/null", "of=" + file).record(Interest.of("%file")).run();
    assertThrows(
        AssertionFailedError.class,
        () -> writing.check().exitsWith(0).touchesNothingOutside(Path.of("/no")));
  }
}
