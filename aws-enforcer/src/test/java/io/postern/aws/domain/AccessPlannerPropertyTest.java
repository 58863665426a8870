package io.postern.aws.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.Plan;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Random grants over time, foreign hands and deaths between any two calls, against what the live
 * grants say. {@code -Dseed=} repeats a case.
 */
class AccessPlannerPropertyTest {
  private static final int CASES = Integer.getInteger("cases", 10_000);
  private static final String INSTANCE = "i-0abc1234def567890";
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/" + INSTANCE);
  private static final RuleSetId RULE_SET = new RuleSetId("aws:123456789012:eu-west-1:" + INSTANCE);
  private static final Marks MARKS = new Marks("lab", new byte[32]);
  private static final Limits LIMITS = new Limits(6, 4, List.of());
  private static final List<String> SOURCES =
      List.of("203.0.113.7", "203.0.113.0/24", "198.51.100.9", "2001:db8::7");
  private static final List<PortSpec> PORTS =
      List.of(
          PortSpec.tcp(22),
          new PortSpec(PortRange.of(3389), Protocol.ANY),
          new PortSpec(new PortRange(5985, 5986), Protocol.TCP));

  @Test
  void exactlyTheLiveGrantsAreOpenAndNothingIsLeftBehind() {
    Long only = Long.getLong("seed");
    long used = 0;
    for (long seed = only == null ? 1 : only; seed <= (only == null ? CASES : only); seed++) {
      try {
        Case one = new Case(new Random(seed));
        one.run();
        used += one.used;
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("-Dseed=" + seed, e);
      }
    }
    if (only == null) {
      assertThat(used).as("rules that stood in standing groups").isGreaterThan(CASES / 2);
    }
  }

  private static final class Case {
    private final Random random;
    private final AccessModel cloud;
    private final List<Grant> grants = new ArrayList<>();
    private final boolean consent;
    private long used;
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");

    Case(Random random) {
      this.random = random;
      this.cloud = new AccessModel(random, INSTANCE, LIMITS.groupsPerInterface());
      this.consent = random.nextInt(4) > 0;
    }

    void run() {
      for (int round = 0; round < 4; round++) {
        change();
        foreignHand();
        converge();
      }
      grants.clear();
      now = now.plus(Duration.ofDays(1));
      converge();
      assertThat(cloud.rulesOfOurs(MARKS, RULE_SET)).isEmpty();
      if (!cloud.hasForeignRules()) {
        assertThat(cloud.attachedGroups())
            .as("on an interface that has other groups")
            .allMatch(cloud::isTheOnlyOneSomewhere);
      }
    }

    private void change() {
      now = now.plusSeconds(random.nextInt(400));
      for (int i = random.nextInt(4); i > 0; i--) {
        RequestId request = new RequestId(new UUID(random.nextLong(), random.nextLong()));
        grants.add(
            new Grant(
                GrantId.of(request, MACHINE),
                request,
                MACHINE,
                List.of(PORTS.get(random.nextInt(PORTS.size()))),
                List.of(Cidr.parse(SOURCES.get(random.nextInt(SOURCES.size())))),
                now,
                now.plusSeconds(60 + random.nextInt(900)),
                new PolicyId("p"),
                Optional.empty(),
                false));
      }
      grants.removeIf(g -> random.nextInt(8) == 0);
    }

    private void foreignHand() {
      switch (random.nextInt(10)) {
        case 0 -> cloud.loseARule();
        case 1 -> cloud.addAForeignRule(LIMITS);
        case 2 -> cloud.detachOurs();
        case 3 -> cloud.renameARule();
        case 4 -> cloud.addAForeignGroup(LIMITS.groupsPerInterface());
        case 5 -> cloud.lendToOthersOrNot();
        case 6 -> cloud.makeRoom();
        default -> {}
      }
    }

    private RuleSetIntent intent() {
      List<Grant> live =
          grants.stream()
              .filter(g -> g.isLive(now))
              .sorted(java.util.Comparator.comparing(Grant::id))
              .toList();
      MachineFacts facts =
          new MachineFacts(MACHINE, "web", Map.of(), List.of(), List.of(), true, List.of(RULE_SET));
      Lock lock = new Lock(List.of(new PolicyId("p")), PORTS, false, false, consent);
      return new RuleSetIntent(
          RULE_SET,
          MACHINE.scope(),
          List.of(new MachineIntent(facts, Optional.of(lock), live)),
          Optional.empty(),
          now);
    }

