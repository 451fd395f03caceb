package io.sysmon.junit5;

import io.sysmon.TraceeHandle;
import io.sysmon.Tracer;
import io.sysmon.fault.FaultInjector;
import io.sysmon.fault.FaultRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.AssertionFailedError;

/** Makes what {@link Traced} asks for, and looks at what is left of it after the test. */
public final class SysmonExtension implements ParameterResolver, AfterEachCallback {
  static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SysmonExtension.class);

  /** What was made for a test, how to see what it left running, and what nobody was told. */
  private record Made(
      AutoCloseable resource, Supplier<List<TraceeHandle>> left, Supplier<List<String>> untold) {}

  /** Created by JUnit. */
  public SysmonExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return parameter.isAnnotated(Traced.class) && (type == Harness.class || type == Tracer.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    List<FaultRule> faults =
        parameter.findAnnotation(Traced.class).stream()
            .flatMap(traced -> Arrays.stream(traced.faults()))
            .map(FaultRule::parse)
            .toList();
    if (parameter.getParameter().getType() == Harness.class) {
      SweepStep step = context.getStore(NAMESPACE).get(SweepStep.class, SweepStep.class);
      Harness harness =
          new Harness(faults, () -> step == null ? List.of() : List.of(step.ofSubject()));
      made(context).add(new Made(harness, harness::left, harness::untold));
      return harness;
    }
    Tracer tracer = Tracer.builder().listener(new FaultInjector(faults)).build();
    made(context).add(new Made(tracer, tracer::tracees, List::of));
    return tracer;
  }

  @SuppressWarnings("unchecked")
  private static List<Made> made(ExtensionContext context) {
    return (List<Made>)
        context.getStore(NAMESPACE).getOrComputeIfAbsent(Made.class, key -> new ArrayList<Made>());
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    List<String> left = new ArrayList<>();
    List<String> untold = new ArrayList<>();
    for (Made each : made(context)) {
      untold.addAll(each.untold.get());
      each.left.get().forEach(process -> left.add(process.toString()));
      each.resource.close();
    }
    if (!left.isEmpty()) {
      untold.add("The test left traced processes running: " + left);
    }
    // Of a test that failed, its own failure says more.
    if (!untold.isEmpty() && context.getExecutionException().isEmpty()) {
      throw new AssertionFailedError(String.join("\n", untold));
    }
  }
}
