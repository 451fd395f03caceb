package io.sysmon.tests.rewrite;

import static io.sysmon.tests.rewrite.Calls.guest;
import static io.sysmon.tests.rewrite.Calls.onEnter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Interest;
import io.sysmon.Listener;
import io.sysmon.StringTooLongException;
import io.sysmon.SyscallEnter;
import io.sysmon.tests.support.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How far a change reaches: what docs/rewriting.md says, by programs that show it. */
class RewritingSemanticsTest {
  private static final String MODES = "memory_semantics";

  private final AtomicInteger changed = new AtomicInteger();

  @TempDir private Path directory;

  /** Does what the guest asks by change(text, character). */
  private final Listener changes =
      onEnter(
          "statfs",
          call -> {
            int to = (int) call.arg(1);
            if (to >= 'a' && to <= 'z') {
              String old = call.string(0);
              call.replaceString(0, Character.toString(to).repeat(old.length()));
              changed.incrementAndGet();
            }
          });

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isStdout(SyscallEnter call, int length) {
    return (int) call.arg(0) == 1 && call.arg(2) == length;
  }

  private static Outcome good(String output) {
    return new Outcome(output, "", 0);
  }

  @Test
  void aLiteralThatWasChangedOnceStaysChangedUntilTheProcessEnds() {
    Listener once =
        onEnter(
            "write",
            call -> {
              if (isStdout(call, 4) && changed.getAndIncrement() == 0) {
                assertEquals("aaaa", call.string(1));
                call.replaceBuffer(1, 2, bytes("zzzz"), false);
              }
            });
    assertEquals(
        good("zzzz and says zzzz\n".repeat(3)), Outcome.traced(guest(MODES, "literals"), once));
    assertEquals(3, changed.get());
    // The program on disk is what it was.
    assertEquals(
        good("aaaa and says aaaa\n".repeat(3)), Outcome.traced(guest(MODES, "literals"), changes));
    assertEquals(good("aaaa and says aaaa\n".repeat(3)), Outcome.bare(guest(MODES, "literals")));
  }

  @Test
  void aLiteralThatIsRelocatedIsTheProgramsOwnTheNextTime() {
    Listener once =
        onEnter(
            "write",
            call -> {
              if (isStdout(call, 4) && changed.getAndIncrement() == 0) {
                call.relocateBuffer(1, 2, bytes("something longer"), true);
              }
            });
    assertEquals(
        good("something longer and says aaaa\n" + "aaaa and says aaaa\n".repeat(2)),
        Outcome.traced(guest(MODES, "literals"), once));
    assertEquals(3, changed.get());
  }

  @Test
  void aBufferThatIsAssignedAgainIsTheProgramsOwnAgain() {
    Set<Integer> lengths = Collections.synchronizedSet(new HashSet<>());
    Listener once =
        onEnter(
            "write",
            call -> {
              int length = (int) call.arg(2);
              if ((isStdout(call, 4) || isStdout(call, 5)) && lengths.add(length)) {
                call.replaceBuffer(1, 2, bytes("#".repeat(length)), false);
              }
            });
    assertEquals(
        good("####" + "##### #### #####\n" + "####again #### again\n".repeat(2)),
        Outcome.traced(guest(MODES, "buffers"), once));
    assertEquals(Set.of(4, 5), lengths);
  }

  @Test
  void whatWouldHaveDestroyedTheNeighbourIsRefused() {
    List<String> refused = Collections.synchronizedList(new ArrayList<>());
    Listener tooLong =
        onEnter(
            Interest.enter("write", "statfs"),
            call -> {
              StringTooLongException refusal = null;
              if (call.name().equals("statfs") && call.string(0).equals("hello")) {
                refusal =
                    assertThrows(
                        StringTooLongException.class, () -> call.replaceString(0, "good day"));
              } else if (call.name().equals("write")
                  && isStdout(call, 5)
                  && call.string(1).equals("hello")) {
                refusal =
                    assertThrows(
                        StringTooLongException.class,
                        () -> call.replaceBuffer(1, 2, bytes("goodbye"), true));
              }
              if (refusal != null) {
                refused.add(call.name() + " " + refusal.originalLength() + refusal.newLength());
                assertTrue(refusal.getMessage().contains(call.name()), refusal.getMessage());
              }
            });
    assertEquals(
        good("helloworld\nhello world\n"), Outcome.traced(guest(MODES, "neighbours"), tooLong));
    assertEquals(List.of("write 57", "statfs 58"), refused);
  }

