package io.postern.aws.domain;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A machine's access group, one in each VPC that the machine has an interface in: made for the
 * first grant, gone after the last, one rule for each distinct protocol, ports and source, however
 * many grants name it. Rules go before anything else is done, and whether the group itself can be
 * deleted yet is of no account to a grant that ends.
 */
public final class AccessPlanner {
  /** EC2 takes 50 tags on a resource; some are left to the owner. */
  static final int GRANTS_OF_RULE = 40;

  private final RuleSetIntent intent;
  private final Observed.Access observed;
  private final Marks marks;
  private final Limits limits;
  private final Map<GrantId, Plan.Refusal> refused = new HashMap<>();

  private AccessPlanner(
      RuleSetIntent intent, Observed.Access observed, Marks marks, Limits limits) {
    this.intent = intent;
    this.observed = observed;
    this.marks = marks;
    this.limits = limits;
  }

  public static Plan<Step> plan(
      RuleSetIntent intent, Observed.Access observed, Marks marks, Limits limits) {
    return new AccessPlanner(intent, observed, marks, limits).plan();
  }

  /** Why no grant could be opened on the machine as it is, if so. */
  public static Optional<String> foresee(
      RuleSetIntent intent, Observed.Access observed, Marks marks, Limits limits) {
    boolean matters = intent.machines().stream().anyMatch(m -> m.lock().isPresent());
    return matters
        ? new AccessPlanner(intent, observed, marks, limits).obstacle().map(Plan.Refusal::message)
        : Optional.empty();
  }

  /** Name of a machine's access group, the same in every VPC. */
  public static String groupName(String instance) {
    return "postern-" + instance;
  }

  /** The calls for all groups of the machine, in the order in which they must happen. */
  private static final class Calls {
    final List<Step> closing = new ArrayList<>();
    final List<Step> opening = new ArrayList<>();
    final List<Step> tidying = new ArrayList<>();

    List<Step> inOrder() {
      List<Step> all = new ArrayList<>(closing);
      all.addAll(opening);
      all.addAll(tidying);
      return all;
    }
  }

  private Plan<Step> plan() {
    Map<Permission, List<Grant>> wanted = wanted();
    Calls calls = new Calls();
    Set<String> vpcs = new LinkedHashSet<>();
    observed.interfaces().forEach(i -> vpcs.add(i.vpc()));
    for (Observed.AccessGroup group : observed.groups()) {
      if (group.ours()) {
        boolean needed = vpcs.contains(group.vpc()) && !wanted.isEmpty();
        converge(group, needed ? wanted : Map.of(), calls);
      }
    }
    if (!wanted.isEmpty()) {
      vpcs.stream()
          .filter(v -> groupIn(v).isEmpty())
          .forEach(v -> calls.opening.add(create(v, wanted)));
    }
    List<Step> steps = calls.inOrder();
    Optional<RestorePoint> before =
        steps.isEmpty() && observed.groups().stream().noneMatch(Observed.AccessGroup::ours)
            ? Optional.empty()
            : Optional.of(RestorePoint.NOTHING);
    return new Plan<>(before, steps, before, refused, Map.of());
  }

  private Optional<Observed.AccessGroup> groupIn(String vpc) {
    return observed.groups().stream().filter(g -> g.vpc().equals(vpc)).findFirst();
  }

  /** The rules that must stand, with the grants that each is for, the last to end first. */
  private Map<Permission, List<Grant>> wanted() {
    Map<Permission, List<Grant>> wanted = new TreeMap<>();
    Optional<Plan.Refusal> obstacle = obstacle();
    for (Grant grant : grants()) {
      if (obstacle.isPresent()) {
        refused.put(grant.id(), obstacle.get());
        continue;
      }
      Set<Permission> permissions = permissions(grant);
      Optional<Plan.Refusal> crowded = crowded(wanted, permissions);
      if (crowded.isPresent()) {
        refused.put(grant.id(), crowded.get());
      } else {
        permissions.forEach(p -> wanted.computeIfAbsent(p, x -> new ArrayList<>()).add(grant));
      }
    }
    wanted.values().forEach(g -> g.sort(LAST_TO_END_FIRST));
    return wanted;
  }

