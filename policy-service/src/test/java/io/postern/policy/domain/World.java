package io.postern.policy.domain;

import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.Cidr;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyTerms;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Few machines, policies that a test changes, and people. */
final class World implements Setting {
  static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");

  /** Machines that enforcers have seen; the first is {@link #MACHINE}. */
  static final List<MachineId> MACHINES =
      List.of(
          MACHINE,
          new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567891"),
          new MachineId(
              "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/shop/providers"
                  + "/microsoft.compute/virtualmachines/web-01"));

  final List<Policy> policies = new ArrayList<>();
  Conditions conditions = Conditions.NONE;

  static Requestor person(String name, String... groups) {
    return new Requestor(name, "issuer", Set.of(groups));
  }

  static Policy policy(PolicyTerms terms) {
    return new Policy(
            new PolicyId("web"),
            1,
            List.of(new MachineSelector.ById(MACHINE)),
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128)
        .withTerms(terms);
  }

  /** One lead, then one of security, within an hour. */
  static ApprovalRule twoLevels() {
    return new ApprovalRule(
        List.of(
            new ApprovalLevel(false, Set.of("leads"), Set.of(), 1),
            new ApprovalLevel(false, Set.of("security"), Set.of(), 1)),
        Duration.ofHours(1));
  }

  static AccessRequest request(int number, Requestor who, String source, Instant at) {
    return request(number, who, source, Optional.empty(), at);
  }

  static AccessRequest request(
      int number, Requestor who, String source, Optional<Instant> startAt, Instant at) {
    return new AccessRequest(
        new RequestId(new UUID(1, number)),
        MACHINE,
        who,
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse(source)),
        startAt,
        Duration.ofMinutes(15),
        Optional.empty(),
        false,
        at,
        "digest-" + number);
  }

  /** The same request for another machine, as an emergency or not. */
  static AccessRequest on(MachineId machine, AccessRequest r, boolean emergency) {
    return new AccessRequest(
        r.id(),
        machine,
        r.requestor(),
        r.ports(),
        r.sources(),
        r.startAt(),
        r.duration(),
        emergency ? Optional.of("the shop is down") : r.justification(),
        emergency,
        r.submittedAt(),
        r.digest());
  }

  @Override
  public Collection<Policy> currentPolicies() {
    return policies;
  }

  @Override
  public Optional<MachineFacts> machine(MachineId id) {
    return MACHINES.contains(id)
        ? Optional.of(new MachineFacts(id, "web", Map.of(), List.of(), List.of(), true, List.of()))
        : Optional.empty();
  }

  @Override
  public OperatorBounds bounds() {
    return OperatorBounds.DEFAULT;
  }

  @Override
  public Conditions conditions() {
    return conditions;
  }

  @Override
  public boolean isAdmin(Requestor person) {
    return person.groups().contains("admins");
  }
}
