package io.sysmon.internal.permission;

import static io.sysmon.internal.permission.FakeHost.JVM;
import static io.sysmon.internal.permission.FakeHost.TARGET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiagnosisTest {
  private final FakeHost host = new FakeHost();

  /** That the whole message is one sentence about the task, one finding and its remedy. */
  private void assertRefusal(Finding finding) {
    assertRefusal(finding.text());
  }

  private void assertRefusal(String reason) {
    assertEquals(
        "PTRACE_SEIZE of process 200 (target) answered EPERM. " + reason,
        Diagnosis.attachRefused(host, TARGET));
  }

  private void assertPossible(Finding... findings) {
    assertRefusal(String.join(" Or: ", Arrays.stream(findings).map(Finding::text).toList()));
  }

  @Nested
  class OfTheTask {
    @Test
    void aKernelThreadIsKnownByItsFlag() {
      host.text("/proc/200/stat", "200 (a) (b) S 2 0 0 0 -1 69238880 0 0 0");
      assertRefusal(Finding.KERNEL_THREAD);
    }

    @Test
    void theJvmsOwnProcessIsItself() {
      assertEquals(
          "PTRACE_SEIZE of process 100 (java) answered EPERM. " + Finding.OWN_THREAD.text(),
          Diagnosis.attachRefused(host, JVM));
    }

    @Test
    void theJvmsOwnThreadIsItselfToo() {
      host.status(123, "Name", "C2 CompilerThre").status(123, "Tgid", "100");
      assertEquals(
          "PTRACE_SEIZE of thread 123 of process 100 (java) answered EPERM. "
              + Finding.OWN_THREAD.text(),
          Diagnosis.attachRefused(host, 123));
    }

    @Test
    void aZombieIsToldWithItsParent() {
      host.process(150, 1, "make")
          .status(TARGET, "PPid", "150")
          .status(TARGET, "State", "Z (zombie)");
      assertRefusal(
          "It has ended, and is a zombie until process 150 (make), its parent, waits for it."
              + " There is nothing left to trace.");
    }

    @Test
    void aZombiesParentMayBeOutsideOfTheNamespace() {
      host.status(TARGET, "PPid", "0").status(TARGET, "State", "Z (zombie)");
      assertRefusal(Finding.ENDED.text("process N (NAME)", "a process that is not visible here"));
    }

    @Test
    void anotherTracerIsTheProcessOfTheTracingThread() {
      host.process(300, 1, "strace").status(301, "Name", "worker").status(301, "Tgid", "300");
      host.status(TARGET, "TracerPid", "301");
      assertRefusal(Finding.TRACED.text("process N (NAME)", "process 300 (strace)"));
    }

    @Test
    void anotherTracerWhoseStatusIsHiddenIsANumber() {
      host.status(TARGET, "TracerPid", "301");
      assertRefusal(Finding.TRACED.text("process N (NAME)", "process 301"));
    }

    @Test
    void thisJvmsThreadAsTracerIsThisJvm() {
      host.status(123, "Tgid", "100").status(TARGET, "TracerPid", "123");
      assertRefusal(Finding.TRACED_HERE);
    }

    @Test
    void aTracingStopWithoutTracerIsOfOneOutside() {
      host.status(TARGET, "State", "t (tracing stop)");
      assertRefusal(Finding.TRACED_OUTSIDE);
    }

    @Test
    void anythingOfTheTaskIsToldBeforeRightsThatWouldNotHelp() {
      host.yama(3).filtered().denied().status(TARGET, "Uid", "0\t0\t0\t0");
      host.text("/proc/200/stat", "200 (kworker) I 2 0 0 0 -1 69238880 0 0 0");
      assertRefusal(Finding.KERNEL_THREAD);
    }

    @Test
    void whatIsNotThereAnyMoreHasEnded() {
      host.without("/proc/200/status");
      assertEquals(
          "PTRACE_SEIZE of process 200 answered EPERM. " + Finding.GONE.text(),
          Diagnosis.attachRefused(host, TARGET));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hidepid=2", "rw,hidepid=invisible,gid=5", "hidepid=ptraceable"})
    void whatIsNotThereMayBeHidden(String options) {
      host.without("/proc/200/status");
      host.text(
          "/proc/self/mounts", "/dev/sda / ext4 rw 0 0\nproc /proc proc " + options + " 0 0\n");
      assertEquals(
          "PTRACE_SEIZE of process 200 answered EPERM. " + Finding.HIDDEN.text(),
          Diagnosis.attachRefused(host, TARGET));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw,relatime", "hidepid=0", "rw,hidepid=off"})
    void nothingIsHiddenWithoutTheOption(String options) {
      host.without("/proc/200/status");
      host.text("/proc/self/mounts", "proc /proc proc " + options + " 0 0\n");
      String message = Diagnosis.attachRefused(host, TARGET);
      assertTrue(message.endsWith(Finding.GONE.text()), message);
    }
  }

  @Nested
  class OfThisJvm {
    @Test
    void aFilterThatRefusesPtraceIsTheReason() {
      host.filtered();
      assertRefusal(Finding.FILTERED);
    }

    @Test
    void yamasStrictestScopeIsTheReasonWithEveryRight() {
      host.capable().yama(3);
      assertRefusal(Finding.YAMA_FORBIDS);
    }

    @Test
    void procOfAnotherPidNamespaceIsNotBelieved() {
      host.jvm("NSpid", "101\t1").status(TARGET, "TracerPid", "1");
      assertEquals(
          "PTRACE_SEIZE of process 200 answered EPERM. " + Finding.PROC_ELSEWHERE.text(),
          Diagnosis.attachRefused(host, TARGET));
    }

    @Test
    void withoutProcNothingIsKnown() {
      host.without("/proc/thread-self/status");
      assertEquals(
          "PTRACE_SEIZE of process 200 answered EPERM. " + Finding.PROC_ELSEWHERE.text(),
          Diagnosis.attachRefused(host, TARGET));
    }
  }

  @Nested
  class OfCredentials {
    @Test
    void anotherUserIsToldByNumber() {
      host.denied().status(TARGET, "Uid", "33\t33\t33\t33").status(TARGET, "Gid", "33\t33\t33\t33");
      assertRefusal(
          Finding.ANOTHER_USER.text("IDS", "uid 33, gid 33; this JVM: uid 1000, gid 1000"));
    }

    @Test
    void aSetUserIdProgramShowsItsThreeIds() {
      host.denied().status(TARGET, "Uid", "1000\t0\t0\t0");
      assertRefusal(
          Finding.ANOTHER_USER.text(
              "IDS", "uid 1000, effective 0, saved 0, gid 1000; this JVM: uid 1000, gid 1000"));
    }

    @Test
    void anotherGroupAloneIsEnough() {
      host.denied().status(TARGET, "Gid", "1000\t1000\t42\t1000");
      assertRefusal(
          Finding.ANOTHER_USER.text(
              "IDS", "uid 1000, gid 1000, effective 1000, saved 42; this JVM: uid 1000, gid 1000"));
    }

    @Test
    void theJvmsRealIdsAreCompared() {
      host.denied().jvm("Uid", "0\t1000\t1000\t1000");
      assertRefusal(
          Finding.ANOTHER_USER.text(
              "IDS", "uid 1000, gid 1000; this JVM: uid 0, effective 1000, saved 1000, gid 1000"));
    }

    @Test
    void theFileSystemIdIsNot() {
      host.denied().status(TARGET, "Uid", "1000\t1000\t1000\t33");
      assertPossible(Finding.OTHER_MODULE);
    }

    @Test
    void idsBeyondTwoToThe31AreNumbersToo() {
      host.denied().status(TARGET, "Uid", "4294967294\t4294967294\t4294967294\t4294967294");
      assertRefusal(
          Finding.ANOTHER_USER.text(
              "IDS", "uid 4294967294, gid 1000; this JVM: uid 1000, gid 1000"));
    }

    @Test
    void moreCapabilitiesAreTheReasonWithTheSameUser() {
      host.denied().status(TARGET, "CapPrm", "0000000000000401").jvm("CapPrm", "0000000000000001");
      assertRefusal(Finding.MORE_CAPABILITIES.text("MASK", "400"));
    }

    @Test
    void aNonDumpableProcessIsKnownByTheOwnerOfItsFiles() {
      host.denied().owner("/proc/200/status", 0);
      assertRefusal(Finding.NOT_DUMPABLE);
    }

    @Test
    void rootsNonDumpableProcessCannotBeToldFromWhatASecurityModuleForbids() {
      for (String field : new String[] {"Uid", "Gid"}) {
        host.jvm(field, "0\t0\t0\t0").status(TARGET, field, "0\t0\t0\t0");
      }
      host.denied().owner("/proc/200/status", 0);
      assertPossible(Finding.NOT_DUMPABLE, Finding.OTHER_MODULE);
    }

    @Test
    void noneIsTheReasonWhenTheKernelLetsTheJvmLook() {
      host.status(TARGET, "Uid", "33\t33\t33\t33").status(TARGET, "CapPrm", "ff").yama(1);
      host.owner("/proc/200/status", 0);
      assertRefusal(Finding.YAMA_DESCENDANTS);
    }

    @Test
    void aCapabilityThatDoesNotReachSpeaksOfTheUserNamespace() {
      host.capable().denied().status(TARGET, "Uid", "65534\t65534\t65534\t65534");
      host.link("/proc/self/ns/user", "user:[4026532177]");
      assertPossible(Finding.USER_NAMESPACE, Finding.OTHER_MODULE);
    }
  }

  @Nested
  class OfAttaching {
    @Test
    void yamaAsksForTheCapability() {
      host.yama(2);
      assertRefusal(Finding.YAMA_CAPABILITY);
    }

    @Test
    void yamaAsksForADescendant() {
      host.yama(1);
      assertRefusal(Finding.YAMA_DESCENDANTS);
    }

    @Test
    void theRightToLookIsToldBeforeYama() {
      host.yama(1).denied().status(TARGET, "Uid", "33\t33\t33\t33");
      String message = Diagnosis.attachRefused(host, TARGET);
      assertTrue(message.contains("It runs as another user"), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void yamaIsNotTheReasonWithTheCapability(int scope) {
      host.yama(scope).capable();
      assertPossible(Finding.OTHER_MODULE);
    }

    @Test
    void yamaIsNotTheReasonForADescendant() {
      host.yama(1).status(TARGET, "PPid", "150").process(150, JVM, "sh");
      assertPossible(Finding.OTHER_MODULE);
    }

    @Test
    void yamaWithoutScopeIsNotTheReason() {
      host.yama(0);
      assertPossible(Finding.OTHER_MODULE);
    }

    @Test
    void selinuxsSwitchIsTheReasonWhileItEnforces() {
      host.text("/sys/fs/selinux/booleans/deny_ptrace", "1 1");
      assertPossible(Finding.OTHER_MODULE);
      host.text("/sys/fs/selinux/enforce", "1");
      assertRefusal(Finding.SELINUX_DENIES);
    }
  }

  @Nested
  class WithoutCertainty {
    @Test
    void everythingThatCouldBeIsTold() {
      host.denied().jvm("Seccomp", "2");
      host.link("/proc/self/ns/user", "user:[1]").link("/proc/self/ns/pid", "pid:[2]");
      host.text("/sys/fs/selinux/enforce", "1");
      assertPossible(
          Finding.USER_NAMESPACE,
          Finding.FILTERED,
          Finding.TRACED_OUTSIDE,
          Finding.SELINUX,
          Finding.OTHER_MODULE);
    }

    @Test
    void anEnforcedAppArmorProfileIsToldWithBoth() {
      host.text("/proc/thread-self/attr/current", "docker-default (enforce)\n");
      host.text("/proc/200/attr/apparmor/current", "unconfined\n");
      String profiles = "unconfined; this JVM: docker-default (enforce)";
      assertRefusal(
          Finding.APPARMOR.text("PROFILES", profiles) + " Or: " + Finding.OTHER_MODULE.text());
    }

    @Test
    void anUnconfinedOrComplainingProfileIsNoReason() {
      host.text("/proc/thread-self/attr/current", "unconfined\n");
      host.text("/proc/200/attr/current", "nginx (complain)\n");
      assertPossible(Finding.OTHER_MODULE);
    }
  }

  @Test
  void aChildIsCalledOne() {
    host.filtered();
    assertEquals(
        "PTRACE_SEIZE of a child process answered EPERM. " + Finding.FILTERED.text(),
        Diagnosis.childRefused(host, TARGET));
  }

  @Nested
  class WithoutSuchAProcess {
    @Test
    void itsNumberIsTold() {
      assertEquals("There is no process 4711", Diagnosis.noSuchProcess(host, 4711));
    }

    @Test
    void aContainerIsRemindedThatItsNumbersAreItsOwn() {
      host.link("/proc/self/ns/pid", "pid:[4026532178]");
      String message = Diagnosis.noSuchProcess(host, 4711);
      assertTrue(
          message.startsWith("There is no process 4711 in this pid namespace. ")
              && message.contains("--pid=host"),
          message);
    }

    @Test
    void aZombieIsNoneAnyMore() {
      host.process(150, 1, "make")
          .status(TARGET, "PPid", "150")
          .status(TARGET, "State", "Z (zombie)");
      assertEquals(
          "There is no process 200 any more. "
              + Finding.ENDED.text("process N (NAME)", "process 150 (make)"),
          Diagnosis.noSuchProcess(host, TARGET));
    }

    @Test
    void itMayBeHidden() {
      host.text("/proc/self/mounts", "proc /proc proc rw,hidepid=invisible 0 0\n");
      assertEquals(
          "There is no process 4711, or none to be seen. " + Finding.HIDDEN.text(),
          Diagnosis.noSuchProcess(host, 4711));
    }

    @Test
    void aThreadsNumberLeadsToItsProcess() {
      host.status(201, "Name", "worker").status(201, "Tgid", "200");
      String message = Diagnosis.noSuchProcess(host, 201);
      assertTrue(message.startsWith("201 is a thread of process 200 (target): "), message);
    }

    @Test
    void procOfAnotherPidNamespaceIsNotBelieved() {
      host.jvm("NSpid", "101\t1").status(201, "Tgid", "200");
      assertEquals(
          "There is no process 201. " + Finding.PROC_ELSEWHERE.text(),
          Diagnosis.noSuchProcess(host, 201));
    }
  }

  @Test
  void aZombieHasEndedAndASleeperHasNot() {
    assertFalse(TaskStatus.of(host, TARGET).orElseThrow().hasEnded());
    host.status(TARGET, "State", "Z (zombie)");
    assertTrue(TaskStatus.of(host, TARGET).orElseThrow().hasEnded());
  }
}
