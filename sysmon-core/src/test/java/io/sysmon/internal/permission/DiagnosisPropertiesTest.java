package io.sysmon.internal.permission;

import static io.sysmon.internal.permission.FakeHost.SYS_PTRACE;
import static io.sysmon.internal.permission.FakeHost.TARGET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The diagnosis beside the kernel's rules, said once more, and on machines of nonsense. */
class DiagnosisPropertiesTest {
  /** A task's ids as a status file has them: real, effective, saved, file system. */
  record Ids(long real, long effective, long saved) {
    boolean areAll(long id) {
      return real == id && effective == id && saved == id;
    }

    String line() {
      return real + "\t" + effective + "\t" + saved + "\t" + effective;
    }
  }

  /** The JVM, which has no ids but its real ones, and a task. */
  record Machine(
      long user,
      long group,
      long capabilities,
      Ids users,
      Ids groups,
      long itsCapabilities,
      boolean dumpable,
      int yama,
      boolean descendant) {
    boolean isCapable() {
      return (capabilities & SYS_PTRACE) != 0;
    }

    /** What is told, in the kernel's order; null when the rules allow to attach. */
    Finding refusal() {
      if (!isCapable()) {
        if (!users.areAll(user) || !groups.areAll(group)) {
          return Finding.ANOTHER_USER;
        }
        if (!dumpable) {
          return Finding.NOT_DUMPABLE;
        }
        if ((itsCapabilities & ~capabilities) != 0) {
          return Finding.MORE_CAPABILITIES;
        }
        if (yama == 2) {
          return Finding.YAMA_CAPABILITY;
        }
        if (yama == 1 && !descendant) {
          return Finding.YAMA_DESCENDANTS;
        }
      }
      return yama == 3 ? Finding.YAMA_FORBIDS : null;
    }

    FakeHost host() {
      FakeHost host =
          new FakeHost()
              .jvm("Uid", new Ids(user, user, user).line())
              .jvm("Gid", new Ids(group, group, group).line())
              .jvm("CapEff", Long.toHexString(capabilities))
              .jvm("CapPrm", Long.toHexString(capabilities))
              .status(TARGET, "Uid", users.line())
              .status(TARGET, "Gid", groups.line())
              .status(TARGET, "CapPrm", Long.toHexString(itsCapabilities))
              .status(TARGET, "PPid", descendant ? "100" : "1")
              .owner("/proc/200/status", dumpable ? users.effective : 0)
              .yama(yama);
      Finding refusal = refusal();
      boolean mayLook = isCapable() || refusal == null || refusal.name().startsWith("YAMA");
      return mayLook ? host : host.denied();
    }
  }

  @Property(tries = 1000)
  void whatTheKernelsRulesRefuseIsExplainedByARuleThatRefuses(@ForAll("machines") Machine machine) {
    Finding refusal = machine.refusal();
    Assume.that(refusal != null);
    String message = Diagnosis.attachRefused(machine.host(), TARGET);
    List<Finding> told =
        Arrays.stream(Finding.values()).filter(finding -> isTold(finding, message)).toList();
    if (machine.yama == 3) {
      assertEquals(List.of(Finding.YAMA_FORBIDS), told, message);
    } else if (refusal == Finding.NOT_DUMPABLE
        && (machine.itsCapabilities & ~machine.capabilities) != 0) {
      // Both are true.
      assertEquals(List.of(Finding.MORE_CAPABILITIES), told, message);
    } else if (refusal == Finding.NOT_DUMPABLE && machine.user == 0) {
      assertEquals(List.of(Finding.NOT_DUMPABLE, Finding.OTHER_MODULE), told, message);
    } else {
      assertEquals(List.of(refusal), told, message);
    }
  }

  private static boolean isTold(Finding finding, String message) {
    String remedy = finding.text().substring(finding.heading().length());
    return message.contains(remedy.replaceAll("MASK.*", ""));
  }

  @Property(tries = 500)
  void whatTheKernelsRulesAllowIsBlamedOnNone(@ForAll("machines") Machine machine) {
    Assume.that(machine.refusal() == null);
    assertEquals(
        "PTRACE_SEIZE of process 200 (target) answered EPERM. " + Finding.OTHER_MODULE.text(),
        Diagnosis.attachRefused(machine.host(), TARGET));
  }

  @Provide
  Arbitrary<Machine> machines() {
    Arbitrary<Long> id = Arbitraries.of(0L, 1000L);
    Arbitrary<Ids> ids = Combinators.combine(id, id, id).as(Ids::new);
    Arbitrary<Ids> sameIds = id.map(one -> new Ids(one, one, one));
    Arbitrary<Ids> mostlySame = Arbitraries.oneOf(sameIds, sameIds, ids);
    Arbitrary<Long> capabilities = Arbitraries.of(0L, 1L, SYS_PTRACE, SYS_PTRACE | 1);
    return Combinators.combine(
            Combinators.combine(id, id, capabilities).as(List::of),
            mostlySame,
            mostlySame,
            capabilities,
            Arbitraries.of(true, false),
            Arbitraries.integers().between(0, 3),
            Arbitraries.of(true, false))
        .as(
            (jvm, users, groups, its, dumpable, yama, descendant) ->
                new Machine(
                    jvm.get(0),
                    jvm.get(1),
                    jvm.get(2),
                    users,
                    groups,
                    its,
                    dumpable,
                    yama,
                    descendant));
  }

  @Property(tries = 1000)
  void anythingThatProcMayShowHasAnExplanation(
      @ForAll("texts") @Size(16) List<String> texts,
      @ForAll @IntRange(min = -1) int tid,
      @ForAll boolean denied) {
    Host nonsense =
        new Host() {
          @Override
          public Optional<String> text(String path) {
            String text = texts.get(path.length() % texts.size());
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
          }

          @Override
          public Optional<String> link(String path) {
            return text(path);
          }

          @Override
          public boolean isDenied(String link) {
            return denied;
          }

          @Override
          public OptionalLong owner(String path) {
            return denied ? OptionalLong.empty() : OptionalLong.of(tid);
          }

          @Override
          public boolean filtersPtrace() {
            return false;
          }
        };
    String refused = Diagnosis.attachRefused(nonsense, tid);
    assertTrue(refused.matches("(?s)PTRACE_SEIZE of .+ answered EPERM\\. .+\\."), refused);
    assertTrue(Diagnosis.noSuchProcess(nonsense, tid).contains("" + tid));
  }

  @Provide
  Arbitrary<List<String>> texts() {
    Arbitrary<String> field =
        Arbitraries.of(
            "Tgid",
            "PPid",
            "State",
            "TracerPid",
            "Uid",
            "Gid",
            "CapPrm",
            "CapEff",
            "Seccomp",
            "Name");
    Arbitrary<String> value =
        Arbitraries.oneOf(
            Arbitraries.integers().between(-2, 5).map(String::valueOf),
            Arbitraries.of(
                "", "Z", "t", "99999999999", "ffffffffffffffff", "1 1 1 1", "1\t2\t3\t4"),
            Arbitraries.strings().ofMaxLength(8));
    Arbitrary<String> line =
        Combinators.combine(field, value).as((name, text) -> name + ":\t" + text);
    Arbitrary<String> status = line.list().ofMaxSize(12).map(lines -> String.join("\n", lines));
    Arbitrary<String> stat = value.map(flags -> "1 (a) S 1 1 1 1 1 " + flags);
    return Arbitraries.oneOf(status, status, status, stat, Arbitraries.strings()).list().ofSize(16);
  }
}
