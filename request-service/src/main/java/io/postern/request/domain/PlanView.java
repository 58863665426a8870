package io.postern.request.domain;

import io.postern.model.MachineId;
import java.util.List;

/**
 * What a policy would have written for one machine, by the planner that writes.
 *
 * @param steps what would be written, in order, and what people should know of it, a sentence each
 */
public record PlanView(MachineId machine, List<String> steps) {
  public PlanView {
    steps = List.copyOf(steps);
  }
}
