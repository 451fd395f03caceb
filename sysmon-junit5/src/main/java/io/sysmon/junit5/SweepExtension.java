package io.sysmon.junit5;

import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.commons.support.AnnotationSupport;

/** Makes the runs of {@link FaultSweep} and {@link CrashSweep}. */
public final class SweepExtension implements TestTemplateInvocationContextProvider {
  /** The property with the numbers of the steps that are run alone, with commas between. */
  static final String ALONE = "sysmon.sweep";

  /** When one step is run by its unique id, nobody has counted the calls. */
  private static final int MOST_STEPS = 10_000;

  /** Created by JUnit. */
  public SweepExtension() {}

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return true;
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    Sweep sweep =
        AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), CrashSweep.class)
            .map(Sweep::of)
            .or(
                () ->
                    AnnotationSupport.findAnnotation(
                            context.getRequiredTestMethod(), FaultSweep.class)
                        .map(Sweep::of))
            .orElseThrow();
    String alone = System.getProperty(ALONE);
    if (alone != null) {
      return Arrays.stream(indices(alone)).mapToObj(index -> new SweepInvocation(sweep, index));
    }
    boolean inTurn = context.getExecutionMode() == ExecutionMode.SAME_THREAD;
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(new Steps(sweep, inTurn), Spliterator.ORDERED), false);
  }

  /** The steps that the property has. */
  static int[] indices(String property) {
    return Arrays.stream(property.split(",", -1)).mapToInt(SweepExtension::index).toArray();
  }

  private static int index(String text) {
    if (text.matches("\\d{1,9}")) {
      return Integer.parseInt(text);
    }
    throw new IllegalArgumentException(
        "The system property "
            + ALONE
            + " has numbers of steps with commas between, as they are in the tests' names, and 0"
            + " for the recording; found '"
            + text
            + "'");
  }

  /** The recording, and then as many as it has found. */
  private static final class Steps implements Iterator<TestTemplateInvocationContext> {
    private final Sweep sweep;
    private final boolean inTurn;
    private int next;

    Steps(Sweep sweep, boolean inTurn) {
      this.sweep = sweep;
      this.inTurn = inTurn;
    }

    @Override
    public boolean hasNext() {
      if (next == 0) {
        return true;
      }
      // In turn, what has not been recorded now was not selected to be run.
      boolean isLeftOut = inTurn && !sweep.isRecorded();
      return next <= (isLeftOut ? MOST_STEPS : sweep.steps());
    }

    @Override
    public TestTemplateInvocationContext next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return new SweepInvocation(sweep, next++);
    }
  }
}
