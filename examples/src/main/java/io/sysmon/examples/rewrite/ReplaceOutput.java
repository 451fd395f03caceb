package io.sysmon.examples.rewrite;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.sysmon.BadAddressException;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/**
 * {@code sysmon replace OLD NEW COMMAND}: replaces a text in what a command writes to its standard
 * output (descriptor 1, wherever it leads) by write(2), which printf(3) calls too.
 */
@CommandLine.Command(name = "replace", description = "Runs a command and changes its output.")
public final class ReplaceOutput implements SyscallListener, Callable<Integer> {
  @CommandLine.Option(names = "--in-place", description = "Overwrite the program's own text.")
  private boolean inPlace;

  @CommandLine.Parameters(arity = "3..*", paramLabel = "WORD", description = "OLD NEW COMMAND")
  private List<String> words = List.of();

  ReplaceOutput() {}

  /** In place, the program sees the change too, and a string literal stays changed. */
  public ReplaceOutput(String oldText, String newText, boolean inPlace) {
    this.words = List.of(oldText, newText);
    this.inPlace = inPlace;
  }

  @Override
  public Interest interest() {
    return Interest.enter("write");
  }

  @Override
  public void onEnter(SyscallEnter call) {
    if ((int) call.arg(0) != 1) {
      return;
    }
    try {
      String text = new String(call.bytes(1, (int) call.arg(2)), ISO_8859_1);
      String changed = text.replace(chars(words.get(0)), chars(words.get(1)));
      // "true": the program is told the length that it asked for. Else it would take a shorter
      // text for a partial write, and write the rest of its own.
      if (inPlace && changed.length() <= text.length()) {
        call.replaceBuffer(1, 2, changed.getBytes(ISO_8859_1), true);
      } else if (!changed.equals(text)) {
        call.relocateBuffer(1, 2, changed.getBytes(ISO_8859_1), true);
      }
    } catch (BadAddressException e) {
      // The kernel will find the same: EFAULT.
    }
  }

  /** One char for each byte of UTF-8: what is no text comes through unchanged. */
  private static String chars(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }

  @Override
  public Integer call() throws Exception {
    ProcessBuilder command = new ProcessBuilder(words.subList(2, words.size()));
    try (Tracer tracer = Tracer.builder().listener(this).build()) {
      int status = tracer.launch(command.inheritIO()).waitFor();
      tracer.awaitTracees();
      return status;
    }
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new ReplaceOutput()).setStopAtPositional(true).execute(args));
  }
}
