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

/** Asks on the terminal that the command was started from, whatever the standard streams are. */
final class TerminalAsker implements Asker {
  private static final String TERMINAL = "/dev/tty";

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
      err.print(text.line(event) + "  -- allow? [y/N] ");
      err.flush();
      while (!answers.ready()) {
        // Its reader could not be interrupted when the time is over.
        Thread.sleep(20);
      }
      String answer = answers.readLine();
      return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
    } catch (IOException e) {
      if (!isTold) {
        isTold = true;
        err.println("sysmon: there is no terminal to ask on: what would be asked is denied");
      }
      return false;
    }
  }
}
