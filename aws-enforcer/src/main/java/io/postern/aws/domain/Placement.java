package io.postern.aws.domain;

import io.postern.enforcement.domain.Plan;
import io.postern.model.ErrorCode;
import io.postern.model.Shortage;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * In which group the rules of grants stand, for each network interface of a machine: its access
 * group, or, by consent of a policy, its standing group where the interface takes no further group.
 */
public final class Placement {
  private final Observed.Access observed;
  private final boolean consent;
  private final Predicate<Rule> ours;
  private final Limits limits;
  private final Map<String, Observed.AccessGroup> standing = new HashMap<>();
  private Optional<Plan.Refusal> obstacle = Optional.empty();

  private Placement(
      Observed.Access observed, boolean consent, Predicate<Rule> ours, Limits limits) {
    this.observed = observed;
    this.consent = consent;
    this.ours = ours;
    this.limits = limits;
  }

  /**
   * @param consent whether a policy lets grants into standing groups
   * @param ours whether a rule is one that opens for grants
   */
  public static Placement of(
      Observed.Access observed, boolean consent, Predicate<Rule> ours, Limits limits) {
    Placement placement = new Placement(observed, consent, ours, limits);
    if (observed.interfaces().isEmpty()) {
      placement.refuse(
          ErrorCode.TARGET_NOT_FOUND, observed.instance() + " has no network interface");
    }
    observed.interfaces().forEach(placement::place);
    return placement;
  }

  /** Why no grant of the machine can be opened, if so. */
  public Optional<Plan.Refusal> obstacle() {
    return obstacle;
  }

  /** Whether rules of grants belong into this group. */
  boolean uses(Observed.AccessGroup group) {
    return observed.interfaces().stream()
        .anyMatch(
            i -> i.vpc().equals(group.vpc()) && group.standing() == standing.containsKey(i.id()));
  }

  /** Whether an interface takes its grants from the machine's access group. */
  boolean usesAccessGroup(Observed.Interface eni) {
    return !standing.containsKey(eni.id());
  }

  /** The group that an interface takes its grants from; empty when it is not made yet. */
  Optional<Observed.AccessGroup> groupOf(Observed.Interface eni) {
    Observed.AccessGroup attached = standing.get(eni.id());
    return attached == null ? accessGroup(eni.vpc()) : Optional.of(attached);
  }

  /** The shortage of the group or interface that is worst off, if any is. */
  public Optional<Shortage> shortage() {
    if (obstacle.isPresent()) {
      return Shortage.of(0, obstacle.get().message());
    }
    Optional<Shortage> worst = Optional.empty();
    for (Observed.AccessGroup group : observed.groups()) {
      if (group.ours() && uses(group)) {
        worst =
            Shortage.worse(
                worst,
                Shortage.of(
                    limits.rulesPerGroup()
                        - weight(group.ingress().stream().map(Rule::permission).toList()),
                    "%s group %s is near its quota of %d rules"
                        .formatted(
                            group.standing() ? "standing" : "access",
                            group.id(),
                            limits.rulesPerGroup())));
      }
    }
    return worst;
  }

  private void place(Observed.Interface eni) {
    Optional<Observed.AccessGroup> own = accessGroup(eni.vpc());
    if (own.isPresent() && eni.groups().contains(own.get().id())) {
      checkOwn(eni, own);
      return;
    }
    boolean full = eni.groups().size() >= limits.groupsPerInterface();
    Optional<Observed.AccessGroup> attached =
        observed.groups().stream()
            .filter(g -> g.standing() && g.ours() && eni.groups().contains(g.id()))
            .findFirst();
    if (consent && attached.filter(g -> full || holdsGrants(g)).isPresent()) {
      stand(eni, attached.get());
    } else if (full) {
      refuse(ErrorCode.UNSUPPORTED_TARGET, noRoom(eni, attached));
    } else {
      checkOwn(eni, own);
    }
  }

  /** A group with grants keeps them to their end, or a free place would interrupt them. */
  private boolean holdsGrants(Observed.AccessGroup group) {
    return group.ingress().stream().anyMatch(ours);
  }

  private void stand(Observed.Interface eni, Observed.AccessGroup group) {
    if (group.strangers().isEmpty()) {
      standing.put(eni.id(), group);
    } else {
      refuse(
          ErrorCode.CONFLICT,
          "the standing group %s of %s is attached to %s as well, a rule in it would open that too"
              .formatted(group.id(), observed.instance(), String.join(", ", group.strangers())));
    }
  }

  private void checkOwn(Observed.Interface eni, Optional<Observed.AccessGroup> own) {
    if (own.isPresent() && !own.get().ours()) {
      refuse(
          ErrorCode.CONFLICT,
          "%s in %s is named %s, but its tags say that it is not this installation's"
              .formatted(own.get().id(), eni.vpc(), AccessPlanner.groupName(observed.instance())));
    }
  }

  private String noRoom(Observed.Interface eni, Optional<Observed.AccessGroup> attached) {
    String full =
        "%s of %s has %d security groups, as many as EC2 allows: there is no room for an access group"
            .formatted(eni.id(), observed.instance(), eni.groups().size());
    if (attached.isPresent()) {
      return full
          + "; its standing group %s is for policies with fullInterfaces: standing"
              .formatted(attached.get().id());
    }
    return consent
        ? full
            + " and no standing group %s is attached to it"
                .formatted(AccessPlanner.standingName(observed.instance()))
        : full;
  }

  private void refuse(ErrorCode code, String message) {
    if (obstacle.isEmpty()) {
      obstacle = Optional.of(new Plan.Refusal(code, message));
    }
  }

  /** The group by the name of the machine's access group, ours or not. */
  private Optional<Observed.AccessGroup> accessGroup(String vpc) {
    return observed.groups().stream().filter(g -> !g.standing() && g.vpc().equals(vpc)).findFirst();
  }

  /** What rules count for against the quota of a group: those of the family that has more. */
  static int weight(Collection<Permission> rules) {
    long ipv4 = rules.stream().filter(p -> p.peer().mayBe(false)).count();
    long ipv6 = rules.stream().filter(p -> p.peer().mayBe(true)).count();
    return (int) Math.max(ipv4, ipv6);
  }
}
