package io.sysmon.tests.services;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No request fails and nothing changes, however often a tracer attaches and detaches. */
class ServicesTest {
  private static final int FEW = 10;
  private static final int ROUNDS = Integer.getInteger("sysmon.services.rounds", 100);

  @TempDir private Path directory;

  private interface Start {
    Service in(Path directory) throws Exception;
  }

  private void attach(Start start, int rounds) throws Exception {
    try (Service service = start.in(directory)) {
      System.out.println(AttachRounds.run(service, rounds));
    }
  }

  @Test
  void someRoundsLeaveRedisAsItWas() throws Exception {
    attach(Redis::start, FEW);
  }

  @Test
  void someRoundsLeaveAJvmAsItWas() throws Exception {
    attach(JavaService::start, FEW);
  }

  @Test
  @Tag("services")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void redis() throws Exception {
    attach(Redis::start, ROUNDS);
  }

  @Test
  @Tag("services")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void nginx() throws Exception {
    attach(Nginx::start, ROUNDS);
  }

  @Test
  @Tag("services")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void postgres() throws Exception {
    attach(Postgres::start, ROUNDS);
  }

  @Test
  @Tag("services")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void jvm() throws Exception {
    attach(JavaService::start, ROUNDS);
  }
}
