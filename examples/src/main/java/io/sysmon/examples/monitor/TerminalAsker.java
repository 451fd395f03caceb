package io.sysmon.examples.monitor;

import io.sysmon.monitor.Asker;
import io.sysmon.monitor.Event;
import io.sysmon.monitor.EventText;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Set;

/** Asks on the terminal that the command was started from, whatever the standard streams are. */
final class TerminalAsker implements Asker {
  private static final String TERMINAL = "/dev/tty";
  private static final Set<String> YES = Set.of("y", "yes");
  private static final Set<String> NO = Set.of("", "n", "no");

  private final PrintWriter err;
  private final EventText text = new EventText(ZoneId.systemDefault());
  private boolean isTold;

  TerminalAsker(PrintWriter err) {
    this.err = err;
  }

  @Override
  public boolean allows(Event event) throws InterruptedException {
    // Files.newInputStream never has anything available of a terminal.
    try (BufferedReader answers =
        new BufferedReader(
            new InputStreamReader(new FileInputStream(TERMINAL), StandardCharsets.UTF_8))) {
      while (true) {
        err.print(text.line(event) + "  -- allow? [y/N] ");
        err.flush();
        String answer = answer(answers);
        if (YES.contains(answer)) {
          return true;
        }
        if (NO.contains(answer)) {
          return false;
        }
      }
    } catch (InterruptedException e) {
      err.println();
      throw e;
    } catch (IOException e) {
      if (!isTold) {
        isTold = true;
        err.println("sysmon: there is no terminal to ask on: what would be asked is denied");
      }
      return false;
    }
  }

  /** Empty where there will be none. */
  private static String answer(BufferedReader answers) throws IOException, InterruptedException {
    while (!answers.ready()) {
      // Its reader could not be interrupted.
      Thread.sleep(20);
    }
    String line = answers.readLine();
    return line == null ? "" : line.strip().toLowerCase(Locale.ROOT);
  }
}
