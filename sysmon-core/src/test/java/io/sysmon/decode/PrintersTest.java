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
          "in cachestat_range",
          "in file_attr",
          "in kexec_segment",
          "in lsm_ctx",
          "in mmap_args",
          "in mnt_id_req",
          "in ns_id_req",
          "in rseq",
          "in select_args",
          "in sysctl_args",
          "in xattr_args",
          "out cachestat",
          "out file_attr",
          "out lsm_ctx",
          "out lsm_id",
          "out old_dirent",
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
