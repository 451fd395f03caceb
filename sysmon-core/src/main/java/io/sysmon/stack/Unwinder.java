package io.sysmon.stack;

import io.sysmon.ExitStatus;
import io.sysmon.Interest;
import io.sysmon.Registers;
import io.sysmon.SignalStop;
import io.sysmon.SyscallExit;
import io.sysmon.SyscallListener;
import io.sysmon.SyscallStop;
import io.sysmon.TraceeHandle;
import io.sysmon.TraceeListener;
import io.sysmon.TraceeMemory;
import io.sysmon.TraceeTask;
import io.sysmon.internal.elf.ElfFile;
import io.sysmon.internal.elf.Frame;
import io.sysmon.internal.elf.FrameRow;
import io.sysmon.internal.elf.NoUnwindException;
import io.sysmon.internal.elf.SymbolTable;
import io.sysmon.internal.engine.Support;
import io.sysmon.spi.Architecture;
import io.sysmon.spi.DwarfRegisters;
import io.sysmon.spi.RegisterLayout;
import io.sysmon.spi.SignalFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Walks the stacks of stopped tasks. Give it to the tracer before the listeners that use it, so
 * that it learns when programs and libraries are loaded:
 *
 * <pre>{@code
 * Unwinder unwinder = new Unwinder();
 * Tracer.builder().listener(unwinder).listener(
 *     SyscallListener.onEnter(
 *         Interest.of("write"), call -> unwinder.frames(call).forEach(System.out::println)))
 * }</pre>
 *
 * <p>One that is not a listener tells by the code that a process had when it was first asked: after
 * an execve, or where one library has taken another's place, names may be wrong or the stack end
 * early; and nothing of ended processes is freed. At the execve by which a program is launched, the
 * frames are those of {@code /bin/sh}, which makes that call.
 *
 * <p>From a frame to its caller it goes by the descriptions that compilers add to each program for
 * exceptions ({@code .eh_frame}, in stripped ones too), and by frame pointers where code has none.
 * Functions are named by the symbols of the file ({@code .symtab}, {@code .dynsym}). Files are read
 * when they are met first, and kept; the code of a process is looked up again when it changes.
 *
 * <p>Tasks of 32-bit ABIs have no stacks here.
 */
public final class Unwinder implements SyscallListener, TraceeListener {
  /** The most frames of a stack: as many as strace(1) prints. */
  public static final int MOST_FRAMES = 256;

  private static final Interest MAPPING =
      Interest.exit("mmap", "mmap2", "munmap", "mremap", "mprotect", "pkey_mprotect", "shmat")
          .and(Interest.exit("shmdt", "remap_file_pages"));

  private final Architecture architecture = Support.architecture();
  private final DwarfRegisters numbers = architecture.dwarfRegisters();
  private final @Nullable SignalFrame signalFrame = architecture.signalFrame().orElse(null);
  private final String instructionPointer;
  private final CodeFiles files = new CodeFiles();
  private final Map<TraceeHandle, CodeMap> maps = new ConcurrentHashMap<>();

  /**
   * Creates one that has not met any program yet.
   *
   * @throws io.sysmon.UnsupportedPlatformException where there is no tracer either
   */
  public Unwinder() {
    RegisterLayout layout = architecture.registers();
    instructionPointer =
        layout.names().stream()
            .filter(name -> layout.offset(name) == layout.instructionPointer())
            .findFirst()
            .orElseThrow();
  }

  /** The exits of calls that map memory. */
  @Override
  public Interest interest() {
    return MAPPING;
  }

  @Override
  public void onExit(SyscallExit call) {
    maps.remove(call.task().tracee());
  }

  @Override
  public void onExec(TraceeTask task, int formerTid) {
    maps.remove(task.tracee());
  }

  @Override
  public void onExit(TraceeTask task, ExitStatus status) {
    maps.remove(task.tracee());
  }

  @Override
  public void onDetach(TraceeTask task) {
    maps.remove(task.tracee());
  }

  /**
   * The stack of a task that makes a system call. In its callback.
   *
   * @param stop the call
   * @return the innermost frame first, {@link #MOST_FRAMES} at most; a new list, and empty when the
   *     call is not one of the native ABI
   * @throws io.sysmon.TraceeDiedException when the task was killed meanwhile
   * @throws io.sysmon.TracePermissionException when the program is not dumpable
   */
  public List<StackFrame> frames(SyscallStop stop) {
    return stop.abi().equals(architecture.abis().get(0))
        ? frames(stop.task(), stop.registers(), stop.memory())
        : List.of();
  }

