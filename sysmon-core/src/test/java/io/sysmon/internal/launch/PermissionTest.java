package io.sysmon.internal.launch;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class PermissionTest {
  @Test
  void yamasStrictestScopeIsNamed() {
    String reason = Permission.reason(Optional.of("3\n"), Optional.empty(), Optional.empty());
    assertTrue(reason.contains("kernel.yama.ptrace_scope is 3"), reason);
  }

  @Test
  void aContainersFilterIsNamedWithItsRemedy() {
    String reason =
        Permission.reason(
            Optional.of("1\n"), Optional.of("Name:\tjava\nSeccomp:\t2\n"), Optional.empty());
    assertTrue(reason.contains("seccomp filter") && reason.contains("SYS_PTRACE"), reason);
  }

  @Test
  void anotherTracerIsNamed() {
    String reason =
        Permission.reason(
            Optional.empty(), Optional.of("Seccomp:\t0\n"), Optional.of("TracerPid:\t4711\n"));
    assertTrue(reason.contains("4711"), reason);
  }

  @Test
  void withoutAFindingSecurityModulesAreSuspected() {
    String reason =
        Permission.reason(
            Optional.of("1"), Optional.of("Seccomp:\t0\n"), Optional.of("TracerPid:\t0\n"));
    assertTrue(reason.contains("SELinux"), reason);
  }
}
