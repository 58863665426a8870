package io.postern.aws.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.PortRange;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random groups, policies, foreign edits and crashes, against a model that keeps what the owner
 * wants beside what stands. {@code -Dseed=} repeats a case.
 */
class GroupPlannerPropertyTest {
  private static final int CASES = Integer.getInteger("cases", 10_000);
  private static final int TOP = 40;
  private static final List<Protocol> PROTOCOLS = List.of(Protocol.TCP, Protocol.UDP, Protocol.ANY);
  private static final List<Peer> PEERS =
      List.of(
          Peer.of(Peer.Kind.IPV4, "0.0.0.0/0"),
          Peer.of(Peer.Kind.IPV4, "10.0.0.0/8"),
          Peer.of(Peer.Kind.IPV6, "::/0"),
          Peer.of(Peer.Kind.PREFIX_LIST, "pl-1"),
          new Peer(Peer.Kind.GROUP, "sg-1", "123456789012"));

  @Test
  void whatTheOwnerWantsIsOpenLessWhatIsManagedAtEveryMomentAndComesBackExactly() {
    Long only = Long.getLong("seed");
    for (long seed = only == null ? 1 : only; seed <= (only == null ? CASES : only); seed++) {
      try {
        new Case(new Random(seed)).run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("-Dseed=" + seed, e);
      }
    }
  }

  private static final class Case {
    private final Random random;
    private final GroupModel group = new GroupModel();

    /** The rules as they would be if we had never come. */
    private final TreeMap<Permission, Rule> owner = new TreeMap<>();

    private List<PortSpec> managed = List.of();
    private List<PortSpec> closed = List.of();
    private final Reach reach;

    Case(Random random) {
      this.random = random;
      List<Integer> probes = new ArrayList<>();
      for (int port = 0; port <= TOP + 1; port++) {
        probes.add(port);
      }
      probes.add(65535);
      this.reach = new Reach(PEERS, probes);
    }

    void run() {
      for (int i = random.nextInt(5); i >= 0; i--) {
        ownerAdds();
      }
      for (int round = random.nextInt(6); round >= 0; round--) {
        managed = random.nextInt(4) == 0 ? List.of() : ports();
        settle();
        if (random.nextInt(3) == 0) {
          ownerTakesARemainderAway();
        } else {
          for (int i = random.nextInt(3); i > 0; i--) {
            if (random.nextBoolean()) {
              ownerAdds();
            } else {
              ownerTakesARuleAway();
            }
          }
        }
        settle();
      }
      managed = List.of();
      settle();
      assertThat(GroupModel.shown(group.rules.values()))
          .isEqualTo(GroupModel.shown(owner.values()));
      assertThat(group.recorded).isEmpty();
    }

    private List<PortSpec> ports() {
      List<PortSpec> specs = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        int from = 1 + random.nextInt(TOP);
        int to = Math.min(TOP, from + random.nextInt(3));
        Protocol protocol = PROTOCOLS.get(random.nextInt(3));
        specs.add(new PortSpec(new PortRange(from, to), protocol));
      }
      return specs.stream().distinct().sorted().toList();
    }

    private Permission permission() {
      Peer peer = PEERS.get(random.nextInt(PEERS.size()));
      int from = random.nextInt(TOP);
      int to = random.nextInt(8) == 0 ? 65535 : Math.min(TOP, from + random.nextInt(12));
      return switch (random.nextInt(8)) {
        case 0 -> new Permission("-1", -1, -1, peer);
        case 1 -> new Permission("icmp", -1, -1, peer);
        case 2, 3 -> new Permission("udp", from, to, peer);
        default -> Permission.tcp(from, to, peer);
      };
    }

    private void ownerAdds() {
      Permission p = permission();
      if (group.rules.containsKey(p)) {
        return;
      }
      Optional<String> description =
          random.nextBoolean() ? Optional.of("d" + random.nextInt(9)) : Optional.empty();
      Map<String, String> tags =
          random.nextBoolean() ? Map.of("team", "t" + random.nextInt(3)) : Map.of();
      group.put(p, description, tags);
      owner.put(p, new Rule("", p, description, tags));
    }

    private Optional<Rule> any(boolean remainder) {
      List<Rule> rules =
          group.rules.values().stream().filter(r -> r.isRemainder() == remainder).toList();
      return rules.isEmpty()
          ? Optional.empty()
          : Optional.of(rules.get(random.nextInt(rules.size())));
    }

    private void ownerTakesARuleAway() {
      any(false)
          .ifPresent(
              r -> {
                group.rules.remove(r.permission());
                owner.remove(r.permission());
                // Put there and taken away again before anybody looked: nothing happened.
                group.recorded.stream()
                    .filter(d -> d.permission().equals(r.permission()))
                    .forEach(
                        d ->
                            owner.put(
                                d.permission(),
                                new Rule("", d.permission(), d.description(), d.tags())));
              });
    }

