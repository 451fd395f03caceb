package io.sysmon.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sysmon.Errno;
import io.sysmon.Interest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A database keeps its promise when it is killed at any moment, and when the disk is full. */
class SqliteTest {
  private static final String OLD = "ok\n75|0\n";
  private static final String NEW = "ok\n75|75\n";
  private static final Interest CHANGES = Interest.of("pwrite64", "fdatasync", "unlink");

  private static final String DATABASE = "test.db";

  @TempDir static Path prepared;
  @TempDir Path directory;

  private TracedCommand sqlite(TracedCommand command) {
    return command.directory(directory).record(CHANGES);
  }

  /** A database with enough pages for a transaction of sixty calls. */
  @BeforeAll
  static void aDatabaseIsPrepared() throws IOException, InterruptedException {
    Programs.assumeInstalled("sqlite3");
    String rows =
        "create table t (v, filler); with recursive c(i) as (select 1 union all select i + 1 from c"
            + " where i < 75) insert into t select 0, randomblob(700) from c;";
    ProcessBuilder sqlite =
        new ProcessBuilder("sqlite3", prepared.resolve(DATABASE).toString(), rows);
    assertEquals(0, sqlite.inheritIO().start().waitFor());
  }

  @BeforeEach
  void theDatabaseIsAsItWas() throws IOException {
    Files.copy(prepared.resolve(DATABASE), directory.resolve(DATABASE));
  }

  private Run update(Harness harness) throws IOException, InterruptedException {
    return sqlite(harness.subject("sqlite3", DATABASE, "update t set v = 1;")).run();
  }

  /** What is there after the recovery that opening a database is. */
  private String contents(Harness harness) throws IOException, InterruptedException {
    String query = "pragma integrity_check; select count(*), sum(v) from t;";
    Run run = sqlite(harness.command("sqlite3", DATABASE, query)).run();
    run.check().exitsWith(0);
    return run.stdout();
  }

  @CrashSweep(moment = CrashSweep.Moment.BEFORE, budgetSeconds = 30)
  void aTransactionIsWholeOrNotAtAllAfterACrash(@Traced Harness harness) throws Exception {
    Run run = update(harness);
    String contents = contents(harness);
    if (run.exitValue() == 0) {
      assertEquals(NEW, contents);
      // The bar that the sweep is for.
      assertTrue(run.calls().size() >= 60, () -> run.calls().size() + " calls change something");
    } else {
      run.check().exitsWith(137);
      assertTrue(Set.of(OLD, NEW).contains(contents), contents);
    }
  }

  @FaultSweep(calls = "pwrite64", path = "test.db*", errno = Errno.ENOSPC, budgetSeconds = 30)
  void aFullDiskIsToldAndHarmsNothing(@Traced Harness harness) throws Exception {
    Run run = update(harness);
    if (run.unmatched().isEmpty() && !run.rules().isEmpty()) {
      run.check().says("database or disk is full");
      assertEquals(OLD, contents(harness));
    } else {
      assertEquals(List.of(), run.calls().stream().filter(call -> !call.succeeded()).toList());
      assertEquals(NEW, contents(harness));
    }
  }
}
