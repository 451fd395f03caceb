package io.sysmon.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupportTest {
  @ParameterizedTest
  @ValueSource(strings = {"5.3", "5.3.0-rc1", "5.10.0-28-amd64", "6.1.0", "10.0"})
  void aKernelFromTheMinimumOnIsAccepted(String version) {
    assertNull(Support.refuse("Linux", version));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5.2.21", "4.19.0-27-amd64", "3.10.0-1160.el7.x86_64"})
  void anOlderKernelIsRefusedWithItsVersion(String version) {
    String reason = Support.refuse("Linux", version);
    assertNotNull(reason);
    assertTrue(reason.contains("5.3") && reason.contains(version), reason);
  }

  @Test
  void anotherSystemIsRefusedByName() {
    assertEquals(
        "SysMon traces by Linux's ptrace(2); this is Mac OS X", Support.refuse("Mac OS X", "14.1"));
  }

  @Test
  void aCpuWithoutModuleHasNoArchitecture() {
    assertTrue(Support.find("s390x", List.of()).isEmpty());
  }
}
