package io.sysmon.decode;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Printers of System V messages, and of what msgctl, semctl and shmctl(2) read and fill. */
final class IpcPrinters {
  private static final int IPC_64 = 0x100;
  private static final int IPC_SET = 1;
  private static final int IPC_STAT = 2;
  private static final int IPC_INFO = 3;

  private static final String[] MESSAGE_LIMIT_NAMES = {
    "msgpool", "msgmap", "msgmax", "msgmnb", "msgmni", "msgssz", "msgtql"
  };
  private static final String[] SEMAPHORE_LIMIT_NAMES = {
    "semmap", "semmni", "semmns", "semmnu", "semmsl", "semopm", "semume", "semusz", "semvmx",
    "semaem"
  };
  private static final String[] MEMORY_LIMIT_NAMES = {
    "shmmax", "shmmin", "shmmni", "shmseg", "shmall"
  };
  private static final String[] MEMORY_USE_NAMES = {
    "shm_tot", "shm_rss", "shm_swp", "swap_attempts", "swap_successes"
  };

  private static final FixedStruct MESSAGE_LIMITS =
      new FixedStruct(
          abi -> 32,
          (c, s) ->
              integers(new FieldText(c), s, MESSAGE_LIMIT_NAMES)
                  .unsigned("msgseg", s.u16(28))
                  .end());
  private static final FixedStruct SEMAPHORE_LIMITS =
      new FixedStruct(
          abi -> 40, (c, s) -> integers(new FieldText(c), s, SEMAPHORE_LIMIT_NAMES).end());

  /** By the type of the argument. */
  private static final Map<String, Family> FAMILIES =
      Map.of(
          "msqid_ds",
          new Family(
              Set.of(11, 13),
              12,
              new FixedStruct(abi -> is64(abi) ? 120 : 88, IpcPrinters::messageQueue),
              MESSAGE_LIMITS,
              MESSAGE_LIMITS),
          "semun",
          new Family(
              Set.of(18, 20),
              19,
              new FixedStruct(abi -> is64(abi) ? 104 : 64, IpcPrinters::semaphoreSet),
              SEMAPHORE_LIMITS,
              SEMAPHORE_LIMITS),
          "shmid_ds",
          new Family(
              Set.of(13, 15),
              14,
              new FixedStruct(abi -> is64(abi) ? 112 : 84, IpcPrinters::sharedMemory),
              new FixedStruct(abi -> 9 * abi.registerSize(), IpcPrinters::memoryLimits),
              new FixedStruct(abi -> 6 * abi.registerSize(), IpcPrinters::memoryUse)));

  private IpcPrinters() {}

  static void register(Map<String, PointedPrinter> types) {
    types.put("msgbuf", IpcPrinters::message);
  }

  static void registerArguments(Map<String, ArgumentPrinter> printers) {
    printers.put("ipc_buf", new Buffer());
  }

  /** {@code struct msgbuf}: a word, and as many bytes as the call says. */
  private static void message(PrintContext context, Kind kind, long address) {
    StructBytes type = context.struct(address, context.abi.wordSize());
    if (type == null) {
      context.address(address);
      return;
    }
    long text = address + context.abi.wordSize();
    long length = context.reference(kind, "len", 0);
    new FieldText(context)
        .signed("mtype", type.signedWord(0))
        .value("mtext", c -> StringPrinters.buffer(c, text, length))
        .end();
  }

  /**
   * What the commands of msgctl, semctl or shmctl have at the address.
   *
   * @param stating {@code MSG_STAT MSG_STAT_ANY} or their like, which fill what {@code IPC_STAT}
   *     does
   * @param info {@code MSG_INFO} or its like
   * @param state what {@code IPC_STAT} fills
   * @param limits what {@code IPC_INFO} fills
   * @param use what {@code MSG_INFO} or its like fills
   */
  private record Family(
      Set<Integer> stating, int info, FixedStruct state, FixedStruct limits, FixedStruct use) {
    @Nullable FixedStruct of(int command) {
      if (command == IPC_SET || command == IPC_STAT || stating.contains(command)) {
        return state;
      }
      if (command == info) {
        return use;
      }
      return command == IPC_INFO ? limits : null;
    }
  }

  private static final class Buffer implements ArgumentPrinter {
    @Override
    public boolean waitsForExit(PrintContext context, Argument argument) {
      return struct(context, argument) != null && command(context, argument) != IPC_SET;
    }

    @Override
    public void print(PrintContext context, Argument argument) {
      FixedStruct struct = struct(context, argument);
      if (struct == null || (context.isExiting() && context.failed())) {
        context.address(context.register(argument));
      } else {
        struct.print(context, Kind.HEX, context.register(argument));
      }
    }

    private static int command(PrintContext context, Argument argument) {
      return (int) context.reference(argument.kind(), "by", 0) & ~IPC_64;
    }

    private static @Nullable FixedStruct struct(PrintContext context, Argument argument) {
      Family family = FAMILIES.get(argument.kind().type());
      return family == null ? null : family.of(command(context, argument));
    }
  }

  /** x32 has the structures of x86_64. */
  private static boolean is64(AbiLayout abi) {
    return abi.registerSize() == 8;
  }

  private static long word(PrintContext context, StructBytes bytes, int offset) {
    return is64(context.abi) ? bytes.i64(offset) : bytes.u32(offset);
  }

