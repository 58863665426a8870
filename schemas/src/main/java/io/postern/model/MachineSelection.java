package io.postern.model;

import java.util.AbstractList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The selectors of a policy, in their order. A machine that is named by its id is found at once,
 * however many are named: a decision asks this several times.
 */
final class MachineSelection extends AbstractList<MachineSelector> {
  private final List<MachineSelector> all;
  private final Set<MachineId> named;
  private final List<MachineSelector> described;

  static MachineSelection of(List<MachineSelector> selectors) {
    return selectors instanceof MachineSelection same ? same : new MachineSelection(selectors);
  }

  private MachineSelection(List<MachineSelector> selectors) {
    all = List.copyOf(selectors);
    named =
        all.stream()
            .filter(MachineSelector.ById.class::isInstance)
            .map(s -> ((MachineSelector.ById) s).id())
            .collect(Collectors.toUnmodifiableSet());
    described =
        all.stream()
            .filter(Predicate.not(MachineSelector.ById.class::isInstance))
            .collect(Collectors.toUnmodifiableList());
  }

  @Override
  public MachineSelector get(int index) {
    return all.get(index);
  }

  @Override
  public int size() {
    return all.size();
  }

  /** Whether one of them matches. */
  boolean matches(MachineFacts machine) {
    return names(machine) || described.stream().anyMatch(s -> s.matches(machine));
  }

  /** Whether the machine is named by its id. */
  boolean names(MachineFacts machine) {
    return named.contains(machine.id());
  }

  /** Selectors that say what a machine is like. */
  List<MachineSelector> described() {
    return described;
  }
}
