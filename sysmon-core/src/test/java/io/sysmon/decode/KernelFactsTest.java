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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Compares the table with the kernel's headers and with the running kernel, where they are. */
class KernelFactsTest {
  private static final Pattern DEFINE = Pattern.compile("#define (__NR\\w*) (\\w+)");
  private static final List<Path> EVENTS =
      List.of(
          Path.of("/sys/kernel/tracing/events/syscalls"),
          Path.of("/sys/kernel/debug/tracing/events/syscalls"));

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

  private static final Pattern DESCRIPTOR = Pattern.compile("(old|new|u|ep|in_|out_)?fd|dfd");

  /** {@code uint} of close_range(2): where a range begins need not be a descriptor. */
  private static final Set<String> DESCRIPTOR_KINDS = Set.of("fd", "dirfd", "uint");

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
    Map<String, EventFormat> formats = formats();
    List<String> differences = new ArrayList<>();
    formats.forEach(
        (name, format) -> {
          var call = SyscallTable.get().abi(hostAbi()).byName(name);
          if (call.isEmpty()) {
            differences.add(name + " is missing");
          } else if (registers(call.get()) != format.arguments().size()) {
            differences.add(call.get() + " but the kernel has " + format);
          }
        });
    assertEquals(List.of(), differences);
  }

  @Test
  void whatIsAPointerForTheKernelIsNoNumberInTheTable() throws Exception {
    assertEquals(
        List.of(),
        contradictions((field, kind) -> field.isPointer() && NUMBERS.contains(kind.name())));
  }

  /** The kernel has many names for the same, and the table those of the manual pages. */
  @Test
  void whatTheKernelNamesByItsMeaningHasThatKind() throws Exception {
    List<String> contradictions =
        contradictions(
            (field, kind) ->
                switch (field.type()) {
                  case "umode_t" -> !kind.name().endsWith("mode");
                  case "pid_t" -> !kind.name().endsWith("pid") && !kind.name().equals("int");
                  case "uid_t", "gid_t" -> !Set.of("uid", "gid").contains(kind.name());
                  case "int", "unsigned int", "unsigned long" ->
                      DESCRIPTOR.matcher(field.name()).matches()
                          && !DESCRIPTOR_KINDS.contains(kind.name());
                  default -> false;
                });
    assertEquals(List.of(), contradictions);
  }

  private static List<String> contradictions(BiPredicate<EventFormat.Field, Kind> contradict)
      throws IOException {
    List<String> differences = new ArrayList<>();
    formats()
        .forEach(
            (name, format) ->
                SyscallTable.get().abi(hostAbi()).byName(name).stream()
                    .flatMap(call -> call.arguments().stream())
                    .forEach(
                        argument -> {
                          EventFormat.Field field = format.arguments().get(argument.register());
                          if (contradict.test(field, argument.kind())) {
                            differences.add(name + ": " + argument + " is " + field);
                          }
                        }));
    return differences;
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

  /** From events/syscalls/sys_enter_NAME/format, which root may read where tracefs is mounted. */
  private static Map<String, EventFormat> formats() throws IOException {
    Optional<Path> readable = EVENTS.stream().filter(Files::isReadable).findFirst();
    assumeTrue(readable.isPresent(), () -> "None of " + EVENTS + " is mounted and readable");
    Map<String, EventFormat> formats = new TreeMap<>();
    try (Stream<Path> events = Files.list(readable.orElseThrow())) {
      for (Path event : events.toList()) {
        String name = event.getFileName().toString();
        if (name.startsWith("sys_enter_")) {
          String call = name.substring("sys_enter_".length());
          List<String> lines = Files.readAllLines(event.resolve("format"));
          formats.put(RENAMED.getOrDefault(call, call), EventFormat.parse(lines));
        }
      }
    }
    assertTrue(formats.size() > 300, () -> formats.size() + " formats");
    return formats;
  }
}
