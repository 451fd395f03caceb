package io.sysmon.tests.support;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips the repetitions of a {@link RepeatedTest} on a slow machine. Registered for every test of
 * this module (junit-platform.properties).
 */
public final class FewRepetitions implements ExecutionCondition {
  private static final String FIRST = "[test-template-invocation:#1]";

  /** Created by JUnit. */
  public FewRepetitions() {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String id = context.getUniqueId();
    boolean isAgain =
        id.contains("[test-template-invocation:")
            && !id.endsWith(FIRST)
            && context.getRequiredTestMethod().isAnnotationPresent(RepeatedTest.class);
    return Effort.isSlow() && isAgain
        ? ConditionEvaluationResult.disabled("once is enough on a slow machine")
        : ConditionEvaluationResult.enabled(null);
  }
}
