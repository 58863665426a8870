package io.postern.aws.domain;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A machine's access group, one in each VPC that the machine has an interface in: made for the
 * first grant, gone after the last, one rule for each distinct protocol, ports and source, however
 * many grants name it. Rules go before anything else is done, and whether the group itself can be
 * deleted yet is of no account to a grant that ends.
 */
public final class AccessPlanner {
  /** EC2 takes 50 tags on a resource; some are left to the owner. */
  static final int GRANTS_OF_RULE = 40;

  private static final Pattern NAME = Pattern.compile("postern-(i-[0-9a-f]+)(-standing)?");

  private final RuleSetIntent intent;
  private final Observed.Access observed;
  private final Marks marks;
  private final Limits limits;
  private final Placement placement;
  private final Map<GrantId, Plan.Refusal> refused = new HashMap<>();

  private AccessPlanner(
      RuleSetIntent intent, Observed.Access observed, Marks marks, Limits limits) {
    this.intent = intent;
    this.observed = observed;
    this.marks = marks;
    this.limits = limits;
    this.placement =
        Placement.of(
            observed,
            intent.machines().stream().anyMatch(m -> m.lock().filter(Lock::standing).isPresent()),
            this::isOurs,
            limits);
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
        ? new AccessPlanner(intent, observed, marks, limits)
            .placement
            .obstacle()
            .map(Plan.Refusal::message)
        : Optional.empty();
  }

  /** Name of a machine's access group, the same in every VPC. */
  public static String groupName(String instance) {
    return "postern-" + instance;
  }

  /** Name of the group that an owner may lend a machine's grants, the same in every VPC. */
  public static String standingName(String instance) {
    return groupName(instance) + "-standing";
  }

  /** The instance whose access group or standing group bears this name; empty for another name. */
  public static Optional<String> instanceOf(String group) {
    Matcher named = NAME.matcher(group);
    return named.matches() ? Optional.of(named.group(1)) : Optional.empty();
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
    for (Observed.AccessGroup group : observed.groups()) {
      if (group.ours()) {
        converge(group, placement.uses(group) ? wanted : Map.of(), calls);
      }
    }
    if (!wanted.isEmpty()) {
      observed.interfaces().stream()
          .filter(placement::usesAccessGroup)
          .filter(i -> placement.groupOf(i).isEmpty())
          .map(Observed.Interface::vpc)
          .distinct()
          .forEach(v -> calls.opening.add(create(v, wanted)));
    }
    List<Step> steps = calls.inOrder();
    Optional<RestorePoint> before =
        steps.isEmpty() && observed.groups().stream().noneMatch(this::owes)
            ? Optional.empty()
            : Optional.of(RestorePoint.NOTHING);
    return new Plan<>(before, steps, before, refused, Map.of());
  }

  /** Whether there is something in it that is to be taken back one day. */
  private boolean owes(Observed.AccessGroup group) {
    return group.ours() && (!group.standing() || group.ingress().stream().anyMatch(this::isOurs));
  }

  /** The rules that must stand, with the grants that each is for, the last to end first. */
  private Map<Permission, List<Grant>> wanted() {
    Map<Permission, List<Grant>> wanted = new TreeMap<>();
    Optional<Plan.Refusal> obstacle = placement.obstacle();
    for (Grant grant : openFirst()) {
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

  /** Where not all find room, those that are open stay so. */
  private List<Grant> openFirst() {
    return grants().stream().sorted(Comparator.comparing((Grant g) -> !isOpen(g))).toList();
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
    if (observed.groups().stream().anyMatch(g -> isOverfull(g, all))) {
      return Optional.of(
          new Plan.Refusal(
              ErrorCode.CONFLICT,
              "RULE_QUOTA: the group for grants of %s is full, its quota is %d rules"
                  .formatted(observed.instance(), limits.rulesPerGroup())));
    }
    return Optional.empty();
  }

  /** Whether these rules do not fit beside what others put into a group. */
  private boolean isOverfull(Observed.AccessGroup group, Set<Permission> wanted) {
    if (!group.ours() || !placement.uses(group)) {
      return false;
    }
    Set<Permission> all = new HashSet<>(wanted);
    group.ingress().stream().filter(r -> !isOurs(r)).forEach(r -> all.add(r.permission()));
    return Placement.weight(all) > limits.rulesPerGroup();
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
    } else if (!foreign && !group.standing()) {
      remove(group, calls);
    }
  }

  private void open(
      Observed.AccessGroup group,
      Map<Permission, List<Grant>> wanted,
      Map<Permission, Rule> standing,
      Calls calls) {
    if (!group.egress().isEmpty() && !group.standing()) {
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
    if (group.standing()) {
      return;
    }
    for (Observed.Interface eni : observed.interfaces()) {
      if (eni.vpc().equals(group.vpc())
          && placement.usesAccessGroup(eni)
          && !eni.groups().contains(group.id())) {
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

  private boolean isOurs(Rule rule) {
    return GrantNames.isOurs(intent.ruleSet(), rule, marks);
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
            .allMatch(
                eni -> placement.groupOf(eni).filter(g -> lets(g, eni, permissions)).isPresent());
  }

  private static boolean lets(
      Observed.AccessGroup group, Observed.Interface eni, Set<Permission> permissions) {
    Set<Permission> standing = new HashSet<>();
    group.ingress().forEach(r -> standing.add(r.permission()));
    return group.ours()
        && (group.standing() || group.egress().isEmpty())
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
                  "somebody else's rule in the group for grants: " + rule.permission()));
        }
      }
    }
    return found;
  }
}
