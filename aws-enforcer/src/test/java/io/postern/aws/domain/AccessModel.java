package io.postern.aws.domain;

import io.postern.enforcement.domain.Marks;
import io.postern.model.GrantId;
import io.postern.model.RuleSetId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** One instance's interfaces and its access groups, with EC2's rules for the calls to them. */
final class AccessModel {
  private static final Peer ANYBODY = Peer.of(Peer.Kind.IPV4, "0.0.0.0/0");

  private static final class Group {
    final String id;
    final String vpc;
    final Map<String, String> tags;
    final Map<String, Rule> ingress = new LinkedHashMap<>();
    final List<String> egress = new ArrayList<>();

    Group(String id, String vpc, Map<String, String> tags) {
      this.id = id;
      this.vpc = vpc;
      this.tags = new HashMap<>(tags);
    }
  }

  private final Random random;
  private final String instance;
  private final Map<String, String> vpcOf = new LinkedHashMap<>();
  private final Map<String, List<String>> groupsOf = new LinkedHashMap<>();
  private final Map<String, Group> groups = new LinkedHashMap<>();
  private final List<String> strangers = new ArrayList<>();
  private int numbers;

  /**
   * One to three interfaces in one or two networks, each with one or two groups of the owner, or
   * with as many as it takes; of these some have the machine's standing group.
   */
  AccessModel(Random random, String instance, int mostGroups) {
    this.random = random;
    this.instance = instance;
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      vpcOf.put("eni-" + i, "vpc-" + random.nextInt(2));
      List<String> attached = new ArrayList<>(List.of("sg-owner-" + i));
      if (random.nextBoolean()) {
        attached.add("sg-common");
      }
      if (random.nextInt(3) == 0) {
        if (random.nextInt(4) > 0) {
          attached.add(standing(Objects.requireNonNull(vpcOf.get("eni-" + i))));
        }
        while (attached.size() < mostGroups) {
          attached.add("sg-filler-" + attached.size());
        }
      }
      groupsOf.put("eni-" + i, attached);
    }
  }

  private String standing(String vpc) {
    String id = "sg-standing-" + vpc;
    if (!groups.containsKey(id)) {
      Group lent = new Group(id, vpc, Map.of(OwnTags.MANAGED, OwnTags.STANDING));
      lent.egress.add("sgr-egress-" + numbers++);
      groups.put(id, lent);
    }
    return id;
  }

  private static boolean isStanding(Group group) {
    return OwnTags.STANDING.equals(group.tags.get(OwnTags.MANAGED));
  }

  Observed.Access observe() {
    return new Observed.Access(
        instance,
        vpcOf.entrySet().stream()
            .map(
                e ->
                    new Observed.Interface(
                        e.getKey(), e.getValue(), Objects.requireNonNull(groupsOf.get(e.getKey()))))
            .toList(),
        groups.values().stream()
            .map(
                g ->
                    new Observed.AccessGroup(
                        g.id,
                        g.vpc,
                        true,
                        isStanding(g),
                        strangers,
                        Optional.ofNullable(g.tags.get(OwnTags.UNTIL)),
                        List.copyOf(g.ingress.values()),
                        g.egress))
            .toList());
  }

  private Group group(String id) {
    return Objects.requireNonNull(groups.get(id), "InvalidGroup.NotFound " + id);
  }

  void apply(Step step, Limits limits) {
    switch (step) {
      case Step.CreateGroup s -> {
        check(
            groups.values().stream().noneMatch(g -> !isStanding(g) && g.vpc.equals(s.vpc())),
            "a second group");
        Group made = new Group("sg-" + numbers++, s.vpc(), s.tags());
        made.egress.add("sgr-egress-" + numbers++);
        groups.put(made.id, made);
      }
      case Step.Authorize s -> authorize(s, limits);
      case Step.Revoke s ->
          s.ruleIds().forEach(id -> check(group(s.group()).ingress.remove(id) != null, "no " + id));
      case Step.Describe s ->
          change(s.rule().id(), r -> new Rule(r.id(), r.permission(), s.description(), r.tags()));
      case Step.Tag s -> tag(s.resource(), s.tags());
      case Step.Untag s ->
          change(
              s.resource(),
              r -> {
                Map<String, String> left = new HashMap<>(r.tags());
                s.keys().forEach(left::remove);
                return new Rule(r.id(), r.permission(), r.description(), left);
              });
      case Step.RevokeEgress s -> {
        check(!isStanding(group(s.group())), "the owner's way out");
        check(group(s.group()).egress.removeAll(s.ruleIds()), "no such way out");
      }
      case Step.SetGroups s -> {
        check(!s.groups().isEmpty(), "an interface needs a group");
        check(s.groups().size() <= limits.groupsPerInterface(), "SecurityGroupsPerInterfaceLimit");
        s.groups().stream()
            .filter(groups::containsKey)
            .forEach(
                g -> check(group(g).vpc.equals(vpcOf.get(s.interfaceId())), "of another network"));
        List<String> owners = new ArrayList<>(groupsOf.getOrDefault(s.interfaceId(), List.of()));
        owners.removeIf(g -> groups.containsKey(g) && !isStanding(group(g)));
        check(s.groups().containsAll(owners), "took a group of the owner's away");
        groupsOf.put(s.interfaceId(), new ArrayList<>(s.groups()));
      }
      case Step.DeleteGroup s -> {
        check(!isStanding(group(s.group())), "the owner's group");
        check(groupsOf.values().stream().noneMatch(l -> l.contains(s.group())), "in use");
        check(groups.remove(s.group()) != null, "InvalidGroup.NotFound");
      }
    }
  }

  private void authorize(Step.Authorize s, Limits limits) {
    Group group = group(s.group());
    for (Step.NewRule r : s.rules()) {
      check(
          group.ingress.values().stream().noneMatch(x -> x.permission().equals(r.permission())),
          "InvalidPermission.Duplicate");
      String id = "sgr-" + numbers++;
      group.ingress.put(id, new Rule(id, r.permission(), r.description(), s.tags()));
    }
    check(rulesOf(group) <= limits.rulesPerGroup(), "RulesPerSecurityGroupLimitExceeded");
  }

  private static long rulesOf(Group group) {
    long v6 =
        group.ingress.values().stream()
            .filter(r -> r.permission().peer().kind() == Peer.Kind.IPV6)
            .count();
    return Math.max(v6, group.ingress.size() - v6);
  }

  private static boolean isStrange(Rule rule) {
    return rule.permission().peer().equals(ANYBODY);
  }

  private void tag(String resource, Map<String, String> tags) {
    check(tags.size() <= 50, "TagLimitExceeded");
    if (groups.containsKey(resource)) {
      check(!isStanding(group(resource)), "a tag on the owner's group");
      group(resource).tags.putAll(tags);
      return;
    }
    change(
        resource,
        r -> {
          Map<String, String> more = new HashMap<>(r.tags());
          more.putAll(tags);
          check(more.size() <= 50, "TagLimitExceeded");
          return new Rule(r.id(), r.permission(), r.description(), more);
        });
  }

  private void change(String rule, java.util.function.UnaryOperator<Rule> how) {
    for (Group g : groups.values()) {
      Rule there = g.ingress.get(rule);
      if (there != null) {
        g.ingress.put(rule, how.apply(there));
        return;
      }
    }
    throw new IllegalStateException("InvalidSecurityGroupRuleId.NotFound " + rule);
  }

  private static void check(boolean holds, String error) {
    if (!holds) {
      throw new IllegalStateException(error);
    }
  }

  /** What an interface at least lets in by these groups. */
  Set<Permission> open() {
    Set<Permission> open = new HashSet<>();
    for (Group g : groups.values()) {
      if (groupsOf.values().stream().anyMatch(l -> l.contains(g.id))) {
        g.ingress.values().forEach(r -> open.add(r.permission()));
      }
    }
    return open;
  }

  /** What each interface lets in by these groups. */
  List<Set<Permission>> openOnEach() {
    return groupsOf.values().stream()
        .map(
            attached -> {
              Set<Permission> open = new HashSet<>();
              attached.stream()
                  .filter(groups::containsKey)
                  .forEach(g -> group(g).ingress.values().forEach(r -> open.add(r.permission())));
              return open;
            })
        .toList();
  }

  /** Whether each interface has a group for grants, or takes one. */
  boolean hasAPlaceOnEach(boolean consent, int mostGroups) {
    return groupsOf.values().stream()
        .allMatch(
            attached ->
                attached.size() < mostGroups
                    || attached.stream()
                        .filter(groups::containsKey)
                        .anyMatch(g -> !isStanding(group(g)) || (consent && strangers.isEmpty())));
  }

  /** Rules of ours in the groups that the owner lent. */
  List<Rule> lent(Marks marks, RuleSetId ruleSet) {
    return groups.values().stream()
        .filter(AccessModel::isStanding)
        .flatMap(g -> g.ingress.values().stream())
        .filter(r -> isOurs(r, marks, ruleSet))
        .toList();
  }

  boolean isLentToOthers() {
    return !strangers.isEmpty();
  }

  private static boolean isOurs(Rule rule, Marks marks, RuleSetId ruleSet) {
    return OwnTags.GRANT.equals(rule.tags().get(OwnTags.MANAGED))
        || rule.description()
            .flatMap(d -> marks.read(ruleSet, rule.permission().toString(), d))
            .isPresent();
  }

  private List<Rule> rules() {
    return groups.values().stream().flatMap(g -> g.ingress.values().stream()).toList();
  }

  List<Rule> rulesOfOurs(Marks marks, RuleSetId ruleSet) {
    return rules().stream().filter(r -> isOurs(r, marks, ruleSet)).toList();
  }

  Set<Permission> foreignPermissions(Marks marks, RuleSetId ruleSet) {
    Set<Permission> foreign = new HashSet<>();
    rules().stream()
        .filter(r -> !isOurs(r, marks, ruleSet))
        .forEach(r -> foreign.add(r.permission()));
    return foreign;
  }

  boolean hasForeignRules() {
    return groups.values().stream()
        .filter(g -> !isStanding(g))
        .flatMap(g -> g.ingress.values().stream())
        .anyMatch(AccessModel::isStrange);
  }

  Set<String> attachedGroups() {
    Set<String> attached = new HashSet<>();
    groupsOf
        .values()
        .forEach(
            l ->
                l.stream()
                    .filter(g -> groups.containsKey(g) && !isStanding(group(g)))
                    .forEach(attached::add));
    return attached;
  }

  boolean isTheOnlyOneSomewhere(String group) {
    return groupsOf.values().stream().anyMatch(l -> l.equals(List.of(group)));
  }

  /** The ends in the marks of the rules that name this grant, or stand for it. */
  List<Instant> latestMarkedEnd(GrantId grant, Marks marks, RuleSetId ruleSet) {
    return rules().stream()
        .filter(r -> GrantNames.of(ruleSet, r, marks).contains(grant))
        .flatMap(
            r ->
                r
                    .description()
                    .flatMap(d -> marks.read(ruleSet, r.permission().toString(), d))
                    .stream())
        .map(Marks.Mark::until)
        .toList();
  }

  // --- foreign hands

  private Optional<Rule> some() {
    List<Rule> all = rules();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
  }

  void loseARule() {
    some().ifPresent(r -> groups.values().forEach(g -> g.ingress.remove(r.id())));
  }

  void renameARule() {
    some()
        .ifPresent(
            r ->
                change(
                    r.id(),
                    x -> new Rule(x.id(), x.permission(), Optional.of("renamed"), x.tags())));
  }

  void addAForeignRule(Limits limits) {
    for (Group g : groups.values()) {
      Permission one = Permission.tcp(443, 443, ANYBODY);
      if (rulesOf(g) < limits.rulesPerGroup()
          && g.ingress.values().stream().noneMatch(r -> r.permission().equals(one))) {
        String id = "sgr-" + numbers++;
        g.ingress.put(id, new Rule(id, one, Optional.of("theirs"), Map.of()));
      }
    }
  }

  void detachOurs() {
    groupsOf.values().stream()
        .filter(l -> l.stream().anyMatch(g -> !groups.containsKey(g)))
        .forEach(l -> l.removeIf(groups::containsKey));
  }

  void lendToOthersOrNot() {
    if (!strangers.remove("i-0stranger")) {
      strangers.add("i-0stranger");
    }
  }

  void makeRoom() {
    groupsOf.values().forEach(l -> l.removeIf(g -> g.startsWith("sg-filler-")));
  }

  void addAForeignGroup(int most) {
    groupsOf.values().stream()
        .filter(l -> l.size() < most)
        .findFirst()
        .ifPresent(l -> l.add("sg-more-" + numbers++));
  }
}
