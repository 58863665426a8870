package io.postern.request.domain;

import io.postern.model.GrantId;
import io.postern.model.MachineId;
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
import java.util.TreeMap;
import java.util.function.UnaryOperator;

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
  private final Map<RequestId, TreeMap<MachineId, ApprovalView>> approvals = new HashMap<>();
  private final Map<RequestId, TreeMap<String, Refused>> refused = new HashMap<>();
  private final Map<GrantId, BreakGlassView> broken = new HashMap<>();
  private final Map<GrantId, String> reviewers = new HashMap<>();
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

  /** Approvers are asked, or asked again. */
  public synchronized void asked(RequestId id, ApprovalView view) {
    requestors.putIfAbsent(id, view.requestor());
    approvals
        .computeIfAbsent(id, r -> new TreeMap<>())
        .merge(view.machine(), view, (a, b) -> b.askedAt().isAfter(a.askedAt()) ? b : a);
  }

  /** A wish about the request was refused. */
  public synchronized void refused(RequestId id, String eventId, Refused why) {
    refused.computeIfAbsent(id, r -> new TreeMap<>()).put(eventId, why);
  }

  public synchronized void breakGlassUsed(
      GrantId id, String policy, String justification, Instant at) {
    broken.put(id, new BreakGlassView(policy, justification, at, Optional.empty()));
  }

  public synchronized void reviewed(GrantId id, String by) {
    reviewers.put(id, by);
  }

  /** How break-glass was used for the grant, and who has reviewed it. */
  public synchronized Optional<BreakGlassView> breakGlass(GrantId id) {
    return Optional.ofNullable(broken.get(id))
        .map(
            b ->
                new BreakGlassView(
                    b.policy(),
                    b.justification(),
                    b.usedAt(),
                    Optional.ofNullable(reviewers.get(id))));
  }

  public synchronized void granted(
      GrantId id, RequestId request, MachineId machine, GrantView.Given what) {
    requestors.putIfAbsent(request, what.requestor());
    change(id, request, machine, g -> g.granted(what));
  }

  public synchronized void extended(
      GrantId id, RequestId request, MachineId machine, Instant until) {
    change(id, request, machine, g -> g.extended(until));
  }

  public synchronized void opened(
      GrantId id, RequestId request, MachineId machine, GrantView.Opened how) {
    change(id, request, machine, g -> g.opened(how));
  }

  /** A grant's time is said to be up; of an end that an extension has moved nothing follows. */
  public synchronized void expired(GrantId id, RequestId request, MachineId machine, Instant at) {
    change(id, request, machine, g -> g.expired(at));
  }

  public synchronized void revoked(
      GrantId id, RequestId request, MachineId machine, GrantView.Over why) {
    change(id, request, machine, g -> g.revoked(why));
  }

  public synchronized void closed(
      GrantId id, RequestId request, MachineId machine, GrantView.Over why) {
    change(id, request, machine, g -> g.closed(why));
  }

  public synchronized void failed(
      GrantId id, RequestId request, MachineId machine, String message) {
    change(id, request, machine, g -> g.failed(message));
  }

  private void change(
      GrantId id, RequestId request, MachineId machine, UnaryOperator<GrantView> how) {
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
    Map<MachineId, List<Denial>> denied = denials.getOrDefault(id, Map.of());
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
            denied.keySet(),
            denied.values().stream().flatMap(List::stream).toList(),
            List.copyOf(approvals.getOrDefault(id, new TreeMap<>()).values()),
            List.copyOf(refused.getOrDefault(id, new TreeMap<>()).values()),
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
