package io.postern.enforcement.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a rule set does as observed.
 *
 * @param satisfied grants of the intent whose traffic passes this rule set
 * @param present grants, of the intent or not, for which the rule set carries anything of ours
 * @param locked machines of the intent whose lock-down stands here, with the rules that go before
 *     it
 * @param touched machines of the intent for which the rule set carries a lock-down of ours, wanted
 *     or not
 * @param nameless whether something of ours that lets traffic in, and that no grant of the intent
 *     wants, does not say which grant it was for: until it is gone, no grant is known to be closed
 * @param ways what to connect to for a satisfied grant, where this rule set decides it
 * @param established what happens to established connections when an allow rule of it goes, a
 *     sentence; empty for what its cloud says of all
 * @param sweptFrom grants that share a rule with one that ends before them, and when it does: from
 *     then on a sweeper may take the rule away, and theirs with it
 */
public record Assessment(
    Set<GrantId> satisfied,
    Set<GrantId> present,
    Map<MachineId, List<Bypass>> locked,
    Set<MachineId> touched,
    boolean nameless,
    Map<GrantId, List<Way>> ways,
    String established,
    Map<GrantId, Instant> sweptFrom) {

  /** Of a rule set in which each rule is for one grant. */
  public Assessment(
      Set<GrantId> satisfied,
      Set<GrantId> present,
      Map<MachineId, List<Bypass>> locked,
      Set<MachineId> touched,
      boolean nameless,
      Map<GrantId, List<Way>> ways,
      String established) {
    this(satisfied, present, locked, touched, nameless, ways, established, Map.of());
  }

  /** Of a rule set that translates no address, and in which connections fare as the cloud says. */
  public Assessment(
      Set<GrantId> satisfied,
      Set<GrantId> present,
      Map<MachineId, List<Bypass>> locked,
      Set<MachineId> touched,
      boolean nameless) {
    this(satisfied, present, locked, touched, nameless, Map.of(), "");
  }

  /** The same, of rules that all say what they are for. */
  public Assessment(
      Set<GrantId> satisfied,
      Set<GrantId> present,
      Map<MachineId, List<Bypass>> locked,
      Set<MachineId> touched) {
    this(satisfied, present, locked, touched, false);
  }

  /** A rule by which a port under lock-down is reachable all the same. */
  public record Bypass(String rule, String explanation) {}

  /** Whether nothing stands that is, or may be, for this grant. */
  public boolean isClosed(GrantId grant) {
    return !nameless && !present.contains(grant);
  }

  public Assessment {
    satisfied = Set.copyOf(satisfied);
    present = Set.copyOf(present);
    locked = Map.copyOf(locked);
    touched = Set.copyOf(touched);
    ways = Map.copyOf(ways);
    sweptFrom = Map.copyOf(sweptFrom);
  }
}
