package io.postern.azure.exposure;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.Ownership;
import io.postern.enforcement.exposure.DecidingRule;
import io.postern.enforcement.exposure.ManagementPorts;
import io.postern.enforcement.exposure.Passage;
import io.postern.enforcement.exposure.Unsupported;
import io.postern.enforcement.exposure.Verdict;
import io.postern.enforcement.exposure.Verdict.Reason;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Defender's flow chart for machines in Azure, "How Defender for Cloud identifies which VMs should
 * have JIT enabled and which should be excluded". What it leaves open is decided in ADR 0046.
 */
public final class DefenderChart {
  private final AzureExposure exposure;

  public DefenderChart(AzureExposure exposure) {
    this.exposure = exposure;
  }

  /**
   * The chart's own questions.
   *
   * @param jit is just-in-time access enabled?
   * @param group is there a network security group?
   * @param groupAllows what it allows of the four ports, if anything
   * @param firewall is there a firewall before it?
   * @param firewallAllows likewise for the firewall
   */
  public record Answers(
      boolean jit,
      boolean group,
      Optional<String> groupAllows,
      boolean firewall,
      Optional<String> firewallAllows) {

    /** Where the chart leads. */
    public Verdict verdict() {
      if (jit) {
        return Verdict.healthy(Reason.JIT_ENABLED, "under just-in-time access");
      }
      if (group && groupAllows.isEmpty()) {
        return Verdict.healthy(
            Reason.PORTS_CLOSED,
            "its network security groups have no rule that allows a management port");
      }
      if (firewall) {
        return firewallAllows
            .map(what -> Verdict.unhealthy(Reason.FIREWALL_ALLOWS, what))
            .orElseGet(
                () ->
                    Verdict.healthy(
                        Reason.FIREWALL_CLOSED,
                        "its Azure Firewall has no rule that allows a management port"));
      }
      return group
          ? Verdict.unhealthy(Reason.PORTS_ALLOWED, groupAllows.orElseThrow())
          : Verdict.notApplicable(NOTHING);
    }
  }

  private static final Unsupported NOTHING =
      new Unsupported(
          Reason.NO_GROUP_AND_NO_FIREWALL,
          "it has neither a network security group nor an Azure Firewall before it");

  /**
   * @param jit whether a policy covers the machine
   */
  public Answers answers(boolean jit) {
    List<Surroundings.Firewall> before = firewalls();
    return new Answers(
        jit,
        !groups().isEmpty(),
        allowed(this::groupAllows),
        !before.isEmpty(),
        allowed(port -> before.stream().flatMap(f -> firewallAllows(f, port)).findFirst()));
  }

  /** Why just-in-time access is not supported on the machine. */
  public Optional<Unsupported> unsupported() {
    Optional<Unsupported> defenders = defenders();
    if (defenders.isPresent()) {
      return defenders;
    }
    Optional<String> managed =
        firewalls().stream().flatMap(f -> f.observed().managedBy().stream()).findFirst();
    if (managed.isPresent()) {
      return Optional.of(new Unsupported(Reason.FIREWALL_MANAGER, managed.get()));
    }
    return groups().isEmpty() && firewalls().isEmpty() ? Optional.of(NOTHING) : Optional.empty();
  }

  private Optional<Unsupported> defenders() {
    return groups().stream()
        .flatMap(g -> exposure.surroundings().group(g).stream())
        .flatMap(g -> g.rules().stream())
        .filter(Ownership::isDefenders)
        .map(NsgRule::name)
        .findFirst()
        .map(
            rule ->
                new Unsupported(
                    Reason.DEFENDER_MANAGED,
                    "managed by Defender: rule %s belongs to its just-in-time access"
                        .formatted(rule)));
  }

  private Set<RuleSetId> groups() {
    Set<RuleSetId> groups = new LinkedHashSet<>();
    for (Endpoint e : exposure.endpoints()) {
      Stream.of(e.subnetGroup(), e.nicGroup())
          .flatMap(Optional::stream)
          .filter(g -> exposure.surroundings().group(g).isPresent())
          .forEach(groups::add);
    }
    return groups;
  }

  /** Those that a route leads replies to, and those with a NAT rule to the machine. */
  private List<Surroundings.Firewall> firewalls() {
    return exposure.surroundings().firewalls().stream()
        .filter(f -> exposure.endpoints().stream().anyMatch(e -> isBefore(f, e)))
        .toList();
  }

  private static boolean isBefore(Surroundings.Firewall firewall, Endpoint e) {
    return isRoutedThrough(firewall, e)
        || firewall.observed().collections().stream()
            .flatMap(c -> c.rules().stream())
            .anyMatch(r -> r.translatedAddress().equals(e.address()));
  }

  private static boolean isRoutedThrough(Surroundings.Firewall firewall, Endpoint e) {
    return firewall
        .privateAddress()
        .filter(own -> e.routes().stream().anyMatch(r -> r.hop().equals(own.toString())))
        .isPresent();
  }

  private static Optional<String> allowed(
      java.util.function.Function<PortSpec, Optional<DecidingRule>> rule) {
    return ManagementPorts.DEFENDERS.stream()
        .flatMap(port -> rule.apply(port).map(r -> r + " allows " + port).stream())
        .findFirst();
  }

  private Optional<DecidingRule> groupAllows(PortSpec port) {
    return exposure.endpoints().stream()
        .map(e -> exposure.written(e, port.protocol(), port.ports().from()))
        .flatMap(DefenderChart::first)
        .findFirst();
  }

  private Stream<DecidingRule> firewallAllows(Surroundings.Firewall firewall, PortSpec port) {
    return exposure.endpoints().stream()
        .flatMap(
            e -> {
              FirewallLayer layer = exposure.layer(firewall, e);
              int number = port.ports().from();
              Passage routed =
                  isRoutedThrough(firewall, e)
                      ? layer.routed(port.protocol(), number)
                      : Passage.NOBODY;
              return Stream.of(layer.translated(port.protocol(), number), routed)
                  .flatMap(DefenderChart::first);
            });
  }

  private static Stream<DecidingRule> first(Passage passage) {
    return Stream.concat(
            passage.pieces().stream().map(p -> p.rule()), passage.names().values().stream())
        .limit(1)
        .map(List::getFirst);
  }
}
