package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares the table with the kernel's headers and with the running kernel, where they are. */
class KernelFactsTest {
  private static final Pattern DEFINE = Pattern.compile("#define (__NR\\w*) (\\w+)");
  private static final Path EVENTS = Path.of("/sys/kernel/tracing/events/syscalls");

  /** Kernel functions whose name is not the system call's. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "newstat", "stat",
          "newlstat", "lstat",
          "newfstat", "fstat",
          "newuname", "uname",
          "sendfile64", "sendfile",
          "umount", "umount2");

  /** Kinds whose register is a number, whatever the call. */
  private static final Set<String> NUMBERS =
      Set.of(
          "int", "uint", "long", "ulong", "size", "off", "loff", "fd", "dirfd", "pid", "uid", "gid",
          "mode", "signal", "flags", "flags64", "enum");

  @Test
  void numbersOnX86AreThoseOfTheHeaders() throws Exception {
    assertHeader("x86_64", "#include <asm/unistd_64.h>");
    assertHeader("i386", "#include <asm/unistd_32.h>");
  }

  @Test
  void numbersOnAarch64AreTheGenericOnes() throws Exception {
    assertHeader(
        "aarch64",
        """
        #define __ARCH_WANT_RENAMEAT
        #define __ARCH_WANT_NEW_STAT
        #define __ARCH_WANT_SET_GET_RLIMIT
        #define __ARCH_WANT_TIME32_SYSCALLS
        #define __ARCH_WANT_MEMFD_SECRET
        #define __ARCH_WANT_SYS_CLONE3
        #include <asm-generic/unistd.h>
        """);
  }

  private static void assertHeader(String abi, String source) throws Exception {
    Map<String, Integer> header = header(source);
    assumeTrue(!header.isEmpty(), "no C preprocessor or no kernel headers for " + abi);
    Map<String, Integer> table = new TreeMap<>();
    int last = header.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    for (SyscallSignature call : SyscallTable.get().abi(abi).all()) {
      if (call.number() <= last && (header.containsKey(call.name()) || isOldEnough(call))) {
        table.put(call.name(), (int) call.number());
      }
    }
    assertEquals(header, table);
  }

  /** 335 and 336 are newer than 450 others: they fill a gap that x86_64 had. */
  private static boolean isOldEnough(SyscallSignature call) {
    return !call.name().equals("uretprobe") && !call.name().equals("uprobe");
  }

  private static Map<String, Integer> header(String source) throws Exception {
    Process compiler;
    try {
      compiler =
          new ProcessBuilder("cc", "-E", "-dM", "-x", "c", "-")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return Map.of();
    }
    compiler.getOutputStream().write(source.getBytes(StandardCharsets.UTF_8));
    compiler.getOutputStream().close();
    String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (compiler.waitFor() != 0) {
      return Map.of();
    }
    Map<String, String> defines = new TreeMap<>();
    Matcher define = DEFINE.matcher(output);
    while (define.find()) {
      defines.put(define.group(1), define.group(2));
    }
    Map<String, Integer> numbers = new TreeMap<>();
    for (String name : defines.keySet()) {
      String value = defines.get(name);
      while (value.startsWith("__NR")) {
        value = defines.getOrDefault(value, "");
      }
      if (name.startsWith("__NR_") && value.matches("\\d+")) {
        numbers.put(name.substring("__NR_".length()), Integer.parseInt(value));
      }
    }
    numbers.remove("syscalls");
    numbers.remove("arch_specific_syscall");
    return numbers;
  }

  @Test
  void everyCallOfTheRunningKernelHasAsManyArgumentsInTheTable() throws Exception {
    Map<String, List<String>> formats = formats();
    List<String> differences = new ArrayList<>();
    formats.forEach(
        (name, types) -> {
          var call = SyscallTable.get().abi(hostAbi()).byName(name);
          if (call.isEmpty()) {
            differences.add(name + " is missing");
          } else if (registers(call.get()) != types.size()) {
            differences.add(call.get() + " but the kernel has " + types);
          }
        });
    assertEquals(List.of(), differences);
  }

  @Test
  void whatIsAPointerForTheKernelIsNoNumberInTheTable() throws Exception {
    List<String> differences = new ArrayList<>();
    formats()
        .forEach(
            (name, types) -> {
              SyscallTable.get().abi(hostAbi()).byName(name).stream()
                  .flatMap(call -> call.arguments().stream())
                  .filter(argument -> types.get(argument.register()).contains("*"))
                  .filter(argument -> NUMBERS.contains(argument.kind().name()))
                  .forEach(argument -> differences.add(name + ": " + argument));
            });
    assertEquals(List.of(), differences);
  }

  private static String hostAbi() {
    return System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
  }

  private static int registers(SyscallSignature call) {
    int count = 0;
    for (Argument argument : call.arguments()) {
      boolean two = argument.kind().name().equals("loff2");
      count = argument.register() + (two ? 2 : 1);
    }
    return count;
  }

  /** The C types of the arguments of each call, from events/syscalls/sys_enter_NAME/format. */
  private static Map<String, List<String>> formats() throws IOException {
    assumeTrue(Files.isReadable(EVENTS), "tracefs is not mounted or not readable");
    Map<String, List<String>> formats = new TreeMap<>();
    try (Stream<Path> events = Files.list(EVENTS)) {
      for (Path event : events.toList()) {
        String name = event.getFileName().toString();
        if (name.startsWith("sys_enter_")) {
          String call = name.substring("sys_enter_".length());
          formats.put(RENAMED.getOrDefault(call, call), types(event.resolve("format")));
        }
      }
    }
    assertTrue(formats.size() > 300, () -> formats.size() + " formats");
    return formats;
  }

  private static List<String> types(Path format) throws IOException {
    List<String> types = new ArrayList<>();
    boolean ownFields = false;
    for (String line : Files.readAllLines(format)) {
      int end = line.indexOf(';');
      if (ownFields && line.startsWith("\tfield:") && !line.contains("__data_loc")) {
        types.add(line.substring("\tfield:".length(), end));
      }
      ownFields |= line.contains("__syscall_nr");
    }
    return types;
  }
}
