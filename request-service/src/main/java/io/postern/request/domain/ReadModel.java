package io.postern.request.domain;

import io.postern.model.Cidr;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What people can ask about, folded from the log in memory. Every fact may come twice and in any
 * order. Safe for use by many threads.
 */
public final class ReadModel {
  private record Submitted(
      String requestor, List<MachineId> machines, Optional<String> justification, Instant at) {}

  private final Map<RequestId, Submitted> submitted = new LinkedHashMap<>();
  private final Map<RequestId, String> requestors = new HashMap<>();
  private final Map<RequestId, Map<MachineId, List<Denial>>> denials = new HashMap<>();
  private final Map<GrantId, GrantView> grants = new LinkedHashMap<>();
  private final Map<RequestId, Set<GrantId>> grantsOf = new HashMap<>();
  private final Map<MachineId, LockdownView> lockdowns = new HashMap<>();

  public synchronized void submitted(
      RequestId id,
      String requestor,
      List<MachineId> machines,
      Optional<String> justification,
      Instant at) {
    submitted.putIfAbsent(id, new Submitted(requestor, machines, justification, at));
    requestors.putIfAbsent(id, requestor);
  }

  public synchronized void denied(
      RequestId id, String requestor, MachineId machine, List<Denial> reasons) {
    requestors.putIfAbsent(id, requestor);
    denials.computeIfAbsent(id, r -> new LinkedHashMap<>()).put(machine, List.copyOf(reasons));
  }

  public synchronized void granted(
      GrantId id,
      RequestId request,
      MachineId machine,
      String requestor,
      List<PortSpec> ports,
      List<Cidr> sources,
      Instant at,
      Instant until) {
    requestors.putIfAbsent(request, requestor);
    change(id, request, machine, g -> g.granted(requestor, ports, sources, at, until));
  }

  public synchronized void opened(
      GrantId id, RequestId request, MachineId machine, Instant at, List<Connect> connect) {
    change(id, request, machine, g -> g.opened(at, connect));
  }

  public synchronized void ended(
      GrantId id, RequestId request, MachineId machine, Instant at, String reason) {
    change(id, request, machine, g -> g.ended(at, reason));
  }

  public synchronized void closed(
      GrantId id, RequestId request, MachineId machine, Instant at, String reason) {
    change(id, request, machine, g -> g.closed(at, reason));
  }

  public synchronized void failed(
      GrantId id, RequestId request, MachineId machine, String message) {
    change(id, request, machine, g -> g.failed(message));
  }

  private void change(
      GrantId id,
      RequestId request,
      MachineId machine,
      java.util.function.UnaryOperator<GrantView> how) {
    GrantView before = grants.getOrDefault(id, GrantView.unknown(id, request, machine));
    grants.put(id, how.apply(before));
    grantsOf.computeIfAbsent(request, r -> new HashSet<>()).add(id);
  }

  public synchronized void lockdown(MachineId machine, LockdownView view) {
    lockdowns.put(machine, view);
  }

  public synchronized void lifted(MachineId machine) {
    lockdowns.remove(machine);
  }

  public synchronized Optional<LockdownView> lockdown(MachineId machine) {
    return Optional.ofNullable(lockdowns.get(machine));
  }

  public synchronized Optional<RequestView> request(RequestId id) {
    String requestor = requestors.get(id);
    if (requestor == null) {
      return Optional.empty();
    }
    Optional<Submitted> s = Optional.ofNullable(submitted.get(id));
    Map<MachineId, List<Denial>> refused = denials.getOrDefault(id, Map.of());
    List<GrantView> given =
        grantsOf.getOrDefault(id, Set.of()).stream()
            .map(grants::get)
            .sorted(Comparator.comparing(GrantView::machine))
            .toList();
    return Optional.of(
        new RequestView(
            id,
            requestor,
            s.map(Submitted::machines).orElse(List.of()),
            s.flatMap(Submitted::justification),
            s.map(Submitted::at),
            refused.keySet(),
            refused.values().stream().flatMap(List::stream).toList(),
            given));
  }

  /** All requests, the newest first. */
  public synchronized List<RequestView> requests() {
    List<RequestId> ids = new ArrayList<>(requestors.keySet());
    return ids.stream()
        .map(this::request)
        .flatMap(Optional::stream)
        .sorted(
            Comparator.comparing((RequestView r) -> r.submittedAt().orElse(Instant.EPOCH))
                .reversed()
                .thenComparing(RequestView::id))
        .toList();
  }

  public synchronized Optional<GrantView> grant(GrantId id) {
    return Optional.ofNullable(grants.get(id));
  }

  /** All grants, in the order in which the log first spoke of them. */
  public synchronized List<GrantView> grants() {
    return List.copyOf(grants.values());
  }
}
