package io.postern.condition;

import io.postern.model.FieldError;
import io.postern.model.InvalidValueException;
import io.postern.model.Policy;
import java.util.Optional;

/** Whether a policy's condition can be put in force. */
public final class ConditionChecks {
  private ConditionChecks() {}

  /** What the compiler says of the policy's condition; empty when it has none, or a good one. */
  public static Optional<FieldError> error(Policy policy) {
    try {
      policy.terms().condition().ifPresent(Condition::compile);
      return Optional.empty();
    } catch (InvalidValueException e) {
      return Optional.of(new FieldError("condition", e.rule(), e.given()));
    }
  }
}