  private static final Comparator<Grant> LAST_TO_END_FIRST =
      Comparator.comparing(Grant::expiresAt).reversed().thenComparing(Grant::id);

  private List<Grant> grants() {
    return intent.machines().stream().flatMap(m -> m.grants().stream()).toList();
  }

  private static Set<Permission> permissions(Grant grant) {
    Set<Permission> all = new LinkedHashSet<>();
    for (PortSpec port : grant.ports()) {
      for (Cidr source : grant.sources()) {
        Peer peer = Peer.of(source.isIpv6() ? Peer.Kind.IPV6 : Peer.Kind.IPV4, source.toString());
        if (port.protocol() != Protocol.UDP) {
          all.add(Permission.tcp(port.ports().from(), port.ports().to(), peer));
        }
        if (port.protocol() != Protocol.TCP) {
          all.add(new Permission("udp", port.ports().from(), port.ports().to(), peer));
        }
      }
    }
    return all;
  }

  private Optional<Plan.Refusal> crowded(
      Map<Permission, List<Grant>> wanted, Set<Permission> more) {
    if (more.stream().anyMatch(p -> wanted.getOrDefault(p, List.of()).size() >= GRANTS_OF_RULE)) {
      return Optional.of(
          new Plan.Refusal(
              ErrorCode.CONFLICT,
              "%d grants for the same port and source are open already, more fit into no rule's tags"
                  .formatted(GRANTS_OF_RULE)));
    }
    Set<Permission> all = new HashSet<>(wanted.keySet());
    all.addAll(more);
    long v6 = all.stream().filter(p -> p.peer().kind() == Peer.Kind.IPV6).count();
    if (Math.max(v6, all.size() - v6) > limits.rulesPerGroup()) {
      return Optional.of(
          new Plan.Refusal(
              ErrorCode.CONFLICT,
              "RULE_QUOTA: the access group of %s is full, its quota is %d rules"
                  .formatted(observed.instance(), limits.rulesPerGroup())));
    }
    return Optional.empty();
  }

  /** Why no grant of this machine can be opened, if so. */
  private Optional<Plan.Refusal> obstacle() {
    if (observed.interfaces().isEmpty()) {
      return Optional.of(
          new Plan.Refusal(
              ErrorCode.TARGET_NOT_FOUND, observed.instance() + " has no network interface"));
    }
    for (Observed.Interface eni : observed.interfaces()) {
      Optional<Observed.AccessGroup> group = groupIn(eni.vpc());
      if (group.isPresent() && !group.get().ours()) {
        return Optional.of(
            new Plan.Refusal(
                ErrorCode.CONFLICT,
                "%s in %s is named %s, but its tags say that it is not this installation's"
                    .formatted(group.get().id(), eni.vpc(), groupName(observed.instance()))));
      }
      boolean attached = group.isPresent() && eni.groups().contains(group.get().id());
      if (!attached && eni.groups().size() >= limits.groupsPerInterface()) {
        return Optional.of(
            new Plan.Refusal(
                ErrorCode.UNSUPPORTED_TARGET,
                "%s of %s has %d security groups, as many as EC2 allows: there is no room for an access group"
                    .formatted(eni.id(), observed.instance(), eni.groups().size())));
      }
    }
    return Optional.empty();
  }

  private Step create(String vpc, Map<Permission, List<Grant>> wanted) {
    return new Step.CreateGroup(
        groupName(observed.instance()),
        "Just-in-time access to " + observed.instance() + ", kept by Postern",
        vpc,
        Map.of(
            OwnTags.MANAGED, OwnTags.GROUP,
            OwnTags.INSTALLATION, marks.installation(),
            OwnTags.VM, observed.instance(),
            OwnTags.UNTIL, lastEnd(wanted).toString()));
  }

