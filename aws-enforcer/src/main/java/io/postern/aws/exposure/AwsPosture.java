package io.postern.aws.exposure;

import io.postern.aws.domain.GrantNames;
import io.postern.aws.domain.Limits;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Placement;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.ManagementPorts;
import io.postern.enforcement.exposure.Mode;
import io.postern.enforcement.exposure.Passage;
import io.postern.enforcement.exposure.PortExposure;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.StrictRules;
import io.postern.enforcement.exposure.Unsupported;
import io.postern.enforcement.exposure.Verdict;
import io.postern.enforcement.exposure.Verdict.Reason;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import io.postern.model.Shortage;
import java.util.List;
import java.util.Optional;

/** How an EC2 instance stands. */
public final class AwsPosture {
  private AwsPosture() {}

  /**
   * @param access its network interfaces and the groups for its grants; empty when it was not seen
   */
  public static Posture of(
      MachineIntent machine,
      Optional<Observed.Access> access,
      Surroundings surroundings,
      Marks marks,
      Limits limits,
      Mode mode) {
    if (access.isEmpty()) {
      return Posture.UNKNOWN;
    }
    Scope scope = machine.machine().scope();
    AwsExposure exposure = new AwsExposure(scope, access.get().interfaces(), surroundings, marks);
    List<PortExposure> ports = exposure.of(machine.lock());
    Optional<Unsupported> unsupported = unsupported(exposure, surroundings, scope);
    boolean jit = machine.lock().isPresent();
    Verdict verdict =
        switch (mode) {
          case STRICT -> StrictRules.judge(jit, ports, unsupported, List.of());
          case DEFENDER -> Verdict.byChart(jit, unsupported, () -> chart(jit, exposure));
        };
    return new Posture(
        mode,
        verdict,
        StrictRules.severity(ports),
        unsupported,
        ports,
        StrictRules.bypasses(ports),
        machine.lock().flatMap(lock -> shortage(scope, lock, access.get(), marks, limits)));
  }

  private static Optional<Shortage> shortage(
      Scope scope, Lock lock, Observed.Access access, Marks marks, Limits limits) {
    RuleSetId ruleSet = new RuleSetId(scope + ":" + access.instance());
    return Placement.of(access, lock.standing(), r -> GrantNames.isOurs(ruleSet, r, marks), limits)
        .shortage();
  }

  private static Optional<Unsupported> unsupported(
      AwsExposure exposure, Surroundings surroundings, Scope scope) {
    for (String group : exposure.groups()) {
      Optional<String> other =
          surroundings.owner(group).filter(owner -> !owner.equals(scope.account()));
      if (other.isPresent()) {
        return Optional.of(
            new Unsupported(
                Reason.GROUP_NOT_EDITABLE,
                "security group %s belongs to account %s and can only be changed there"
                    .formatted(group, other.get())));
      }
    }
    return Optional.empty();
  }

  /**
   * Defender's flow chart for AWS: does an attached group allow a management port from any address?
   * Any address is all of IPv4 or all of IPv6, whatever rules it takes to say so.
   */
  private static Verdict chart(boolean jit, AwsExposure exposure) {
    if (jit) {
      return Verdict.healthy(Reason.JIT_ENABLED, "under just-in-time access");
    }
    for (PortSpec port : ManagementPorts.DEFENDERS) {
      Passage passage = exposure.passage(port.protocol(), port.ports().from());
      AddressSet sources = passage.sources();
      if (sources.containsAll(AddressSet.IPV4) || sources.containsAll(AddressSet.IPV6)) {
        return Verdict.unhealthy(
            Reason.OPEN_TO_ANY_ADDRESS,
            "%s allows %s from any address"
                .formatted(passage.pieces().getFirst().rule().getFirst(), port));
      }
    }
    return Verdict.healthy(
        Reason.NOT_OPEN_TO_ANY_ADDRESS,
        "no attached security group allows a management port from any address");
  }
}
