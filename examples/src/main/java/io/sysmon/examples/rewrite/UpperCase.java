package io.sysmon.examples.rewrite;

import io.sysmon.BadAddressException;
import io.sysmon.Errno;
import io.sysmon.Interest;
import io.sysmon.SyscallEnter;
import io.sysmon.SyscallListener;
import io.sysmon.Tracer;
import io.sysmon.decode.SyscallTable;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/**
 * {@code sysmon upper COMMAND}: the ASCII letters that a command writes to its descriptors 1 and 2
 * are upper-cased. Not covered: sendmsg, pwritev2, io_uring and mapped files.
 */
@CommandLine.Command(name = "upper", description = "Runs a command that writes in upper case.")
public final class UpperCase implements SyscallListener, Callable<Integer> {
  /** Calls that copy inside the kernel, and which argument says where to. */
  private static final Map<String, Integer> COPY_TO =
      Map.of("sendfile", 0, "splice", 2, "copy_file_range", 2);

  @CommandLine.Parameters(arity = "1..*", paramLabel = "COMMAND", description = "What to run.")
  private List<String> command = List.of();

  @Override
  public Interest interest() {
    return Interest.enter("write", "pwrite64", "sendto", "writev", "pwritev")
        .and(Interest.enter(COPY_TO.keySet().toArray(String[]::new)));
  }

  @Override
  public void onEnter(SyscallEnter call) {
    int to = (int) call.arg(COPY_TO.getOrDefault(call.name(), 0));
    if (to != 1 && to != 2) {
      return;
    } else if (COPY_TO.containsKey(call.name())) {
      call.fail(Errno.ENOSYS); // Programs then read and write.
      return;
    }
    try {
      byte[] text = call.name().endsWith("v") ? gather(call) : call.bytes(1, (int) call.arg(2));
      for (int i = 0; i < text.length; i++) {
        text[i] -= (byte) (text[i] >= 'a' && text[i] <= 'z' ? 'a' - 'A' : 0);
      }
      // Not in place: the program may need its text again, as tee(1) does.
      call.relocateBuffer(1, 2, text, false);
    } catch (BadAddressException e) {
      // The kernel will find the same: EFAULT.
    }
  }

  /** Turns writev into a write, and pwritev into a pwrite64, of all its parts together. */
  private static byte[] gather(SyscallEnter call) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (var part : call.memory().readIovec(call.arg(1), (int) call.arg(2))) {
      text.writeBytes(call.memory().read(part.address(), (int) part.length()));
    }
    String whole = call.name().equals("writev") ? "write" : "pwrite64";
    call.setNumber(SyscallTable.get().abi(call.abi().name()).number(whole));
    return text.toByteArray();
  }

  @Override
  public Integer call() throws Exception {
    try (Tracer tracer = Tracer.builder().listener(this).build()) {
      int status = tracer.launch(new ProcessBuilder(command).inheritIO()).waitFor();
      tracer.awaitTracees();
      return status;
    }
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new UpperCase()).setStopAtPositional(true).execute(args));
  }
}
