package io.postern.request.domain;

import io.postern.model.ApprovalLevel;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Lives of requests, for tests. */
public final class Histories {
  private static final Owner ALICE = new Owner("alice", "idp");

  private Histories() {}

  /** Everything that can happen to a request for one machine that is not refused. */
  public static List<Fact> all(RequestId request, MachineId machine, Instant t) {
    GrantId grant = GrantId.of(request, machine);
    GrantView.Given given =
        new GrantView.Given(
            ALICE,
            List.of(PortSpec.tcp(22)),
            List.of(Cidr.parse("203.0.113.7"), Cidr.parse("2001:db8::/64")),
            t,
            t,
            t.plusSeconds(60),
            "web",
            List.of("bob"));
    GrantView.Over over = new GrantView.Over(t.plusSeconds(90), "USER_REQUESTED");
    GrantView.Opened opened =
        new GrantView.Opened(t.plusSeconds(1), List.of(new Connect("192.0.2.1", 22, "TCP")));
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact.Submitted(request, ALICE, List.of(machine), Optional.of("INC-1"), t));
    facts.add(new Fact.Asked(request, ALICE, approval(machine, t, 1)));
    facts.add(new Fact.Asked(request, ALICE, approval(machine, t.plusMillis(1), 2)));
    facts.add(new Fact.WishRefused(request, "e", new Refused("eve", "NOT_AN_APPROVER", "no")));
    facts.add(Fact.granted(request, grant, machine, given));
    facts.add(Fact.opened(request, grant, machine, opened));
    facts.add(Fact.extended(request, grant, machine, t.plusSeconds(120)));
    facts.add(Fact.expired(request, grant, machine, t.plusSeconds(60)));
    facts.add(Fact.revoked(request, grant, machine, over));
    facts.add(Fact.closed(request, grant, machine, over));
    facts.add(new Fact.BreakGlassUsed(grant, "web", "fire", t));
    facts.add(new Fact.BreakGlassReviewed(grant, "carol"));
    return facts;
  }

  /** The beginning of a life. */
  public static List<Fact> some(Random random, List<Fact> all) {
    return List.copyOf(all.subList(0, 1 + random.nextInt(all.size())));
  }

  /** The same in another order, some of it more than once. */
  public static List<Fact> disturbed(Random random, List<Fact> facts) {
    List<Fact> shuffled = new ArrayList<>(facts);
    for (int n = random.nextInt(4); n > 0; n--) {
      shuffled.add(facts.get(random.nextInt(facts.size())));
    }
    Collections.shuffle(shuffled, random);
    return shuffled;
  }

  /** What leads are asked. */
  public static ApprovalView approval(MachineId machine, Instant askedAt, int level) {
    return new ApprovalView(
        machine,
        "alice",
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.113.7")),
        Duration.ofMinutes(15),
        "web",
        "digest",
        level,
        List.of(new ApprovalLevel(false, Set.of("leads"), Set.of(), 1)),
        List.of(),
        askedAt.plusSeconds(60),
        askedAt);
  }
}
