package io.sysmon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupsTest {
  private static final String ID = "0123456789abcdef".repeat(4);
  private static final String OTHER = "fedcba9876543210".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "/system.slice/docker-ID.scope",
    "/docker/ID",
    "/kubepods/burstable/pod8a3b/ID",
    "/kubepods.slice/kubepods-pod8a3b.slice/cri-containerd-ID.scope",
    "/machine.slice/libpod-ID.scope/container"
  })
  void aContainersIdIsFoundInTheNameOfItsGroup(String path) {
    Cgroups cgroups = Cgroups.parse("0::" + path.replace("ID", ID) + "\n");
    assertEquals(Optional.of(ID), cgroups.container());
    assertEquals(path.replace("ID", ID), cgroups.path());
  }

  @ParameterizedTest
  @CsvSource({
    "/lxc.payload.web, web",
    "/lxc/web/init.scope, web",
    "/machine.slice/machine-web.scope, web"
  })
  void aContainerWithoutAnIdHasItsName(String path, String name) {
    assertEquals(Optional.of(name), Cgroups.parse("0::" + path + "\n").container());
  }

  @Test
  void theInnermostContainerCounts() {
    assertEquals(
        Optional.of(OTHER),
        Cgroups.parse("0::/docker/" + ID + "/docker/" + OTHER + "\n").container());
  }

  @Test
  void anotherHierarchyIsLookedAtWhereTheUnifiedOneTellsNothing() {
    Cgroups cgroups = Cgroups.parse("9:name=systemd:/\n4:memory:/docker/" + ID + "\n0::/\n");
    assertEquals("/docker/" + ID, cgroups.path());
    assertEquals(Optional.of(ID), cgroups.container());
  }

  @Test
  void aServiceIsNoContainer() {
    Cgroups cgroups = Cgroups.parse("0::/system.slice/cron.service\n");
    assertEquals(new Cgroups("/system.slice/cron.service", Optional.empty()), cgroups);
    assertEquals(new Cgroups("/", Optional.empty()), Cgroups.parse(""));
  }
}
