package io.sysmon.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The arguments of a system call, from the format of its event under events/syscalls of tracefs
 * (Documentation/trace/events.rst of the kernel). Fields before {@code __syscall_nr} are those of
 * every event, and with {@code __data_loc} begins what is copied from where an argument points to.
 */
record EventFormat(List<Field> arguments) {
  private static final Pattern FIELD =
      Pattern.compile("\tfield:(.*?)(\\w+)(\\[\\w*\\])?;\toffset:\\d+;\tsize:\\d+;\tsigned:[01];");

  /** A C declaration. */
  record Field(String type, String name) {
    boolean isPointer() {
      return type.endsWith("*");
    }
  }

  static EventFormat parse(List<String> lines) {
    List<Field> arguments = new ArrayList<>();
    boolean own = false;
    for (String line : lines) {
      Matcher field = FIELD.matcher(line);
      if (field.matches()) {
        String type = field.group(1).trim();
        if (own && !type.startsWith("__data_loc")) {
          arguments.add(new Field(type, field.group(2)));
        }
        own |= field.group(2).equals("__syscall_nr");
      }
    }
    return new EventFormat(arguments);
  }
}
