package io.postern.policy.kafka;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRequested;
import io.postern.event.CheckOutcome;
import io.postern.event.RequestSubmitted;
import io.postern.log.Convert;
import io.postern.model.PolicyId;
import io.postern.model.Requestor;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Approval;
import io.postern.policy.domain.Check;
import io.postern.policy.domain.Finding;
import io.postern.policy.domain.PastRequest;
import io.postern.policy.domain.PastRequest.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;

/**
 * Puts requests and what became of them together. A request counts by the digest that its decision
 * names: what nobody decided, and what was altered, is left out.
 */
final class PastRequests {
  private record Asked(RequestSubmitted request, Instant at) {}

  private record Yes(ApprovalGiven event, Instant at) {}

  private record Key(String digest, String machine) {}

  private final Map<String, Asked> asked = new HashMap<>();
  private final Map<String, List<Yes>> approvals = new HashMap<>();
  private final Map<Key, ApprovalRequested> waiting = new HashMap<>();
  private final Map<Key, SpecificRecord> decisions = new HashMap<>();

  /**
   * An event of {@code jit.requests} or {@code jit.decisions}.
   *
   * @param at when the log took it
   */
  void add(SpecificRecord event, Instant at) {
    switch (event) {
      case RequestSubmitted r -> asked.putIfAbsent(Digest.of(r), new Asked(r, at));
      case ApprovalGiven a ->
          approvals
              .computeIfAbsent(a.getRequestDigest(), d -> new ArrayList<>())
              .add(new Yes(a, at));
      case ApprovalRequested a -> waiting.put(new Key(a.getRequestDigest(), a.getMachineId()), a);
      case AccessGranted g ->
          decisions.putIfAbsent(new Key(g.getRequestDigest(), g.getMachineId()), g);
      case AccessDenied d ->
          decisions.putIfAbsent(new Key(d.getRequestDigest(), d.getMachineId()), d);
      default -> {
        // Nothing is decided by it.
      }
    }
  }

  /** Those that were asked since, in that order. */
  List<PastRequest> since(Instant since) {
    Map<Key, SpecificRecord> all = new HashMap<>(waiting);
    all.putAll(decisions);
    return all.entrySet().stream()
        .flatMap(
            e ->
                Optional.ofNullable(asked.get(e.getKey().digest()))
                    .filter(a -> !a.at().isBefore(since))
                    .map(a -> past(a, e.getKey(), e.getValue()))
                    .stream())
        .sorted(
            Comparator.comparing((PastRequest p) -> p.request().submittedAt())
                .thenComparing(p -> p.request().machine().value()))
        .toList();
  }

  private PastRequest past(Asked a, Key key, SpecificRecord decision) {
    Optional<ApprovalRequested> wait = Optional.ofNullable(waiting.get(key));
    List<Finding> findings =
        wait.map(w -> FindingEvents.toModel(w.getFindings())).orElse(List.of());
    AccessRequest request = DecisionEvents.toRequest(a.request(), key.machine(), a.at(), findings);
    List<Approval> given = new ArrayList<>(wait.map(PastRequests::given).orElse(List.of()));
    Optional<Instant> firstHeld = wait.map(ApprovalRequested::getRequestedAt);
    return switch (decision) {
      case AccessGranted g -> {
        Set<String> known =
            given.stream().map(y -> y.approver().subject()).collect(Collectors.toSet());
        g.getApprovers().stream()
            .filter(s -> !known.contains(s))
            .forEach(s -> given.add(approval(key, s, g.getGrantedAt())));
        yield new PastRequest(
            request,
            heldAt(request, firstHeld, g.getGrantedAt()),
            given,
            Verdict.GRANTED,
            Optional.of(new PolicyId(g.getPolicyId())),
            g.getPolicyVersion(),
            seen(g.getChecks()));
      }
      case AccessDenied d ->
          new PastRequest(
              request,
              heldAt(request, firstHeld, d.getOccurredAt()),
              given,
              isForWantOfApproval(d) ? Verdict.WAITS : Verdict.DENIED,
              Optional.ofNullable(d.getPolicyId()).map(PolicyId::new),
              d.getPolicyVersion(),
              seen(d.getChecks()));
      case ApprovalRequested w ->
          new PastRequest(
              request,
              heldAt(request, firstHeld, w.getOccurredAt()),
              given,
              Verdict.WAITS,
              Optional.of(new PolicyId(w.getPolicyId())),
              w.getPolicyVersion(),
              List.of());
      default -> throw new IllegalStateException("only decisions are kept");
    };
  }

  // A part of several may have said yes long before its decision was written.
  private static Instant heldAt(
      AccessRequest request, Optional<Instant> firstHeld, Instant decidedAt) {
    return firstHeld.orElse(request.together().isEmpty() ? decidedAt : request.submittedAt());
  }

  private static boolean isForWantOfApproval(AccessDenied denied) {
    return denied.getChecks().stream()
        .anyMatch(c -> c.getName().equals("approval") && c.getOutcome() == CheckOutcome.FAILED);
  }

  private static List<Approval> given(ApprovalRequested wait) {
    return wait.getGiven().stream()
        .map(
            y ->
                new Approval(
                    Convert.toModel(y.getApprover()),
                    y.getGivenAt(),
                    Optional.ofNullable(y.getReason())))
        .toList();
  }

  /** The one that completed the approval: only the decision says that it counted. */
  private Approval approval(Key key, String subject, Instant decidedAt) {
    return approvals.getOrDefault(key.digest(), List.of()).stream()
        .filter(
            y ->
                y.event().getApprover().getSubject().equals(subject)
                    && y.event().getMachineIds().contains(key.machine()))
        .findFirst()
        .map(
            y ->
                new Approval(
                    Convert.toModel(y.event().getApprover()),
                    y.at(),
                    Optional.ofNullable(y.event().getReason())))
        .orElseGet(
            () -> new Approval(new Requestor(subject, "", Set.of()), decidedAt, Optional.empty()));
  }

  private static List<PastRequest.Seen> seen(List<io.postern.event.Check> checks) {
    return checks.stream()
        .map(
            c ->
                new PastRequest.Seen(
                    c.getName(), Check.Result.valueOf(c.getOutcome().name()), c.getDetail()))
        .toList();
  }
}
