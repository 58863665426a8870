package io.postern.azure.domain;

import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a group does as observed. */
public final class NsgAssessor {
  private static final String ESTABLISHED_GO_ON =
      "Established connections go on when a rule of a network security group is taken away.";
  private static final String ESTABLISHED_END =
      "The network security group has flushConnection set: established connections that its rules no longer allow are ended.";

  private final RuleSetIntent intent;
  private final ObservedNsg observed;
  private final Ownership ownership;
  private final Map<String, NsgRule> byName = new HashMap<>();
  private final Set<GrantId> satisfied = new HashSet<>();
  private final Set<GrantId> present = new HashSet<>();
  private final Map<GrantId, Instant> sweptFrom = new HashMap<>();

  private NsgAssessor(RuleSetIntent intent, ObservedNsg observed, Ownership ownership) {
    this.intent = intent;
    this.observed = observed;
    this.ownership = ownership;
    observed.rules().forEach(r -> byName.put(r.key(), r));
  }

  /** For machines that no firewall is before. */
  public static Assessment assess(RuleSetIntent intent, ObservedNsg observed, Marks marks) {
    return assess(intent, observed, Hops.NONE, marks);
  }

  public static Assessment assess(
      RuleSetIntent intent, ObservedNsg observed, Hops hops, Marks marks) {
    return new NsgAssessor(hops.behind(intent), observed, new Ownership(marks, intent.ruleSet()))
        .assess();
  }

  private Assessment assess() {
    Map<MachineId, List<Assessment.Bypass>> locked = new HashMap<>();
    Set<MachineId> touched = new HashSet<>();
    List<Wanted> allows = new ArrayList<>();
    for (MachineIntent machine : intent.machines()) {
      for (Grant grant : machine.grants()) {
        List<Wanted> its = Wanted.allows(machine, grant, ownership);
        allows.addAll(its);
        if (!its.isEmpty() && its.stream().allMatch(this::passes)) {
          satisfied.add(grant.id());
        }
      }
      lockDown(machine).ifPresent(bypasses -> locked.put(machine.machine(), bypasses));
      if (isTouched(machine)) {
        touched.add(machine.machine());
      }
    }
    observed.rules().stream()
        .filter(ownership::isOurs)
        .forEach(r -> ownership.grant(r).ifPresent(present::add));
    return new Assessment(
        satisfied,
        present,
        locked,
        touched,
        isNameless(Pack.byKey(allows)),
        Map.of(),
        observed.flushes() ? ESTABLISHED_END : ESTABLISHED_GO_ON,
        sweptFrom);
  }

  /**
   * Whether a rule that several share lets in more than the grants of the intent want: it does not
   * say whose that is.
   */
  private boolean isNameless(Map<Pack.Key, List<Wanted>> groups) {
    Map<String, List<Wanted>> sharers = new HashMap<>();
    groups.forEach((key, group) -> sharers.put(NsgRule.key(ownership.packName(key)), group));
    boolean nameless = false;
    for (NsgRule rule : observed.rules()) {
      if (Ownership.isPack(rule) && ownership.isOurs(rule)) {
        List<Wanted> group = sharers.getOrDefault(rule.key(), List.of());
        List<Cidr> named = Pack.networks(rule);
        group.stream()
            .filter(w -> Pack.touches(named, w))
            .forEach(w -> present.add(w.grant().orElseThrow().id()));
        nameless |= !Pack.isWithin(rule, group);
      }
    }
    return nameless;
  }

  private boolean passes(Wanted allow) {
    Optional<NsgRule> own =
        standing(allow).filter(r -> r.description().equals(allow.rule().description()));
    return own.or(() -> shared(allow)).filter(r -> isNotDeniedBefore(allow, r)).isPresent();
  }

  private boolean isNotDeniedBefore(Wanted allow, NsgRule stands) {
    return observed.rules().stream()
        .filter(r -> !r.allows() && r.priority() < stands.priority())
        .noneMatch(allow.traffic()::surelyMeets);
  }

  /** The rule that this grant shares with others; it must not outlast the grant. */
  private Optional<NsgRule> shared(Wanted allow) {
    Grant grant = allow.grant().orElseThrow();
    String name = NsgRule.key(ownership.packName(Pack.Key.of(allow)));
    Optional<NsgRule> pack =
        Optional.ofNullable(byName.get(name))
            .filter(r -> r.state() == NsgRule.State.IN_FORCE)
            .filter(r -> r.shape().equals(allow.rule().shape()))
            .filter(r -> Pack.holds(Pack.networks(r), allow));
    Optional<Instant> until = pack.flatMap(ownership::mark).map(Marks.Mark::until);
    until
        .filter(t -> t.getEpochSecond() < grant.expiresAt().getEpochSecond())
        .ifPresent(t -> sweptFrom.merge(grant.id(), t, (a, b) -> a.isBefore(b) ? a : b));
    return until.filter(t -> !t.isAfter(grant.expiresAt())).flatMap(t -> pack);
  }

  private Optional<NsgRule> standing(Wanted wanted) {
    return Optional.ofNullable(byName.get(wanted.rule().key()))
        .filter(r -> r.state() == NsgRule.State.IN_FORCE)
        .filter(r -> r.content().equals(wanted.rule().content()));
  }

  /** The rules that go before the lock-down; empty when it does not stand. */
  private Optional<List<Assessment.Bypass>> lockDown(MachineIntent machine) {
    List<Wanted> denies = Wanted.denies(machine, ownership);
    Map<String, Assessment.Bypass> bypasses = new LinkedHashMap<>();
    for (Wanted deny : denies) {
      Optional<NsgRule> stands = standing(deny);
      if (stands.isEmpty()) {
        return Optional.empty();
      }
      observed.rules().stream()
          .filter(r -> r.allows() && r.priority() < stands.get().priority())
          .filter(r -> !ownership.isOurs(r))
          .filter(deny.traffic()::mayMeet)
          .sorted(java.util.Comparator.comparingInt(NsgRule::priority))
          .forEach(r -> bypasses.putIfAbsent(r.key(), bypass(r, stands.get())));
    }
    return denies.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(bypasses.values()));
  }

  private static Assessment.Bypass bypass(NsgRule rule, NsgRule lockDown) {
    String protocol =
        Traffic.isAny(rule.protocol())
            ? "any protocol, ports"
            : rule.protocol().toUpperCase(Locale.ROOT);
    List<String> from = rule.sources().isEmpty() ? rule.sourceGroups() : rule.sources();
    return new Assessment.Bypass(
        rule.name(),
        "allows %s %s from %s at priority %d, before the lock-down at %d"
            .formatted(
                protocol,
                shortened(rule.destinationPorts()),
                shortened(from),
                rule.priority(),
                lockDown.priority()));
  }

  private static String shortened(List<String> values) {
    return values.size() <= 5
        ? String.join(", ", values)
        : String.join(", ", values.subList(0, 5)) + " and " + (values.size() - 5) + " more";
  }

  private boolean isTouched(MachineIntent machine) {
    for (Flow flow : Flow.values()) {
      String name = ownership.denyName(machine.machine(), flow).toLowerCase(Locale.ROOT);
      if (byName.containsKey(name)) {
        return true;
      }
    }
    return false;
  }
}
