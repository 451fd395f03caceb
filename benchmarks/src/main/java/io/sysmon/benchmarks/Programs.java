package io.sysmon.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The programs, and what they work on. */
final class Programs {
  private static final int DIRECTORIES = 300;
  private static final int SOURCES = 8;

  private final Tools tools;

  Programs(Tools tools) {
    this.tools = tools;
  }

  /** Those of them that this machine has. */
  List<Program> all() throws IOException {
    Path tree = tree();
    Path sources = sources();
    List<Program> programs = new ArrayList<>();
    programs.add(
        new Program("dd", "exec dd if=/dev/zero of=/dev/null bs=1 count=20000 status=none"));
    programs.add(new Program("find", "exec find " + tree + " >/dev/null"));
    programs.add(new Program("gcc", "cd " + sources + " && exec cc -O1 -c -o one.o f0.c"));
    if (Tools.find("make").isPresent()) {
      programs.add(
          new Program("make -j2", "cd " + sources + " && rm -f *.o all && exec make -s -j2"));
    }
    programs.add(new Program("fork storm", "exec " + tools.guest("forks") + " 500"));
    if (Tools.find("python3").isPresent()) {
      programs.add(new Program("python3", "exec python3 -c 'import json, email.message'"));
    }
    return programs;
  }

  private Path tree() throws IOException {
    Path tree = tools.work("tree");
    for (int i = 0; i < DIRECTORIES; i++) {
      Path directory = Files.createDirectories(tree.resolve("a" + i % 10 + "/b" + i));
      for (String name : List.of("one", "two", "three")) {
        Files.writeString(directory.resolve(name), "");
      }
    }
    return tree;
  }

  private Path sources() throws IOException {
    Path sources = Files.createDirectories(tools.work("project"));
    StringBuilder objects = new StringBuilder();
    StringBuilder calls = new StringBuilder();
    for (int i = 0; i < SOURCES; i++) {
      Files.writeString(
          sources.resolve("f" + i + ".c"),
          """
          #include <stdio.h>
          #include <stdlib.h>
          #include <string.h>
          #include <unistd.h>
          int f%d(int n)
          {
              char text[32];
              snprintf(text, sizeof text, "%%d", n);
              return atoi(text) + (int) strlen(text) + getpid();
          }
          """
              .formatted(i));
      objects.append(" f").append(i).append(".o");
      calls.append("int f").append(i).append("(int);\n");
    }
    Files.writeString(
        sources.resolve("main.c"), calls + "int main(void)\n{\n    return f0(1) < 0;\n}\n");
    Files.writeString(
        sources.resolve("Makefile"),
        "all: main.o%s\n\tcc -o $@ $^\n%%.o: %%.c\n\tcc -O1 -c -o $@ $<\n".formatted(objects));
    return sources;
  }
}
