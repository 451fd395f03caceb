package io.sysmon.internal.engine;

import io.sysmon.BadAddressException;
import io.sysmon.CallArgument;
import io.sysmon.TracePermissionException;
import io.sysmon.TraceeDiedException;
import io.sysmon.decode.Argument;
import io.sysmon.decode.CallValues;
import io.sysmon.decode.Flags;
import io.sysmon.decode.Kind;
import io.sysmon.decode.SockAddr;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** An argument of the call that a view is of, as long as it is of that call. */
final class ArgumentView implements CallArgument {
  private final SyscallView view;
  private final long stop;
  private final CallValues values;
  private final Argument argument;

  ArgumentView(SyscallView view, CallValues values, Argument argument) {
    this.view = view;
    this.values = values;
    this.argument = argument;
    stop = view.serial();
  }

  /** The values, while they are those of the stop that is under way. */
  private CallValues values() {
    view.current(stop);
    return values;
  }

  @Override
  public int index() {
    return argument.register();
  }

  @Override
  public String name() {
    return argument.name();
  }

  @Override
  public Kind kind() {
    return argument.kind();
  }

  @Override
  public boolean isNull() {
    return values().register(argument) == 0;
  }

  @Override
  public long number() {
    return values().number(argument);
  }

  @Override
  public String path() {
    return values().path(argument);
  }

  @Override
  public Optional<Path> file() {
    Task task = view.current(stop);
    return new TaskFiles(task.tid()).find(values, argument);
  }

  @Override
  public Optional<String> absolutePath() {
    Task task = view.current(stop);
    return new TaskFiles(task.tid()).text(values, argument);
  }

  @Override
  public Flags flags() {
    return value(Flags.class);
  }

  @Override
  public SockAddr sockaddr() {
    return value(SockAddr.class);
  }

  @Override
  public <T> T value(Class<T> type) {
    return values().value(argument, checked(type));
  }

  @Override
  public <T> List<T> values(Class<T> type) {
    return values().values(argument, checked(type));
  }

  @Override
  public <T> Optional<T> find(Class<T> type) {
    checked(type);
    if (!values().isPresent(argument)) {
      return Optional.empty();
    }
    try {
      return values().find(argument, type);
    } catch (BadAddressException | TracePermissionException e) {
      return Optional.empty();
    }
  }

  private static <T> Class<T> checked(Class<T> type) {
    return Objects.requireNonNull(type, "type");
  }

  @Override
  public String describe() {
    try {
      return values().describe(argument);
    } catch (TraceeDiedException | TracePermissionException e) {
      return "0x" + Long.toHexString(values().register(argument));
    }
  }

  @Override
  public String toString() {
    return argument.name() + ":" + argument.kind();
  }
}
