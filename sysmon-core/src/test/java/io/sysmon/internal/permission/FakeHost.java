package io.sysmon.internal.permission;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A machine of texts. As it is made, a JVM (process 100, user and group 1000, no capabilities) and
 * process 200, {@code target}, of the same user, which it may look at.
 */
final class FakeHost implements Host {
  static final int JVM = 100;
  static final int TARGET = 200;
  static final long SYS_PTRACE = 1L << 19;

  private final Map<String, String> texts = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();
  private final Map<String, Long> owners = new HashMap<>();
  private final Set<String> denied = new HashSet<>();
  private boolean filtersPtrace;

  FakeHost() {
    jvm("NSpid", "101");
    jvm("Seccomp", "0");
    for (int pid : new int[] {JVM, TARGET}) {
      status(pid, "Tgid", "" + pid);
      status(pid, "PPid", "1");
      status(pid, "State", "S (sleeping)");
      status(pid, "Uid", "1000\t1000\t1000\t1000");
      status(pid, "Gid", "1000\t1000\t1000\t1000");
      status(pid, "CapPrm", "0000000000000000");
      status(pid, "CapEff", "0000000000000000");
      status(pid, "TracerPid", "0");
    }
    process(JVM, 1, "java");
    process(TARGET, 1, "target");
    process(1, 0, "init");
    text("/proc/" + TARGET + "/stat", "200 (a (b) c) S 1 200 200 0 -1 4194304 100 0 0");
    links.put("/proc/self/ns/user", "user:[4026531837]");
    links.put("/proc/self/ns/pid", "pid:[4026531836]");
    owners.put("/proc/" + TARGET + "/status", 1000L);
  }

  /** Adds a process. */
  FakeHost process(int pid, int parent, String name) {
    return status(pid, "Name", name).status(pid, "Tgid", "" + pid).status(pid, "PPid", "" + parent);
  }

  /**
   * Adds a field to a task's status, before those that are there and instead of one of its name.
   */
  FakeHost status(int tid, String field, String value) {
    if (tid == JVM) {
      jvm(field, value);
    }
    return add("/proc/" + tid + "/status", field, value);
  }

  /** Adds a field to the status of this JVM. */
  FakeHost jvm(String field, String value) {
    return add("/proc/thread-self/status", field, value);
  }

  private FakeHost add(String path, String field, String value) {
    return text(path, field + ":\t" + value + "\n" + texts.getOrDefault(path, ""));
  }

  FakeHost capable() {
    return jvm("CapEff", Long.toHexString(SYS_PTRACE)).jvm("CapPrm", Long.toHexString(SYS_PTRACE));
  }

  FakeHost yama(int scope) {
    return text("/proc/sys/kernel/yama/ptrace_scope", scope + "\n");
  }

  FakeHost text(String path, String content) {
    texts.put(path, content);
    return this;
  }

  FakeHost without(String path) {
    texts.remove(path);
    return this;
  }

  FakeHost link(String path, String target) {
    links.put(path, target);
    return this;
  }

  FakeHost owner(String path, long user) {
    owners.put(path, user);
    return this;
  }

  /** The kernel does not let the JVM look at the target. */
  FakeHost denied() {
    denied.add("/proc/" + TARGET + "/exe");
    return this;
  }

  FakeHost filtered() {
    filtersPtrace = true;
    return this;
  }

  @Override
  public Optional<String> text(String path) {
    return Optional.ofNullable(texts.get(path));
  }

  @Override
  public Optional<String> link(String path) {
    return Optional.ofNullable(links.get(path));
  }

  @Override
  public boolean isDenied(String link) {
    return denied.contains(link);
  }

  @Override
  public OptionalLong owner(String path) {
    Long owner = owners.get(path);
    return owner == null ? OptionalLong.empty() : OptionalLong.of(owner);
  }

  @Override
  public boolean filtersPtrace() {
    return filtersPtrace;
  }
}