  private static Instant lastEnd(Map<Permission, List<Grant>> wanted) {
    return wanted.values().stream()
        .map(g -> g.getFirst().expiresAt())
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  private void converge(
      Observed.AccessGroup group, Map<Permission, List<Grant>> wanted, Calls calls) {
    Map<Permission, Rule> standing = new HashMap<>();
    List<String> over = new ArrayList<>();
    boolean foreign = false;
    for (Rule rule : group.ingress()) {
      if (wanted.containsKey(rule.permission())) {
        standing.put(rule.permission(), rule);
      } else if (isOurs(rule)) {
        over.add(rule.id());
      } else {
        foreign = true;
      }
    }
    if (!over.isEmpty()) {
      calls.closing.add(new Step.Revoke(group.id(), over));
    }
    standing.forEach(
        (permission, rule) ->
            rename(group, rule, wanted.getOrDefault(permission, List.of()), calls));
    if (!wanted.isEmpty()) {
      open(group, wanted, standing, calls);
    } else if (!foreign) {
      remove(group, calls);
    }
  }

  private void open(
      Observed.AccessGroup group,
      Map<Permission, List<Grant>> wanted,
      Map<Permission, Rule> standing,
      Calls calls) {
    if (!group.egress().isEmpty()) {
      calls.opening.add(new Step.RevokeEgress(group.id(), group.egress()));
    }
    Map<Map<String, String>, List<Step.NewRule>> byTags = new LinkedHashMap<>();
    wanted.forEach(
        (permission, grants) -> {
          if (!standing.containsKey(permission)) {
            byTags
                .computeIfAbsent(tags(grants), t -> new ArrayList<>())
                .add(new Step.NewRule(permission, Optional.of(mark(permission, grants))));
          }
        });
    byTags.forEach(
        (tags, rules) -> calls.opening.add(new Step.Authorize(group.id(), rules, tags, true)));
    for (Observed.Interface eni : observed.interfaces()) {
      if (eni.vpc().equals(group.vpc()) && !eni.groups().contains(group.id())) {
        List<String> groups = new ArrayList<>(eni.groups());
        groups.add(group.id());
        calls.opening.add(new Step.SetGroups(eni.id(), groups, true));
      }
    }
    Instant end = lastEnd(wanted);
    boolean looksOver = group.until().map(u -> !isAfter(u, intent.now())).orElse(true);
    if (looksOver) {
      calls.tidying.add(new Step.Tag(group.id(), Map.of(OwnTags.UNTIL, end.toString())));
    }
  }

  private static boolean isAfter(String instant, Instant now) {
    try {
      return Instant.parse(instant).isAfter(now);
    } catch (java.time.DateTimeException e) {
      return false;
    }
  }

  /** Takes an empty group off the machine and deletes it. */
  private void remove(Observed.AccessGroup group, Calls calls) {
    for (Observed.Interface eni : observed.interfaces()) {
      if (!eni.groups().contains(group.id())) {
        continue;
      }
      List<String> others = eni.groups().stream().filter(g -> !g.equals(group.id())).toList();
      if (others.isEmpty()) {
        // EC2 wants at least one group on an interface, and this empty one lets nothing in.
        return;
      }
      calls.tidying.add(new Step.SetGroups(eni.id(), others, false));
    }
    calls.tidying.add(new Step.DeleteGroup(group.id()));
  }

  /** Brings what a rule says of itself to the grants that it is for now. */
  private void rename(Observed.AccessGroup group, Rule rule, List<Grant> grants, Calls calls) {
    if (!isOurs(rule)) {
      return;
    }
    Map<String, String> tags = tags(grants);
    Map<String, String> missing = new HashMap<>(tags);
    missing.entrySet().removeAll(rule.tags().entrySet());
    Set<String> over = new HashSet<>(rule.tags().keySet());
    over.removeIf(k -> !k.startsWith(OwnTags.GRANT_PREFIX) || tags.containsKey(k));
    String mark = mark(rule.permission(), grants);
    if (!rule.description().equals(Optional.of(mark))) {
      calls.closing.add(new Step.Describe(group.id(), rule, Optional.of(mark)));
    }
    if (!missing.isEmpty()) {
      calls.opening.add(new Step.Tag(rule.id(), missing));
    }
    if (!over.isEmpty()) {
      calls.closing.add(new Step.Untag(rule.id(), over));
    }
  }

  /**
   * A rule for one grant bears its name in the mark; tags are for more. EC2 gives one set of tags
   * to all rules of a call, so that rules with the same tags are one call, whoever they are for.
   */
  private static Map<String, String> tags(List<Grant> grants) {
    Map<String, String> tags = new HashMap<>();
    tags.put(OwnTags.MANAGED, OwnTags.GRANT);
    if (grants.size() > 1) {
      grants.forEach(g -> tags.put(OwnTags.GRANT_PREFIX + g.id(), g.expiresAt().toString()));
    }
    return tags;
  }

  /** The mark of the grant that ends last: whoever sweeps closes at that end. */
  private String mark(Permission permission, List<Grant> lastToEndFirst) {
    Grant last = lastToEndFirst.getFirst();
    return marks.write(intent.ruleSet(), permission.toString(), last.id(), last.expiresAt());
  }

  /** Written by us, whatever somebody may have done to it since. */
  private boolean isOurs(Rule rule) {
    return OwnTags.GRANT.equals(rule.tags().get(OwnTags.MANAGED))
        || !GrantNames.of(intent.ruleSet(), rule, marks).isEmpty();
  }

  /** What the access groups of a machine do as observed. */
  public static Assessment assess(
      RuleSetIntent intent, Observed.Access observed, Marks marks, Limits limits) {
    return new AccessPlanner(intent, observed, marks, limits).assess();
  }

  private Assessment assess() {
    Set<GrantId> present = new HashSet<>();
    Set<Permission> wanted = new HashSet<>();
    grants().forEach(g -> wanted.addAll(permissions(g)));
    boolean nameless = false;
    for (Rule rule : ownRules()) {
      Set<GrantId> named = GrantNames.of(intent.ruleSet(), rule, marks);
      present.addAll(named);
      nameless |= named.isEmpty() && !wanted.contains(rule.permission());
    }
    Set<GrantId> satisfied = new HashSet<>();
    grants().stream().filter(this::isOpen).forEach(g -> satisfied.add(g.id()));
    Map<MachineId, List<Assessment.Bypass>> locked = new HashMap<>();
    for (MachineIntent machine : intent.machines()) {
      machine.lock().ifPresent(l -> locked.put(machine.machine(), bypasses(l.ports())));
    }
    return new Assessment(satisfied, present, locked, Set.of(), nameless);
  }

  private List<Rule> ownRules() {
    return observed.groups().stream()
        .filter(Observed.AccessGroup::ours)
        .flatMap(g -> g.ingress().stream())
        .filter(this::isOurs)
        .toList();
  }

  private boolean isOpen(Grant grant) {
    Set<Permission> permissions = permissions(grant);
    return !observed.interfaces().isEmpty()
        && observed.interfaces().stream()
            .allMatch(eni -> groupIn(eni.vpc()).filter(g -> lets(g, eni, permissions)).isPresent());
  }

  private static boolean lets(
      Observed.AccessGroup group, Observed.Interface eni, Set<Permission> permissions) {
    Set<Permission> standing = new HashSet<>();
    group.ingress().forEach(r -> standing.add(r.permission()));
    return group.ours()
        && group.egress().isEmpty()
        && eni.groups().contains(group.id())
        && standing.containsAll(permissions);
  }

  /** Rules that somebody else put into our group. */
  private List<Assessment.Bypass> bypasses(List<PortSpec> ports) {
    List<Assessment.Bypass> found = new ArrayList<>();
    for (Observed.AccessGroup group : observed.groups()) {
      for (Rule rule : group.ingress()) {
        if (group.ours() && !isOurs(rule) && rule.permission().opensAny(ports)) {
          found.add(
              new Assessment.Bypass(
                  group.id() + "/" + rule.id(),
                  "somebody else's rule in the access group: " + rule.permission()));
        }
      }
    }
    return found;
  }
}
