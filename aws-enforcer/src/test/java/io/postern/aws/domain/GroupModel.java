package io.postern.aws.domain;

import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A security group in memory, as slow and obvious as can be, and an enforcer that works on it. */
final class GroupModel {
  static final Scope SCOPE = Scope.aws("123456789012", "eu-west-1");
  static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  static final String GROUP = "sg-0abc1234def567801";
  static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

  final TreeMap<Permission, Rule> rules = new TreeMap<>();
  List<Displaced> recorded = List.of();
  private int ids;
  int quota = 60;

  void put(Permission permission, Optional<String> description, Map<String, String> tags) {
    if (rules.containsKey(permission)) {
      throw new AssertionError("InvalidPermission.Duplicate: " + permission);
    }
    rules.put(permission, new Rule("sgr-" + ids++, permission, description, tags));
  }

  Observed.Group observe() {
    return new Observed.Group(
        GROUP,
        true,
        Optional.of("123456789012"),
        List.copyOf(rules.values()),
        List.of(new Observed.Member("eni-1", Optional.of(MACHINE.localName()))),
        Map.of());
  }

  static RuleSetIntent intent(List<PortSpec> ports) {
    MachineFacts facts =
        new MachineFacts(
            MACHINE,
            "web-01",
            Map.of(),
            List.of(),
            List.of(),
            true,
            List.of(new RuleSetId(SCOPE + ":" + GROUP)));
    Optional<Lock> lock =
        ports.isEmpty()
            ? Optional.empty()
            : Optional.of(new Lock(List.of(new PolicyId("p")), ports, false, false));
    return new RuleSetIntent(
        new RuleSetId(SCOPE + ":" + GROUP),
        SCOPE,
        List.of(new MachineIntent(facts, lock, List.of())),
        Optional.empty(),
        NOW);
  }

  GroupPlan plan(List<PortSpec> ports) {
    return GroupPlanner.plan(
        intent(ports), observe(), recorded, new Limits(quota, 5, Limits.DEFAULT.otherProtocols()));
  }

  void apply(Step step) {
    switch (step) {
      case Step.Authorize s ->
          s.rules().forEach(r -> put(r.permission(), r.description(), s.tags()));
      case Step.Revoke s -> {
        Set<String> gone = new HashSet<>(s.ruleIds());
        rules.values().removeIf(r -> gone.remove(r.id()));
        if (!gone.isEmpty()) {
          throw new AssertionError("InvalidSecurityGroupRuleId.NotFound: " + gone);
        }
      }
      case Step.Tag s -> retag(s.resource(), t -> t.putAll(s.tags()));
      case Step.Untag s -> retag(s.resource(), t -> t.keySet().removeAll(s.keys()));
      case Step.Describe s ->
          rules.replaceAll(
              (p, r) ->
                  r.id().equals(s.rule().id())
                      ? new Rule(r.id(), p, s.description(), r.tags())
                      : r);
      case Step.CreateGroup s -> throw new AssertionError(s);
      case Step.RevokeEgress s -> throw new AssertionError(s);
      case Step.SetGroups s -> throw new AssertionError(s);
      case Step.DeleteGroup s -> throw new AssertionError(s);
    }
  }

  private void retag(String id, java.util.function.Consumer<Map<String, String>> change) {
    rules.replaceAll(
        (p, r) -> {
          if (!r.id().equals(id)) {
            return r;
          }
          Map<String, String> tags = new HashMap<>(r.tags());
          change.accept(tags);
          return new Rule(r.id(), p, r.description(), tags);
        });
  }

  /** Everything about the rules but their ids. */
  static List<String> shown(Iterable<Rule> rules) {
    List<String> lines = new ArrayList<>();
    rules.forEach(
        r -> lines.add(r.permission() + " " + r.description() + " " + new TreeMap<>(r.tags())));
    lines.sort(null);
    return lines;
  }
}
