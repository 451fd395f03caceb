package io.sysmon.examples.monitor;

import io.sysmon.monitor.Asker;
import io.sysmon.monitor.EventText;
import io.sysmon.monitor.Question;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** Asks on the terminal that the command was started from, whatever the standard streams are. */
final class TerminalAsker implements Asker {
  private static final String TERMINAL = "/dev/tty";
  private static final Set<String> YES = Set.of("y", "yes");
  private static final Set<String> NO = Set.of("n", "no");

  private final PrintWriter err;
  private final Lock screen;
  private final @Nullable Display display;
  private final EventText text = new EventText(ZoneId.systemDefault());
  private boolean isTold;

  /** Whether who was asked before may have begun a line that he has not ended yet. */
  private boolean isLineBegun;

  /**
   * One who asks.
   *
   * @param screen held as long as a question is open: nothing else is drawn then
   * @param display where what is told is to be seen longer than on the terminal; null for none
   */
  TerminalAsker(PrintWriter err, Lock screen, @Nullable Display display) {
    this.err = err;
    this.screen = screen;
    this.display = display;
  }

  @Override
  public boolean allows(Question question) throws InterruptedException {
    screen.lockInterruptibly();
    // Files.newInputStream never has anything available of a terminal.
    try (BufferedReader answers =
        new BufferedReader(
            new InputStreamReader(new FileInputStream(TERMINAL), StandardCharsets.UTF_8))) {
      return ask(question, answers);
    } catch (InterruptedException e) {
      isLineBegun = true;
      err.println();
      tell(unanswered(question));
      throw e;
    } catch (IOException e) {
      if (!isTold) {
        isTold = true;
        tell("sysmon: there is no terminal to ask on: what would be asked is denied");
      }
      return false;
    } finally {
      screen.unlock();
    }
  }

  private boolean ask(Question question, BufferedReader answers)
      throws IOException, InterruptedException {
    while (answers.ready()) {
      // Typed before there was this question.
      answers.readLine();
      isLineBegun = false;
    }
    while (true) {
      err.print(text.line(question.event()) + "  -- allow? ");
      err.print(question.isAllowedByDefault() ? "[Y/n] " : "[y/N] ");
      err.flush();
      String answer = answer(answers);
      if (isLineBegun) {
        isLineBegun = false;
        err.println("sysmon: that may have been meant for the question before; answer again");
      } else if (answer.isEmpty()) {
        return question.isAllowedByDefault();
      } else if (YES.contains(answer)) {
        return true;
      } else if (NO.contains(answer)) {
        return false;
      }
    }
  }

  private void tell(String message) {
    err.println(message);
    if (display != null) {
      display.say(message);
    }
  }

  private String unanswered(Question question) {
    return "sysmon: no answer"
        + (Instant.now().isBefore(question.until()) ? ": " : " in time: ")
        + (question.isAllowedByDefault() ? "allowed: " : "denied: ")
        + text.line(question.event());
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
