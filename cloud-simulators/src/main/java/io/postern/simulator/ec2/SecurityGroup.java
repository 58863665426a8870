package io.postern.simulator.ec2;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

record SecurityGroup(
    String id,
    String owner,
    String vpcId,
    String name,
    String description,
    List<Rule> rules,
    Instant createdAt,
    Map<String, String> tags)
    implements Resource {

  Optional<Rule> find(boolean egress, Permission permission) {
    for (Rule rule : rules) {
      if (rule.is(egress, permission)) {
        return Optional.of(rule);
      }
    }
    return Optional.empty();
  }

  boolean refersTo(String groupId) {
    return rules.stream()
        .map(rule -> rule.permission().peer())
        .anyMatch(peer -> peer.kind() == Peer.Kind.GROUP && peer.value().equals(groupId));
  }

  SecurityGroup withTags(Map<String, String> newTags) {
    return new SecurityGroup(id, owner, vpcId, name, description, rules, createdAt, newTags);
  }

  SecurityGroup withRules(List<Rule> newRules) {
    return new SecurityGroup(
        id, owner, vpcId, name, description, List.copyOf(newRules), createdAt, tags);
  }

  SecurityGroup plus(List<Rule> more) {
    List<Rule> all = new ArrayList<>(rules);
    all.addAll(more);
    return withRules(all);
  }

  SecurityGroup minus(List<Rule> gone) {
    List<Rule> left = new ArrayList<>(rules);
    left.removeAll(gone);
    return withRules(left);
  }
}
