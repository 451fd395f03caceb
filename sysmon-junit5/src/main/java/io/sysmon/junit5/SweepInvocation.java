package io.sysmon.junit5;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** One run of a sweep, for JUnit. */
final class SweepInvocation
    implements TestTemplateInvocationContext,
        BeforeEachCallback,
        AfterTestExecutionCallback,
        TestExecutionExceptionHandler {
  private final Sweep sweep;
  private final int index;
  private final SweepStep step;

  /** The run that records is number 0. */
  SweepInvocation(Sweep sweep, int index) {
    this.sweep = sweep;
    this.index = index;
    step = index == 0 ? sweep.recording() : sweep.step(index);
  }

  @Override
  public String getDisplayName(int invocation) {
    return index == 0 ? "nothing happens" : sweep.name(index);
  }

  @Override
  public List<Extension> getAdditionalExtensions() {
    return List.of(this);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (index > 0 && sweep.isOverBudget()) {
      throw new TestAbortedException("The sweep's time is over");
    }
    context.getStore(SysmonExtension.NAMESPACE).put(SweepStep.class, step);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (index == 0) {
      boolean passed = context.getExecutionException().isEmpty();
      sweep.recorded(passed ? step.recorded() : List.of());
      if (passed && step.counted() == 0) {
        throw new AssertionFailedError(
            step.hasSubject()
                ? "The subjects made no call that the sweep is about: "
                    + new TreeSet<>(step.calls())
                : "No subject was run: a sweep is about what Harness.subject runs");
      }
    } else if (context.getExecutionException().isEmpty() && !step.wasReached()) {
      throw new TestAbortedException(
          "This run made "
              + step.counted()
              + " calls, and never the one with number "
              + step.number());
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (index > 0 && failure instanceof AssertionError) {
      throw new AssertionFailedError(
          failure.getMessage()
              + "\nThat was "
              + sweep.name(index)
              + "; alone: -D"
              + SweepExtension.ALONE
              + "="
              + index,
          failure);
    }
    throw failure;
  }
}