  /** {@code key 0 uid 4 gid 8 cuid 12 cgid 16 mode 20}, of which i386 uses 16 bits. */
  private static void permissions(PrintContext context, StructBytes bytes) {
    FieldText fields =
        new FieldText(context)
            .id("uid", bytes.i32(4))
            .id("gid", bytes.i32(8))
            .octal("mode", is64(context.abi) ? bytes.u32(20) : bytes.u16(20));
    if (!isSetting(context)) {
      fields.unsigned("key", bytes.u32(0)).id("cuid", bytes.i32(12)).id("cgid", bytes.i32(16));
    }
    fields.end();
  }

  /** What is set is read at the entry, and everything else is filled. */
  private static boolean isSetting(PrintContext context) {
    return !context.isExiting();
  }

  /**
   * {@code struct msqid64_ds}.
   *
   * <pre>{@code
   * 64 bits  perm 0  stime 48   rtime 56   ctime 64   qnum 80  qbytes 88  lspid 96  lrpid 100
   * i386     perm 0  stime 36:8 rtime 44:8 ctime 52:8 qnum 64  qbytes 68  lspid 72  lrpid 76
   * }</pre>
   */
  private static void messageQueue(PrintContext context, StructBytes queue) {
    boolean wide = is64(context.abi);
    FieldText fields = new FieldText(context).value("msg_perm", c -> permissions(c, queue));
    if (!isSetting(context)) {
      fields
          .unsigned("msg_stime", word(context, queue, wide ? 48 : 36))
          .unsigned("msg_rtime", word(context, queue, wide ? 56 : 44))
          .unsigned("msg_ctime", word(context, queue, wide ? 64 : 52))
          .unsigned("msg_qnum", word(context, queue, wide ? 80 : 64));
    }
    fields.unsigned("msg_qbytes", word(context, queue, wide ? 88 : 68));
    if (!isSetting(context)) {
      fields.signed("msg_lspid", queue.i32(wide ? 96 : 72));
      fields.signed("msg_lrpid", queue.i32(wide ? 100 : 76));
    }
    fields.end();
  }

  /**
   * {@code struct semid64_ds}: on x86 there is an unused word behind each time.
   *
   * <pre>{@code
   * x86_64   perm 0  otime 48    ctime 64    nsems 80
   * aarch64  perm 0  otime 48    ctime 56    nsems 64
   * i386     perm 0  otime 36:8  ctime 44:8  nsems 52
   * }</pre>
   */
  private static void semaphoreSet(PrintContext context, StructBytes set) {
    boolean isArm = context.abi == AbiLayout.AARCH64;
    boolean wide = is64(context.abi);
    int changed = isArm ? 56 : 64;
    int number = isArm ? 64 : 80;
    FieldText fields = new FieldText(context).value("sem_perm", c -> permissions(c, set));
    if (!isSetting(context)) {
      fields
          .unsigned("sem_otime", word(context, set, wide ? 48 : 36))
          .unsigned("sem_ctime", word(context, set, wide ? changed : 44))
          .unsigned("sem_nsems", word(context, set, wide ? number : 52));
    }
    fields.end();
  }

  /**
   * {@code struct shmid64_ds}.
   *
   * <pre>{@code
   * 64 bits  perm 0  segsz 48  atime 56   dtime 64   ctime 72   cpid 80  lpid 84  nattch 88
   * i386     perm 0  segsz 36  atime 40:8 dtime 48:8 ctime 56:8 cpid 64  lpid 68  nattch 72
   * }</pre>
   */
  private static void sharedMemory(PrintContext context, StructBytes segment) {
    boolean wide = is64(context.abi);
    FieldText fields = new FieldText(context).value("shm_perm", c -> permissions(c, segment));
    if (!isSetting(context)) {
      fields
          .unsigned("shm_segsz", word(context, segment, wide ? 48 : 36))
          .signed("shm_cpid", segment.i32(wide ? 80 : 64))
          .signed("shm_lpid", segment.i32(wide ? 84 : 68))
          .unsigned("shm_nattch", word(context, segment, wide ? 88 : 72))
          .unsigned("shm_atime", word(context, segment, wide ? 56 : 40))
          .unsigned("shm_dtime", word(context, segment, wide ? 64 : 48))
          .unsigned("shm_ctime", word(context, segment, wide ? 72 : 56));
    }
    fields.end();
  }

  private static void memoryLimits(PrintContext context, StructBytes limits) {
    words(context, new FieldText(context), limits, 0, MEMORY_LIMIT_NAMES);
  }

  private static void memoryUse(PrintContext context, StructBytes use) {
    FieldText fields = new FieldText(context).signed("used_ids", use.i32(0));
    words(context, fields, use, 1, MEMORY_USE_NAMES);
  }

  private static void words(
      PrintContext context, FieldText fields, StructBytes bytes, int first, String... names) {
    for (int index = 0; index < names.length; index++) {
      int offset = (first + index) * context.abi.registerSize();
      fields.unsigned(names[index], word(context, bytes, offset));
    }
    fields.end();
  }

  private static FieldText integers(FieldText fields, StructBytes bytes, String... names) {
    for (int index = 0; index < names.length; index++) {
      fields.signed(names[index], bytes.i32(4 * index));
    }
    return fields;
  }
}