  @Test
  void whatJustFitsLeavesTheNeighbourAsItIs() {
    Listener fitting =
        onEnter(
            "statfs",
            call -> {
              if (call.string(0).equals("hello")) {
                call.replaceString(0, "adieu");
                changed.incrementAndGet();
              }
            });
    assertEquals(
        good("helloworld\nadieu world\n"), Outcome.traced(guest(MODES, "neighbours"), fitting));
    assertEquals(1, changed.get());
  }

  @Test
  void aPrivateMappingIsChangedForOneProcessAndNeitherForAnotherNorInTheFile() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "content of the file");
    String own = "content of the file, No such file or directory";
    try (Talk one = Talk.with(guest(MODES, "maps", file), changes);
        Talk other = Talk.with(guest(MODES, "maps", file), changes)) {
      one.say("");
      assertEquals(own, one.line());
      other.say("");
      assertEquals(own, other.line());

      one.say("x");
      assertEquals("x".repeat(19) + ", " + "x".repeat(25), one.line());
      assertEquals(2, changed.get());
      other.say("");
      assertEquals(own, other.line());
      assertEquals("content of the file", Files.readString(file));

      other.say("y");
      assertEquals("y".repeat(19) + ", " + "y".repeat(25), other.line());
      one.say("");
      assertEquals("x".repeat(19) + ", " + "x".repeat(25), one.line());
      try (Talk later = Talk.with(guest(MODES, "maps", file), changes)) {
        later.say("");
        assertEquals(own, later.line());
        assertEquals("", later.end());
      }
      assertEquals("", one.end());
      assertEquals("", other.end());
      assertEquals(0, one.exitValue());
      assertEquals(0, other.exitValue());
    }
    assertEquals("content of the file", Files.readString(file));
  }

  @Test
  void memoryThatIsSharedIsChangedForAllAndInTheFile() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "content");
    try (Talk one = Talk.with(guest(MODES, "maps", file, "shared"), changes);
        Talk other = Talk.with(guest(MODES, "maps", file, "shared"), changes)) {
      other.say("");
      assertEquals("content, No such file or directory", other.line());
      one.say("x");
      assertEquals("xxxxxxx, No such file or directory", one.line());
      other.say("");
      assertEquals("xxxxxxx, No such file or directory", other.line());
      assertEquals("", one.end());
      assertEquals("", other.end());
    }
    assertEquals("xxxxxxx", Files.readString(file));
  }

  @Test
  void theDescriptorOfAWriteIsAnotherOneForThisCallOnly() throws Exception {
    Path file = directory.resolve("file");
    List<Long> closed = Collections.synchronizedList(new ArrayList<>());
    Set<Long> written = Collections.synchronizedSet(new HashSet<>());
    Listener second =
        onEnter(
            Interest.enter("write", "close"),
            call -> {
              if (call.name().equals("close")) {
                closed.add(call.arg(0));
              } else if ((int) call.arg(0) > 2) {
                written.add(call.arg(0));
                if (changed.incrementAndGet() == 2) {
                  call.setArg(0, 1);
                }
              }
            });
    assertEquals(good("line\nclosed\n"), Outcome.traced(guest(MODES, "descriptors", file), second));
    assertEquals("line\nline\n", Files.readString(file));
    assertEquals(3, changed.get());
    assertEquals(1, written.size());
    assertEquals(written.iterator().next(), closed.get(closed.size() - 1));
  }

  @Test
  void threadsAndVforkChildrenShareWhatWasChangedAndForkedChildrenHaveACopy() {
    assertEquals(
        good(
            """
            thread says bbbb
            main says cccc
            child says cccc
            child says dddd
            main says cccc
            main says eeee
            new program says aaaa
            """),
        Outcome.traced(guest(MODES, "family"), changes));
    assertEquals(5, changed.get());
  }
}
