package io.sysmon.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PrintersTest {
  /** Kinds that the table has and that are still printed as an address. A typo would show here. */
  private static final Set<String> UNDECODED =
      Set.of(
          "bpf_attr",
          "in cachestat_range",
          "in file_attr",
          "in file_handle",
          "in futex_waitv",
          "in iocb",
          "in iocbs",
          "in kexec_segment",
          "in landlock_rule_attr",
          "in landlock_ruleset_attr",
          "in lsm_ctx",
          "in mmap_args",
          "in mnt_id_req",
          "in mount_attr",
          "in msgbuf",
          "in nodemask",
          "in ns_id_req",
          "in perf_event_attr",
          "in rseq",
          "in sched_attr",
          "in select_args",
          "in sigevent",
          "in sysctl_args",
          "in xattr_args",
          "inout file_handle",
          "inout io_uring_params",
          "inout timex",
          "inout timex64",
          "io_uring_enter_arg",
          "io_uring_register_arg",
          "ipc_buf msqid_ds",
          "ipc_buf semun",
          "ipc_buf shmid_ds",
          "keyctl_arg",
          "modify_ldt",
          "out cachestat",
          "out file_attr",
          "out io_event",
          "out lsm_ctx",
          "out lsm_id",
          "out mempolicy",
          "out mincore",
          "out move_pages_status",
          "out msgbuf",
          "out nodemask",
          "out old_dirent",
          "out sched_attr",
          "out statmount",
          "out ustat",
          "out xattr_args",
          "quotactl_addr");

  @Test
  void everyOtherKindOfTheTableHasAPrinter() {
    Set<String> undecoded = new TreeSet<>();
    for (String abi : List.of("x86_64", "i386", "aarch64")) {
      for (SyscallSignature call : SyscallTable.get().abi(abi).all()) {
        for (Argument argument : call.arguments()) {
          if (!Printers.ALL.decodes(argument.kind()) && !call.name().equals("clone")) {
            String type = argument.kind().type();
            undecoded.add(argument.kind().name() + (type.isEmpty() ? "" : " " + type));
          }
        }
      }
    }
    assertEquals(new TreeSet<>(UNDECODED), undecoded);
  }
}
