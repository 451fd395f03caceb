package io.sysmon.internal.sys;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The kernel's process-event connector: a netlink socket on which it tells of every fork, execve
 * and exit of the machine (drivers/connector/cn_proc.c). Used by one thread.
 *
 * <pre>{@code
 * struct nlmsghdr { __u32 len; __u16 type, flags; __u32 seq, pid; }               offset 0
 * struct cn_msg   { __u32 idx, val, seq, ack; __u16 len, flags; }                       16
 * struct proc_event { __u32 what; __u32 cpu; __u64 timestamp_ns;                    36, 40, 44
 *   union { struct { __u32 err; } ack;                                                  52
 *           struct { __u32 parent_pid, parent_tgid, child_pid, child_tgid; } fork;      52 to 64
 *           struct { __u32 process_pid, process_tgid; } exec, exit; ... } }
 * }</pre>
 */
public final class ProcessEvents implements AutoCloseable {
  /** Takes what happened to processes. */
  public interface Receiver {
    /** A process has begun. */
    void forked(int pid);

    /** A process has executed a program. */
    void executed(int pid);

    /** A process has ended, or will with its last thread. */
    void exited(int pid);

    /** Some events were lost, because the kernel had more of them than were read in time. */
    void overflowed();
  }

  private static final int AF_NETLINK = 16;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int NETLINK_CONNECTOR = 11;
  private static final int CN_IDX_PROC = 1;
  private static final int CN_VAL_PROC = 1;
  private static final int NLMSG_DONE = 3;
  private static final int PROC_CN_MCAST_LISTEN = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int POLLIN = 1;
  private static final int ENOBUFS = 105;

  private static final int EVENT_NONE = 0;
  private static final int EVENT_FORK = 1;
  private static final int EVENT_EXEC = 2;
  private static final int EVENT_EXIT = 0x80000000;

  private static final int NL_TYPE_OFFSET = 4;
  private static final int CN_IDX_OFFSET = 16;
  private static final int CN_VAL_OFFSET = 20;
  private static final int CN_ACK_OFFSET = 28;
  private static final int CN_LEN_OFFSET = 32;
  private static final int WHAT_OFFSET = 36;
  private static final int DATA_OFFSET = 52;
  private static final int CHILD_PID_OFFSET = 60;

  private static final int RECEIVED = 64;
  private static final int RECEIVED_SIZE = 512;

  /** Room for tens of thousands of events: about 200 bytes each, most of it the kernel's own. */
  private static final int BUFFER_SIZE = 16 << 20;

  private static final int ANSWER_MILLIS = 500;

  private final LibC libc = Native.libc();
  private final OffHeap memory = new OffHeap(RECEIVED + RECEIVED_SIZE);
  private final ByteBuffer bytes = memory.buffer();
  private final int socket;

  private ProcessEvents(int socket) {
    this.socket = socket;
  }

  /**
   * Asks the kernel for the events.
   *
   * @return empty when it does not give them: for lack of {@code CAP_NET_ADMIN} (which is needed
   *     before Linux 6.6), in a pid or user namespace of its own, or built without them
   */
  public static Optional<ProcessEvents> open() {
    int socket = Native.libc().socket(AF_NETLINK, SOCK_DGRAM_CLOEXEC, NETLINK_CONNECTOR);
    if (socket < 0) {
      return Optional.empty();
    }
    ProcessEvents events = new ProcessEvents(socket);
    if (events.subscribe()) {
      return Optional.of(events);
    }
    events.close();
    return Optional.empty();
  }

  private boolean subscribe() {
    bytes.putShort(0, (short) AF_NETLINK);
    bytes.putInt(4, 0); // The kernel chooses the port.
    bytes.putInt(8, CN_IDX_PROC);
    if (libc.bind(socket, memory.address(0), 12) != 0) {
      return false;
    }
    bytes.putInt(0, BUFFER_SIZE);
    // Without the right to it the buffer keeps its size, and overflows earlier.
    libc.setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, memory.address(0), Integer.BYTES);
    int mark = (int) System.nanoTime() & Integer.MAX_VALUE;
    int length = WHAT_OFFSET + Integer.BYTES;
    for (int i = 0; i < length; i++) {
      bytes.put(i, (byte) 0);
    }
    bytes.putInt(0, length);
    bytes.putShort(NL_TYPE_OFFSET, (short) NLMSG_DONE);
    bytes.putInt(CN_IDX_OFFSET, CN_IDX_PROC);
    bytes.putInt(CN_VAL_OFFSET, CN_VAL_PROC);
    bytes.putInt(CN_ACK_OFFSET, mark);
    bytes.putShort(CN_LEN_OFFSET, (short) Integer.BYTES);
    bytes.putInt(WHAT_OFFSET, PROC_CN_MCAST_LISTEN);
    return libc.send(socket, memory.address(0), length, 0) == length && isAnswered(mark);
  }

  /** Where the kernel does not want to, it says nothing. Events that come before are not ours. */
  private boolean isAnswered(int mark) {
    long deadline = System.nanoTime() + ANSWER_MILLIS * 1_000_000L;
    while (System.nanoTime() < deadline) {
      // Everybody who listens hears the answers to all.
      if (isReadable(ANSWER_MILLIS)
          && receive() > 0
          && field(WHAT_OFFSET) == EVENT_NONE
          && field(CN_ACK_OFFSET) == mark + 1) {
        return field(DATA_OFFSET) == 0;
      }
    }
    return false;
  }

  /**
   * Waits for events and hands over those that have come.
   *
   * @param millis how long to wait for the first
   */
  public void await(int millis, Receiver receiver) {
    if (!isReadable(millis)) {
      return;
    }
    long length;
    while ((length = receive()) != 0) {
      if (length > 0) {
        take(receiver);
      } else if (length == -ENOBUFS) {
        receiver.overflowed();
      } else {
        throw new SystemCallException("recv of process events", (int) -length);
      }
    }
  }

  private boolean isReadable(int millis) {
    bytes.putInt(0, socket);
    bytes.putInt(4, POLLIN);
    return libc.poll(memory.address(0), 1, millis) > 0;
  }

  /** 0 when there is nothing; minus the errno. */
  private long receive() {
    long length = libc.recv(socket, memory.address(RECEIVED), RECEIVED_SIZE, MSG_DONTWAIT);
    if (length >= 0) {
      return length;
    }
    int errno = Native.errno();
    return errno == 11 /* EAGAIN */ || errno == 4 /* EINTR */ ? 0 : -errno;
  }

  private int field(int offset) {
    return bytes.getInt(RECEIVED + offset);
  }

  private void take(Receiver receiver) {
    int what = field(WHAT_OFFSET);
    int offset = what == EVENT_FORK ? CHILD_PID_OFFSET : DATA_OFFSET;
    int tid = field(offset);
    int pid = field(offset + Integer.BYTES);
    if (what == EVENT_EXEC) {
      receiver.executed(pid);
    } else if (tid != pid) {
      // A thread.
      return;
    } else if (what == EVENT_FORK) {
      receiver.forked(pid);
    } else if (what == EVENT_EXIT) {
      receiver.exited(pid);
    }
  }

  @Override
  public void close() {
    libc.close(socket);
  }
}
