package io.sysmon.decode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Every system call of every supported ABI. Immutable; loaded when first asked for.
 *
 * <p>ABIs are named as {@code io.sysmon.Abi} names them: {@code x86_64}, {@code i386}, {@code x32},
 * {@code aarch64}. {@code arm} is there too, with no call described.
 */
public final class SyscallTable {
  private static final String RESOURCE = "syscalls.txt";

  private final Map<String, SyscallNumbers> abis;
  private final Set<String> names;
  private final Map<String, Set<String>> classes;

  private SyscallTable(Map<AbiLayout, List<SyscallSignature>> described) {
    abis = new HashMap<>();
    described.forEach((abi, calls) -> abis.put(abi.label(), new SyscallNumbers(abi, 0, calls)));
    abis.put(AbiLayout.X32.label(), X32Numbers.from(abi(AbiLayout.X86_64.label())));
    abis.put(AbiLayout.ARM.label(), ArmNumbers.read());
    Set<String> allNames = new TreeSet<>();
    Map<String, Set<String>> allClasses = new HashMap<>();
    for (List<SyscallSignature> calls : described.values()) {
      for (SyscallSignature call : calls) {
        allNames.add(call.name());
        for (String type : call.classes()) {
          allClasses.computeIfAbsent(type, unused -> new TreeSet<>()).add(call.name());
        }
      }
    }
    allClasses.replaceAll((unused, members) -> Collections.unmodifiableSet(members));
    names = Collections.unmodifiableSet(allNames);
    classes = Collections.unmodifiableMap(allClasses);
  }

  /**
   * The table.
   *
   * @return always the same one
   * @throws BadTableException when the checked-in table is faulty
   */
  public static SyscallTable get() {
    return Holder.TABLE;
  }

  static SyscallTable parse(String table, List<String> lines) {
    return new SyscallTable(new TableParser(table).parse(lines));
  }

  static List<String> lines(String resource) {
    try (InputStream stream = SyscallTable.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new BadTableException(resource, 1, 1, "the resource is missing");
      }
      return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))
          .lines()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + resource, e);
    }
  }

  /**
   * The system calls of an ABI.
   *
   * @param name the ABI's name
   * @return its calls
   * @throws IllegalArgumentException when there is no such ABI
   */
  public SyscallNumbers abi(String name) {
    SyscallNumbers numbers = abis.get(name);
    if (numbers == null) {
      throw new IllegalArgumentException(
          "No ABI is named '" + name + "'; there are " + new TreeSet<>(abis.keySet()));
    }
    return numbers;
  }

  /**
   * The names of all system calls of all ABIs.
   *
   * @return the names, sorted
   */
  public Set<String> names() {
    return names;
  }

  /**
   * Whether some ABI has a call of that name.
   *
   * @param name perhaps a system call's name
   * @return true when it is one
   */
  public boolean isName(String name) {
    return names.contains(name);
  }

  /**
   * The classes of system calls, as strace(1) has them after {@code %}.
   *
   * @return the calls' names by class
   */
  public Map<String, Set<String>> classes() {
    return classes;
  }

  /**
   * Names that somebody may have meant.
   *
   * @param name what is no system call's name
   * @return up to three names, the nearest first; empty when none is near
   */
  public List<String> suggestions(String name) {
    int limit = Math.max(1, name.length() / 3);
    Map<Integer, List<String>> byDistance = new TreeMap<>();
    for (String candidate : names) {
      // What is so much longer is not near, and would be compared for seconds.
      if (Math.abs(candidate.length() - name.length()) <= limit) {
        int distance = EditDistance.between(name, candidate);
        byDistance.computeIfAbsent(distance, unused -> new ArrayList<>()).add(candidate);
      }
    }
    byDistance.keySet().removeIf(distance -> distance > limit);
    return byDistance.values().stream().flatMap(List::stream).limit(3).toList();
  }

  @Override
  public String toString() {
    return "SyscallTable" + abis.values();
  }

  private static final class Holder {
    static final SyscallTable TABLE = parse(RESOURCE, lines(RESOURCE));
  }
}
