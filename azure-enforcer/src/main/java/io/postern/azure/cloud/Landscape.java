package io.postern.azure.cloud;

import io.postern.azure.domain.NsgRule;
import io.postern.azure.domain.ObservedFirewall;
import io.postern.azure.domain.ObservedNsg;
import io.postern.azure.exposure.Endpoint;
import io.postern.azure.exposure.Surroundings;
import io.postern.enforcement.cloud.LatestReads;
import io.postern.enforcement.exposure.Address;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.Span;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.MissingNode;

/**
 * What a scan saw around the machines of a subscription. Of a rule set that was read by itself
 * since the scan began, that reading counts.
 */
final class Landscape implements Surroundings {
  private final long startedAt;
  private final LatestReads<Observation> latest;
  private final Map<RuleSetId, ObservedNsg> groups = new HashMap<>();
  private final Map<RuleSetId, Firewall> firewalls = new HashMap<>();
  private final Map<String, AddressSet> members = new HashMap<>();
  private final Map<MachineId, List<Endpoint>> endpoints = new HashMap<>();

  /**
   * @param startedAt when the scan began, as {@link System#nanoTime} says it
   */
  Landscape(long startedAt, LatestReads<Observation> latest) {
    this.startedAt = startedAt;
    this.latest = latest;
  }

  void add(RuleSetId id, ObservedNsg group) {
    groups.put(id, inbound(group));
  }

  /** Documents and rules for traffic that goes out are not kept: a large subscription has many. */
  static Observation slim(Observation observed) {
    return switch (observed) {
      case Observation.OfNsg o ->
          new Observation.OfNsg(inbound(o.nsg()), MissingNode.getInstance(), o.hops());
      case Observation.OfFirewall o ->
          new Observation.OfFirewall(o.firewall(), MissingNode.getInstance(), o.hops());
    };
  }

  private static ObservedNsg inbound(ObservedNsg group) {
    return new ObservedNsg(
        group.exists(),
        group.etag(),
        group.rules().stream().filter(NsgRule::inbound).toList(),
        group.flushes());
  }

  void add(RuleSetId id, Optional<Address> privateAddress, ObservedFirewall firewall) {
    firewalls.put(id, new Firewall(id, privateAddress, firewall));
  }

  void addMember(String network, String group, Span address) {
    members.merge(network + " " + group, AddressSet.of(List.of(address)), AddressSet::union);
  }

  void add(MachineId machine, List<Endpoint> all) {
    endpoints.put(machine, List.copyOf(all));
  }

  /** Where the machine's traffic comes in; empty for a machine that the scan did not see. */
  Optional<List<Endpoint>> endpoints(MachineId machine) {
    return Optional.ofNullable(endpoints.get(machine));
  }

  @Override
  public Optional<ObservedNsg> group(RuleSetId id) {
    return latest
        .since(id, startedAt)
        .flatMap(o -> o instanceof Observation.OfNsg n ? Optional.of(n.nsg()) : Optional.empty())
        .or(() -> Optional.ofNullable(groups.get(id)))
        .filter(ObservedNsg::exists);
  }

  @Override
  public List<Firewall> firewalls() {
    return firewalls.values().stream()
        .map(
            f ->
                latest.since(f.id(), startedAt).orElse(null) instanceof Observation.OfFirewall o
                    ? new Firewall(f.id(), f.privateAddress(), o.firewall())
                    : f)
        .filter(f -> f.observed().exists())
        .toList();
  }

  @Override
  public AddressSet members(String network, String group) {
    return members.getOrDefault(network + " " + group, AddressSet.NONE);
  }
}
