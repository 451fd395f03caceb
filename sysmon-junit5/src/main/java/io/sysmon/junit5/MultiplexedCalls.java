package io.sysmon.junit5;

import io.sysmon.Interest;
import io.sysmon.SyscallStop;
import java.util.List;
import java.util.Map;

/**
 * The calls that stand for others: programs of i386 make those of sockets by socketcall(2), mostly,
 * and those of System V by ipc(2). Who wants to see what is made wants to see these, too.
 */
final class MultiplexedCalls {
  private static final Map<String, List<String>> CALLS =
      Map.of(
          "socketcall",
          names(
              "socket,bind,connect,listen,accept,getsockname,getpeername,socketpair,sendto,recvfrom,"
                  + "shutdown,setsockopt,getsockopt,sendmsg,recvmsg,accept4,recvmmsg,sendmmsg"),
          "ipc",
          names(
              "semop,semget,semctl,semtimedop,msgsnd,msgrcv,msgget,msgctl,shmat,shmdt,shmget,shmctl"));

  /** Calls that only a socketcall(2) makes, and those that are told about them. */
  private static final Map<String, String> LONGER = Map.of("send", "sendto", "recv", "recvfrom");

  private MultiplexedCalls() {}

  private static List<String> names(String calls) {
    return List.of(calls.split(",", -1));
  }

  /** An interest, and in what may stand for what it is about. */
  static Interest with(Interest interest) {
    Interest all = interest;
    for (Map.Entry<String, List<String>> calls : CALLS.entrySet()) {
      if (calls.getValue().stream().anyMatch(interest::wantsEnter)) {
        all = all.and(Interest.of(calls.getKey()));
      }
    }
    return all;
  }

  /** Whether an interest is about a call, or about the one that this stands for. */
  static boolean isWanted(Interest interest, SyscallStop call) {
    String meant = call.meant().name();
    return interest.wantsEnter(call.name())
        || interest.wantsEnter(LONGER.getOrDefault(meant, meant));
  }
}
