package io.sysmon.tests.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Small C programs of {@code src/test/c} that do one thing exactly. They are compiled on first use
 * into {@code target/guests}, under a name made of their content (headers too) and flags.
 */
public final class Guest {
  private static final Path SOURCES = ModuleFiles.file("src/test/c");
  private static final Path BINARIES = ModuleFiles.file("target/guests");

  /**
   * Where they are compiled already, for a machine that has no compiler: by their names and flags,
   * and statically by their names alone.
   */
  private static final @Nullable String READY = System.getProperty("sysmon.test.guests");

  private static final int NAME_BYTES = 8;
  private static final Map<List<String>, Path> COMPILED = new ConcurrentHashMap<>();

  private Guest() {}

  /**
   * Compiles a guest by gcc, with {@code -O1 -g} before the given flags.
   *
   * @param cFileName the name in {@code src/test/c}, with or without its {@code .c}
   * @param gccFlags such as {@code -pthread}, {@code -static}, {@code -m32}
   * @return the program
   */
  public static Path compile(String cFileName, String... gccFlags) {
    List<String> key = new ArrayList<>(List.of(gccFlags));
    key.add(0, cFileName.endsWith(".c") ? cFileName : cFileName + ".c");
    return READY == null
        ? COMPILED.computeIfAbsent(List.copyOf(key), Guest::compile)
        : ready(key.get(0).replace(".c", ""), gccFlags);
  }

  private static Path ready(String name, String... gccFlags) {
    Path variant = Path.of(READY, name + String.join("", gccFlags));
    Path program = Files.exists(variant) ? variant : Path.of(READY, name);
    if (!Files.isExecutable(program)) {
      throw new AssertionError("There is no compiled guest " + program);
    }
    return program;
  }

  private static Path compile(List<String> nameAndFlags) {
    String name = nameAndFlags.get(0);
    Path source = SOURCES.resolve(name);
    try {
      Path program = BINARIES.resolve(name.replace(".c", "-" + hash(source, nameAndFlags)));
      if (!Files.isExecutable(program)) {
        Files.createDirectories(BINARIES);
        gcc(source, nameAndFlags.subList(1, nameAndFlags.size()), program);
      }
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException("Compiling " + source, e);
    }
  }

  private static void gcc(Path source, List<String> flags, Path program) throws IOException {
    // Another build in the same tree may be compiling it too: the move makes one of them win.
    Path unfinished = Files.createTempFile(BINARIES, "gcc", ".tmp");
    try {
      List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-g", "-Wall", "-Wextra"));
      command.addAll(flags);
      command.addAll(List.of("-o", unfinished.toString(), source.toString()));
      Outcome outcome = Outcome.bare(new ProcessBuilder(command).redirectErrorStream(true));
      if (outcome.exitValue() != 0) {
        throw new AssertionError(
            String.join(" ", command)
                + " ended with "
                + outcome.exitValue()
                + ":\n"
                + outcome.stdout());
      }
      // createTempFile lets nobody else read it, and a program that may not be read is not
      // dumpable.
      Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(unfinished, program, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static String hash(Path source, List<String> nameAndFlags) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(Files.readAllBytes(source));
      try (DirectoryStream<Path> headers = Files.newDirectoryStream(SOURCES, "*.h")) {
        for (Path header : headers) {
          digest.update(Files.readAllBytes(header));
        }
      }
      digest.update(nameAndFlags.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, NAME_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
