package io.postern.request.web;

import io.postern.event.MachineAssessed;
import io.postern.model.MachineId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A rule set that machines of a policy share with others, who are concerned too.
 *
 * @param ruleSet its id in the cloud
 * @param machines ids of those of the policy
 * @param others ids of the others
 */
public record SharedRuleSet(String ruleSet, List<String> machines, List<String> others) {
  public SharedRuleSet {
    machines = List.copyOf(machines);
    others = List.copyOf(others);
  }

  /** Rule sets that these machines share with others of all that are known. */
  public static List<SharedRuleSet> of(Set<MachineId> concerned, Collection<MachineAssessed> all) {
    Map<String, List<String>> inside = new TreeMap<>();
    Map<String, List<String>> outside = new TreeMap<>();
    for (MachineAssessed m : all) {
      Map<String, List<String>> side =
          concerned.contains(new MachineId(m.getMachineId())) ? inside : outside;
      m.getRuleSets()
          .forEach(r -> side.computeIfAbsent(r, x -> new ArrayList<>()).add(m.getMachineId()));
    }
    List<SharedRuleSet> shared = new ArrayList<>();
    inside.forEach(
        (ruleSet, ids) -> {
          List<String> others = outside.getOrDefault(ruleSet, List.of());
          if (!others.isEmpty()) {
            shared.add(
                new SharedRuleSet(
                    ruleSet, ids.stream().sorted().toList(), others.stream().sorted().toList()));
          }
        });
    return shared;
  }
}