    /** Plans and writes until nothing is to be done; dies and begins anew between any two calls. */
    private void converge() {
      RuleSetIntent intent = intent();
      Set<Permission> foreign = cloud.foreignPermissions(MARKS, RULE_SET);
      Set<Permission> mayBeOpen = union(cloud.open(), foreign);
      for (int i = 0; i < 40; i++) {
        Plan<Step> plan = AccessPlanner.plan(intent, cloud.observe(), MARKS, LIMITS);
        if (plan.steps().isEmpty()) {
          holds(intent, plan, foreign);
          return;
        }
        if (plan.steps().indexOf(firstOpening(plan)) < lastRevoking(plan)) {
          throw new AssertionError("something opens before all is revoked: " + plan.steps());
        }
        int done = random.nextInt(4) == 0 ? 1 : plan.steps().size();
        for (Step step : plan.steps().subList(0, done)) {
          cloud.apply(step, LIMITS);
          Set<Permission> more = new HashSet<>(cloud.open());
          more.removeAll(mayBeOpen);
          more.removeAll(wanted(intent));
          if (!more.isEmpty()) {
            throw new AssertionError(step + " opened for nobody: " + more);
          }
          mayBeOpen.retainAll(union(cloud.open(), foreign));
          if (step instanceof Step.CreateGroup) {
            break; // What follows is planned from what is read afterwards.
          }
        }
      }
      throw new AssertionError("does not converge: " + cloud.observe());
    }

    private static Set<Permission> union(Set<Permission> one, Set<Permission> other) {
      Set<Permission> both = new HashSet<>(one);
      both.addAll(other);
      return both;
    }

    private static Step firstOpening(Plan<Step> plan) {
      return plan.steps().stream()
          .filter(s -> s instanceof Step.Authorize || s instanceof Step.SetGroups g && g.opens())
          .findFirst()
          .orElse(plan.steps().getLast());
    }

    private static int lastRevoking(Plan<Step> plan) {
      int last = -1;
      for (int i = 0; i < plan.steps().size(); i++) {
        last = plan.steps().get(i) instanceof Step.Revoke ? i : last;
      }
      return last;
    }

    private void holds(RuleSetIntent intent, Plan<Step> plan, Set<Permission> foreign) {
      Set<Permission> expected = new TreeSet<>();
      for (Grant g : intent.machines().getFirst().grants()) {
        if (!plan.refusedGrants().containsKey(g.id())) {
          expected.addAll(permissions(g));
        }
      }
      Set<Permission> open = new TreeSet<>(cloud.open());
      assertThat(open).as("grants that are not refused").containsAll(expected);
      assertThat(cloud.openOnEach())
          .as("on every interface")
          .allMatch(o -> o.containsAll(expected));
      boolean noPlace =
          plan.refusedGrants().values().stream().anyMatch(r -> !r.message().contains("RULE_QUOTA"));
      if (noPlace) {
        assertThat(cloud.hasAPlaceOnEach(consent, LIMITS.groupsPerInterface()))
            .as("refused for want of a place")
            .isFalse();
      }
      if (!consent || cloud.isLentToOthers()) {
        assertThat(cloud.lent(MARKS, RULE_SET)).as("without consent, or open for others").isEmpty();
      }
      used += cloud.lent(MARKS, RULE_SET).size();
      open.removeAll(expected);
      assertThat(foreign).as("nothing else, but what others put there").containsAll(open);
      assertThat(cloud.foreignPermissions(MARKS, RULE_SET)).isEqualTo(foreign);
      Assessment said = AccessPlanner.assess(intent, cloud.observe(), MARKS, LIMITS);
      for (Grant g : intent.machines().getFirst().grants()) {
        if (!plan.refusedGrants().containsKey(g.id())) {
          assertThat(said.satisfied()).contains(g.id());
          assertThat(cloud.latestMarkedEnd(g.id(), MARKS, RULE_SET))
              .as("no rule is swept before its grant's end")
              .allSatisfy(end -> assertThat(end).isAfterOrEqualTo(g.expiresAt()));
        }
      }
      Set<GrantId> over = new HashSet<>();
      grants.stream().filter(g -> !g.isLive(now)).forEach(g -> over.add(g.id()));
      over.retainAll(said.present());
      assertThat(over).as("over, and still there").isEmpty();
    }

    private static Set<Permission> wanted(RuleSetIntent intent) {
      Set<Permission> wanted = new HashSet<>();
      intent.machines().getFirst().grants().forEach(g -> wanted.addAll(permissions(g)));
      return wanted;
    }

    /** Written a second time, on purpose. */
    private static Set<Permission> permissions(Grant grant) {
      Set<Permission> all = new HashSet<>();
      for (PortSpec p : grant.ports()) {
        for (Cidr c : grant.sources()) {
          Peer peer = Peer.of(c.isIpv6() ? Peer.Kind.IPV6 : Peer.Kind.IPV4, c.toString());
          for (String protocol : List.of("tcp", "udp")) {
            if (p.protocol() == Protocol.ANY || p.protocol().name().equalsIgnoreCase(protocol)) {
              all.add(new Permission(protocol, p.ports().from(), p.ports().to(), peer));
            }
          }
        }
      }
      return all;
    }
  }
}
