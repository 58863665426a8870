package io.postern.policy.domain;

import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.Requestor;
import java.util.Collection;
import java.util.Optional;

/** What decisions are made under; all of it may change between two of them. */
public interface Setting {
  Collection<Policy> currentPolicies();

  /** The machine as an enforcer saw it last; empty when none has. */
  Optional<MachineFacts> machine(MachineId id);

  OperatorBounds bounds();

  Conditions conditions();

  /** Whether the person may end anybody's grant. */
  boolean isAdmin(Requestor person);
}