  /**
   * The stack of a task that gets a signal, as it is before a handler runs. In its callback.
   *
   * @param stop the signal
   * @return as {@link #frames(SyscallStop)}; empty when the code is not 64-bit code
   * @throws io.sysmon.TraceException when the registers cannot be read: of a task that was killed,
   *     of 32-bit code on aarch64, or while a system call is made inside the task
   */
  public List<StackFrame> frames(SignalStop stop) {
    return frames(stop.task(), stop.registers(), stop.memory());
  }

  private List<StackFrame> frames(TraceeTask task, Registers registers, TraceeMemory memory) {
    long[] values = new long[numbers.names().size()];
    for (int number = 0; number < values.length; number++) {
      values[number] = registers.get(numbers.names().get(number));
    }
    Frame innermost = Frame.innermost(numbers, registers.get(instructionPointer), values);
    return new Walk(task, memory).from(innermost);
  }

  /** One walk. */
  private final class Walk {
    private final TraceeTask task;
    private final TraceeMemory memory;
    private final StackMemory words;
    private final List<StackFrame> frames = new ArrayList<>();
    private CodeMap map;
    private boolean current;

    Walk(TraceeTask task, TraceeMemory memory) {
      this.task = task;
      this.memory = memory;
      words = new StackMemory(memory);
      CodeMap known = maps.get(task.tracee());
      map = known == null ? read() : known;
    }

    private CodeMap read() {
      CodeMap read = CodeMap.read(task.tid());
      maps.put(task.tracee(), read);
      current = true;
      return read;
    }

    private @Nullable Mapping mapping(long address) {
      Mapping found = map.at(address);
      if (found == null && !current) {
        map = read();
        found = map.at(address);
      }
      return found;
    }

    List<StackFrame> from(Frame innermost) {
      Frame frame = innermost;
      try {
        while (frames.size() < MOST_FRAMES) {
          frame = add(frame);
        }
      } catch (NoUnwindException e) {
        // The end of every stack.
        return frames;
      }
      return frames;
    }

    /** Adds a frame; its caller's is returned. */
    private Frame add(Frame frame) throws NoUnwindException {
      Mapping mapping = mapping(frame.codeAddress());
      if (mapping == null) {
        frames.add(new StackFrame(frame.address(), null, 0, null, 0));
        throw new NoUnwindException("This is no code");
      }
      Optional<ElfFile> found = files.of(task.tid(), mapping, memory);
      if (found.isEmpty()) {
        frames.add(frame(frame, mapping, null, 0));
        return frame.callerByFramePointer(words);
      }
      ElfFile file = found.get();
      if (file.is32()) {
        throw new NoUnwindException("This is 32-bit code");
      }
      return add(frame, mapping, file);
    }

    private Frame add(Frame frame, Mapping mapping, ElfFile file) throws NoUnwindException {
      long address;
      try {
        address = file.address(mapping.fileOffset(frame.codeAddress()));
      } catch (NoUnwindException e) {
        frames.add(frame(frame, mapping, null, 0));
        throw e;
      }
      frames.add(frame(frame, mapping, file.function(address), address));
      FrameRow row;
      try {
        row = file.row(address);
      } catch (NoUnwindException e) {
        return signalFrame != null && words.word(frame.address()) == signalFrame.returnCode()
            ? frame.interrupted(signalFrame, words)
            : frame.callerByFramePointer(words);
      }
      return frame.caller(row, words);
    }

    private StackFrame frame(
        Frame frame, Mapping mapping, SymbolTable.@Nullable Function function, long address) {
      if (mapping.name().isEmpty()) {
        return new StackFrame(frame.address(), null, 0, null, 0);
      }
      long offset = mapping.fileOffset(frame.address());
      // The address may be that of the instruction before.
      long more = frame.address() - frame.codeAddress();
      return function == null
          ? new StackFrame(frame.address(), mapping.name(), offset, null, 0)
          : new StackFrame(
              frame.address(),
              mapping.name(),
              offset,
              function.name(),
              address - function.address() + more);
    }
  }
}
