package io.postern.azure.exposure;

import io.postern.azure.domain.FirewallRoom;
import io.postern.azure.domain.NsgRoom;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.exposure.Mode;
import io.postern.enforcement.exposure.PortExposure;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.Severity;
import io.postern.enforcement.exposure.StrictRules;
import io.postern.enforcement.exposure.Unsupported;
import io.postern.enforcement.exposure.Verdict;
import io.postern.enforcement.exposure.Verdict.Reason;
import io.postern.model.RuleSetId;
import io.postern.model.Shortage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How a machine in Azure stands. */
public final class AzurePosture {
  private static final Unsupported SCALE_SET =
      new Unsupported(
          Reason.SCALE_SET_UNIFORM,
          "instances of scale sets in uniform mode are not supported, those of flexible ones are");

  private AzurePosture() {}

  /**
   * @param endpoints where its traffic comes in; empty when it was not seen
   * @param firewalls those on the ways to it
   * @param unfiltered ways to it on which nothing filters
   */
  public static Posture of(
      MachineIntent machine,
      Optional<List<Endpoint>> endpoints,
      Surroundings surroundings,
      List<RuleSetId> firewalls,
      List<Report.RuleSetBypass> unfiltered,
      Marks marks,
      Mode mode) {
    if (machine.machine().isInScaleSet()) {
      return new Posture(
          mode,
          Verdict.notApplicable(SCALE_SET),
          Severity.UNKNOWN,
          Optional.of(SCALE_SET),
          List.of(),
          List.of());
    }
    if (endpoints.isEmpty()) {
      return Posture.UNKNOWN;
    }
    AzureExposure exposure = new AzureExposure(machine, endpoints.get(), surroundings, marks);
    List<PortExposure> ports = exposure.ports();
    DefenderChart chart = new DefenderChart(exposure);
    Optional<Unsupported> unsupported = chart.unsupported();
    boolean jit = machine.lock().isPresent();
    Verdict verdict =
        switch (mode) {
          case STRICT -> StrictRules.judge(jit, ports, unsupported, unfiltered);
          case DEFENDER -> Verdict.byChart(jit, unsupported, () -> chart.answers(jit).verdict());
        };
    return new Posture(
        mode,
        verdict,
        StrictRules.severity(ports),
        unsupported,
        ports,
        StrictRules.bypasses(ports),
        shortage(machine, endpoints.get(), surroundings, marks),
        publicShortage(machine, firewalls, surroundings));
  }

  private static Optional<Shortage> publicShortage(
      MachineIntent machine, List<RuleSetId> firewalls, Surroundings surroundings) {
    return surroundings.firewalls().stream()
        .filter(f -> firewalls.contains(f.id()))
        .map(f -> FirewallRoom.of(f.id(), machine, f.observed()))
        .reduce(Optional.empty(), Shortage::worse);
  }

  private static Optional<Shortage> shortage(
      MachineIntent machine, List<Endpoint> endpoints, Surroundings surroundings, Marks marks) {
    Optional<Shortage> worst = Optional.empty();
    Set<RuleSetId> groups = new LinkedHashSet<>();
    for (Endpoint endpoint : endpoints) {
      endpoint.subnetGroup().ifPresent(groups::add);
      endpoint.nicGroup().ifPresent(groups::add);
    }
    for (RuleSetId id : groups) {
      Optional<Shortage> its =
          surroundings.group(id).flatMap(g -> NsgRoom.of(id, machine, g, marks));
      worst = Shortage.worse(worst, its);
    }
    return worst;
  }
}
