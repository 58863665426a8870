package io.postern.aws.domain;

import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which ports of an owner's group may be closed. EC2 has no rule that denies, so a group's ports
 * close for everything in it: that takes a lock-down of every member, or one that says it may.
 *
 * @param managed the ports to close
 * @param refused machines whose ports the group opens and whose lock-down it may not carry
 */
record LockScope(Set<PortSpec> managed, Map<MachineId, Plan.Refusal> refused) {

  /**
   * @param owed what was displaced already: a port that is closed stays closed when somebody else
   *     joins the group
   */
  static LockScope of(RuleSetIntent intent, Observed.Group observed, List<Displaced> owed) {
    Set<PortSpec> managed = new LinkedHashSet<>();
    Map<MachineId, Plan.Refusal> refused = new HashMap<>();
    for (MachineIntent machine : intent.machines()) {
      Lock lock = machine.lock().orElse(null);
      if (lock == null) {
        continue;
      }
      for (PortSpec port : lock.ports()) {
        List<String> others = lock.lockShared() ? List.of() : others(intent, observed, port);
        if (others.isEmpty() || owed.stream().anyMatch(d -> d.permission().opens(port))) {
          managed.add(port);
        } else if (observed.ingress().stream().anyMatch(r -> r.permission().opens(port))) {
          refused.putIfAbsent(machine.machine(), shared(observed, port, others));
        }
      }
    }
    return new LockScope(managed, refused);
  }

  private static Plan.Refusal shared(Observed.Group group, PortSpec port, List<String> others) {
    return new Plan.Refusal(
        ErrorCode.UNSUPPORTED_TARGET,
        "SHARED_GROUP: %s opens %s also for %s, which no policy covers; a policy with sharedGroups: lock closes it for all"
            .formatted(group.id(), port, String.join(", ", others)));
  }

  /** Who is in the group and not under a lock-down of this port. */
  private static List<String> others(RuleSetIntent intent, Observed.Group observed, PortSpec port) {
    Set<String> covered = new HashSet<>();
    Set<String> others = new TreeSet<>();
    Map<String, String> names = new HashMap<>();
    for (MachineIntent machine : intent.machines()) {
      String instance = machine.machine().localName();
      names.put(instance, machine.facts().name());
      if (isCovered(machine.lock(), port)) {
        covered.add(instance);
      } else {
        others.add(instance);
      }
    }
    for (Observed.Member member : observed.members()) {
      String who = member.instance().orElse(member.interfaceId());
      if (!covered.contains(who)) {
        others.add(who);
      }
    }
    return others.stream().map(o -> named(o, names)).toList();
  }

  private static String named(String instance, Map<String, String> names) {
    Optional<String> name =
        Optional.ofNullable(names.get(instance)).filter(n -> !n.equals(instance));
    return name.map(n -> instance + " (" + n + ")").orElse(instance);
  }

  private static boolean isCovered(Optional<Lock> lock, PortSpec port) {
    return lock.isPresent() && covers(lock.get().ports(), port);
  }

  private static boolean covers(Collection<PortSpec> ports, PortSpec port) {
    return ports.stream().anyMatch(p -> p.covers(port));
  }
}