    /** He closes what is left of a rule: the rule comes back without it. */
    private void ownerTakesARemainderAway() {
      Rule gone = any(true).orElse(null);
      if (gone == null || !isSettled()) {
        return;
      }
      group.rules.remove(gone.permission());
      List<Rule> cut =
          owner.values().stream()
              .filter(r -> !group.rules.containsKey(r.permission()))
              .filter(r -> remainders(r.permission()).contains(gone.permission()))
              .toList();
      cut.forEach(r -> owner.remove(r.permission()));
      List<Rule> pieces = new ArrayList<>();
      for (Rule r : cut) {
        for (Permission p : without(r.permission(), gone.permission())) {
          pieces.add(new Rule("", p, r.description(), r.tags()));
        }
      }
      pieces.forEach(p -> owner.putIfAbsent(p.permission(), p));
    }

    private boolean isSettled() {
      return group.plan(managed).steps().isEmpty()
          && group.plan(managed).after().equals(group.recorded);
    }

    /** The same by walking over all ports. */
    private List<Permission> remainders(Permission p) {
      List<Permission> all = new ArrayList<>();
      for (Permission each : spelledOut(p)) {
        if (each.protocol().equals("tcp") || each.protocol().equals("udp")) {
          runs(
              each,
              port -> managed.stream().noneMatch(m -> Reach.hits(m, each.protocol(), port)),
              all);
        } else {
          all.add(each);
        }
      }
      return all;
    }

    private List<Permission> without(Permission p, Permission gone) {
      List<Permission> all = new ArrayList<>();
      for (Permission each : spelledOut(p)) {
        if (!each.protocol().equals(gone.protocol())) {
          all.add(each);
        } else if (each.protocol().equals("tcp") || each.protocol().equals("udp")) {
          runs(each, port -> port < gone.from() || gone.to() < port, all);
        }
      }
      return all;
    }

    private static void runs(
        Permission p, java.util.function.IntPredicate keeps, List<Permission> into) {
      int start = -1;
      for (int port = p.from(); port <= p.to() + 1; port++) {
        boolean kept = port <= p.to() && keeps.test(port);
        if (kept && start < 0) {
          start = port;
        } else if (!kept && start >= 0) {
          into.add(new Permission(p.protocol(), start, port - 1, p.peer()));
          start = -1;
        }
        if (port == TOP + 2 && port < p.to()) {
          // Nothing begins or ends above but at the very top.
          port = p.to() - 1;
        }
      }
    }

    private static List<Permission> spelledOut(Permission p) {
      if (!p.protocol().equals("-1")) {
        return List.of(p);
      }
      Peer peer = p.peer();
      List<Permission> all = new ArrayList<>();
      all.add(Permission.tcp(0, 65535, peer));
      all.add(new Permission("udp", 0, 65535, peer));
      if (peer.kind() != Peer.Kind.IPV6) {
        all.add(new Permission("icmp", -1, -1, peer));
      }
      if (peer.kind() != Peer.Kind.IPV4) {
        all.add(new Permission("icmpv6", -1, -1, peer));
      }
      for (String other : List.of("47", "50", "51", "132")) {
        all.add(new Permission(other, -1, -1, peer));
      }
      return all;
    }

    /**
     * Reconciles, dying now and then after any call; looks at the other ports between all calls.
     */
    private void settle() {
      BitSet wanted = Reach.less(reach.of(owner.values()), reach.to(managed));
      // Ports that were closed until now and are no longer to be may take until the last call.
      BitSet due = Reach.less(wanted, reach.to(closed));
      for (int pass = 0; pass < 20; pass++) {
        GroupPlan plan = group.plan(managed);
        assertThat(plan.refusedLocks()).isEmpty();
        if (plan.steps().isEmpty()) {
          group.recorded = plan.after();
          settled(wanted);
          closed = managed;
          return;
        }
        group.recorded = plan.before();
        int dies = random.nextInt(3) == 0 ? random.nextInt(plan.steps().size() + 1) : -1;
        for (int i = 0; i < plan.steps().size() && i != dies; i++) {
          group.apply(plan.steps().get(i));
          otherPortsAreOpen(due);
        }
      }
      throw new AssertionError("does not settle");
    }

    private void settled(BitSet expected) {
      BitSet let = reach.of(group.rules.values());
      if (!let.equals(expected)) {
        throw new AssertionError(
            "too much: %s%ntoo little: %s%nmanaged: %s%nowner: %s%ngroup: %s%nowed: %s"
                .formatted(
                    reach.shown(Reach.less(let, expected)),
                    reach.shown(Reach.less(expected, let)),
                    managed,
                    GroupModel.shown(owner.values()),
                    GroupModel.shown(group.rules.values()),
                    group.recorded));
      }
    }

    private void otherPortsAreOpen(BitSet due) {
      BitSet missing = Reach.less(due, reach.of(group.rules.values()));
      if (!missing.isEmpty()) {
        throw new AssertionError("closed on the way: " + reach.shown(missing));
      }
    }
  }
}
