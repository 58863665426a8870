package io.postern.enforcement.domain;

import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import java.util.List;
import java.util.Optional;

/**
 * What must hold for one machine now.
 *
 * @param lock its lock-down; empty when no policy covers it
 * @param grants grants that must be open, sorted by id
 */
public record MachineIntent(MachineFacts facts, Optional<Lock> lock, List<Grant> grants) {
  public MachineIntent {
    grants = List.copyOf(grants);
  }

  public MachineId machine() {
    return facts.id();
  }
}
