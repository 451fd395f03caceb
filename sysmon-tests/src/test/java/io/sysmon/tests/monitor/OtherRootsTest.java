package io.sysmon.tests.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sysmon.monitor.EventKind;
import io.sysmon.tests.support.Guest;
import io.sysmon.tests.support.Guest32;
import io.sysmon.tests.support.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules about paths that do not begin at the root directory that the monitor has. */
class OtherRootsTest {
  private static final String RESOLVE_BENEATH = "0x08";
  private static final String RESOLVE_IN_ROOT = "0x10";
  private static final String NO = "Operation not permitted\n";

  @TempDir Path temporary;
  private Path root;

  @BeforeEach
  void aTreeThatIsDeniedInPart() throws Exception {
    root = Files.createDirectory(temporary.toRealPath().resolve("root"));
    Files.createDirectories(root.resolve("denied/deep"));
    Files.createDirectory(root.resolve("free"));
    link("absolute", "/denied");
    link("relative", "free/../denied");
    link("above", "../../../denied");
    link("hop", "denied");
    link("loop", "/loop");
    link("good", "/free");
  }

  private void link(String name, String target) throws Exception {
    Files.createSymbolicLink(root.resolve(name), Path.of(target));
  }

  private String policy() {
    return "rules: [{events: file, paths: '" + root + "/denied/**', verdict: deny}]";
  }

  private Monitored resolve(Path guest, String how, String... paths) {
    List<String> command = new ArrayList<>(List.of(guest.toString(), how, root.toString()));
    command.addAll(List.of(paths));
    return Monitored.run(policy(), command.toArray(String[]::new));
  }

  private void assertNothingIsMade() {
    assertEquals(List.of("deep"), List.of(root.resolve("denied").toFile().list()));
  }

  private void assertRulesHoldBelowADirectory(Path guest) {
    Monitored monitored =
        resolve(
            guest,
            RESOLVE_IN_ROOT,
            "/denied/1",
            "denied/2",
            "../denied/3",
            "//..//denied/./deep/../4",
            "absolute/5",
            "relative/6",
            "above/7",
            "free/../absolute/deep/../../../denied/8");
    assertEquals(NO.repeat(8), monitored.outcome().stdout(), monitored::toString);
    assertNothingIsMade();
  }

  @Test
  void aRuleHoldsForWhatADirectoryIsTheRootOf() {
    assertRulesHoldBelowADirectory(Guest.compile("resolve"));
  }

  @Test
  void aRuleHoldsForWhatADirectoryIsTheRootOfIn32Bit() {
    assertRulesHoldBelowADirectory(Guest32.compile("resolve"));
  }

  @Test
  void whatNoRuleIsAboutIsMadeBelowADirectoryAndToldWhereItIs() {
    Monitored monitored =
        resolve(Guest.compile("resolve"), RESOLVE_IN_ROOT, "/free/1", "../../good/2", "/loop");
    assertEquals(
        "opened\nopened\nToo many levels of symbolic links\n",
        monitored.outcome().stdout(),
        monitored::toString);
    assertEquals(
        List.of(root + "/free/1", root + "/good/2"), monitored.all(EventKind.FILE_WRITE, "path"));
  }

  @Test
  void aRuleHoldsForWhatMustBeBelowADirectory() {
    Monitored monitored =
        resolve(
            Guest.compile("resolve"), RESOLVE_BENEATH, "relative/1", "good/2", "free/../denied/3");
    assertEquals(
        NO + "Invalid cross-device link\n" + NO, monitored.outcome().stdout(), monitored::toString);
    assertNothingIsMade();
  }

  private static void assumeRoot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "not root");
  }

  @Test
  void linksBelowAnotherRootDirectoryAreFollowedThere() {
    assumeRoot();
    Monitored monitored =
        Monitored.run(
            policy(),
            "/usr/bin/python3",
            "-c",
            """
            import os, sys
            os.chdir(sys.argv[1] + '/free')
            out = os.open('..', os.O_RDONLY)
            os.chroot('.')
            def write(path, at=None):
                try: os.open(path, os.O_WRONLY | os.O_CREAT, dir_fd=at)
                except OSError as e: print(e.strerror)
            write('hop/1', out)
            write('../root/hop/2', out)
            os.fchdir(out)
            os.chroot('.')
            for path in '/denied/3', '/absolute/4', 'above/5', '../../../relative/6':
                write(path)
            """,
            root.toString());
    assertEquals(NO.repeat(6), monitored.outcome().stdout(), monitored::toString);
    assertNothingIsMade();
  }

  @Test
  void selfIsTheOneThatNamesItWhereverProcIsMounted() throws Exception {
    assumeRoot();
    Path proc = Files.createDirectory(root.resolve("proc"));
    Outcome mounted =
        Outcome.bare(new ProcessBuilder("mount", "-t", "proc", "proc", proc.toString()));
    assumeTrue(mounted.exitValue() == 0, mounted.stderr());
    try {
      Monitored monitored =
          Monitored.shell(
              policy(),
              "cd "
                  + root
                  + "/denied && for i in self thread-self; do (: > ../proc/$i/cwd/$i); done");
      assertEquals(
          2, monitored.outcome().stderr().split(NO.strip(), -1).length - 1, monitored::toString);
      assertNothingIsMade();
    } finally {
      assertEquals(
          0, Outcome.bare(new ProcessBuilder("umount", "-l", proc.toString())).exitValue());
    }
  }
}
