package io.sysmon.fault;

import io.sysmon.CallArgument;
import io.sysmon.SyscallStop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files that a call names: read once, when first asked for. Used while the stop's view is
 * valid; what it has given may be kept.
 */
public final class CallPaths {
  private final SyscallStop call;
  private @Nullable List<String> named;
  private @Nullable List<String> described;

  /**
   * The files of a call.
   *
   * @param call the call, at its entry or exit
   */
  public CallPaths(SyscallStop call) {
    this.call = call;
  }

  /**
   * What its path arguments name.
   *
   * @return as {@link CallArgument#absolutePath}; without what cannot be read
   */
  public List<String> named() {
    if (named == null) {
      named = of("path");
    }
    return named;
  }

  /**
   * What its descriptors are of, without those that a path is relative to.
   *
   * @return as {@link CallArgument#absolutePath}: paths, {@code socket:[4711]} and alike
   */
  public List<String> described() {
    if (described == null) {
      described = of("fd");
    }
    return described;
  }

  private List<String> of(String kind) {
    return call.arguments().stream()
        .filter(argument -> argument.kind().name().equals(kind))
        .flatMap(argument -> argument.absolutePath().stream())
        .toList();
  }
}
