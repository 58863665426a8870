package io.postern.request.domain;

import io.postern.model.MachineId;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * All that is known of one request but its grants, folded from the log: whatever the order and
 * however often the facts come, the same results.
 *
 * @param owner who asked; unknown until an event says so
 * @param denials by machine
 * @param approvals by machine
 * @param refused by the refusal's event id
 */
public record RequestFacts(
    RequestId id,
    Owner owner,
    Optional<Asking> asking,
    Map<String, List<Denial>> denials,
    Map<String, ApprovalView> approvals,
    Map<String, Refused> refused) {

  /** What was asked for, and when it was on the log. */
  public record Asking(List<MachineId> machines, Optional<String> justification, Instant at) {
    public Asking {
      machines = List.copyOf(machines);
    }
  }

  public RequestFacts {
    denials = Map.copyOf(denials);
    approvals = Map.copyOf(approvals);
    refused = Map.copyOf(refused);
  }

  /** Nothing is known yet. */
  public static RequestFacts unknown(RequestId id) {
    return new RequestFacts(id, Owner.UNKNOWN, Optional.empty(), Map.of(), Map.of(), Map.of());
  }

  /** What is known with one fact more; what happens to a grant says at most whose it is. */
  public RequestFacts with(Fact.OfRequest fact) {
    return switch (fact) {
      case Fact.Submitted s ->
          new RequestFacts(
              id,
              // Anybody may claim to ask for somebody; policy-service has looked.
              isKnown() ? owner : s.owner(),
              asking.or(() -> Optional.of(new Asking(s.machines(), s.justification(), s.at()))),
              denials,
              approvals,
              refused);
      case Fact.Denied d ->
          new RequestFacts(
              id,
              d.owner(),
              asking,
              put(denials, d.machine().value(), d.reasons()),
              approvals,
              refused);
      case Fact.Asked a ->
          new RequestFacts(
              id,
              a.owner(),
              asking,
              denials,
              put(approvals, a.view().machine().value(), later(a.view())),
              refused);
      case Fact.WishRefused r ->
          new RequestFacts(
              id, owner, asking, denials, approvals, put(refused, r.eventId(), r.why()));
      case Fact.GrantChanged g ->
          new RequestFacts(id, g.owner().orElse(owner), asking, denials, approvals, refused);
    };
  }

  private ApprovalView later(ApprovalView asked) {
    ApprovalView before = approvals.get(asked.machine().value());
    return before == null || asked.askedAt().isAfter(before.askedAt()) ? asked : before;
  }

  private static <V> Map<String, V> put(Map<String, V> map, String key, V value) {
    Map<String, V> more = new TreeMap<>(map);
    more.put(key, value);
    return more;
  }

  /** Whether anything says that there is such a request, or for whom. */
  public boolean isKnown() {
    return !owner.equals(Owner.UNKNOWN);
  }

  /** What people are shown. */
  public RequestView view(Collection<GrantView> grants) {
    Map<String, List<Denial>> byMachine = new TreeMap<>(denials);
    Set<MachineId> denied = new HashSet<>();
    byMachine.keySet().forEach(m -> denied.add(new MachineId(m)));
    return new RequestView(
        id,
        owner,
        asking.map(Asking::machines).orElse(List.of()),
        asking.flatMap(Asking::justification),
        asking.map(Asking::at),
        denied,
        byMachine.values().stream().flatMap(List::stream).toList(),
        List.copyOf(new TreeMap<>(approvals).values()),
        List.copyOf(new TreeMap<>(refused).values()),
        grants.stream().sorted(Comparator.comparing(GrantView::machine)).toList());
  }
}
