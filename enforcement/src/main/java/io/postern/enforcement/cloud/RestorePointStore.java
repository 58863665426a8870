package io.postern.enforcement.cloud;

import io.postern.enforcement.domain.RestorePoint;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.util.Optional;

/** Where restore points are kept. */
public interface RestorePointStore {

  /**
   * Records what is owed to a rule set from now on; empty removes the record. Returns once it is
   * durable.
   *
   * @throws IllegalStateException when it cannot be made durable: then nothing may be written
   */
  void record(Scope scope, RuleSetId ruleSet, Optional<RestorePoint> restorePoint);
}
