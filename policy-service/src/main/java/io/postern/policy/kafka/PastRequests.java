package io.postern.policy.kafka;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRequested;
import io.postern.event.CheckOutcome;
import io.postern.event.RequestSubmitted;
import io.postern.event.WishRefused;
import io.postern.log.Convert;
import io.postern.model.Requestor;
import io.postern.policy.domain.AccessRequest;
import io.postern.policy.domain.Approval;
import io.postern.policy.domain.Check;
import io.postern.policy.domain.Finding;
import io.postern.policy.domain.Owner;
import io.postern.policy.domain.PastRequest;
import io.postern.policy.domain.PastRequest.Verdict;
import io.postern.policy.domain.Refusal;
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

  private record Late(String eventId, String machine) {}

  private record Key(String digest, String machine) {}

  private final Map<String, Asked> asked = new HashMap<>();
  private final Map<String, List<Yes>> approvals = new HashMap<>();
  private final Map<Late, WishRefused> tooLate = new HashMap<>();
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
      case WishRefused r when r.getReason().getCode().equals(Refusal.ALREADY_DECIDED.name()) ->
          tooLate.putIfAbsent(new Late(r.getAnswers(), r.getMachineId()), r);
      default -> {
        // Nothing is decided by it.
      }
    }
  }

  /** Those that were asked, and first held against the policies, since; in order of asking. */
  List<PastRequest> since(Instant since) {
    Map<Key, SpecificRecord> all = new HashMap<>(waiting);
    all.putAll(decisions);
    return all.entrySet().stream()
        .flatMap(
            e ->
                Optional.ofNullable(asked.get(e.getKey().digest()))
                    .filter(a -> !a.at().isBefore(since))
                    .map(a -> past(a, e.getKey(), e.getValue()))
                    .filter(p -> !p.heldAt().isBefore(since))
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
    given.addAll(tooLate(key));
    Optional<Instant> firstHeld = wait.map(ApprovalRequested::getRequestedAt);
    return switch (decision) {
      case AccessGranted g -> {
        Set<String> known =
            wait.map(PastRequests::given).orElse(List.of()).stream()
                .map(y -> y.approver().subject())
                .collect(Collectors.toSet());
        g.getApprovers().stream()
            .filter(s -> !known.contains(s))
            .forEach(s -> given.add(approval(request, key, s, g.getGrantedAt())));
        yield new PastRequest(
            request,
            heldAt(request, firstHeld, g.getGrantedAt()),
            given,
            Verdict.GRANTED,
            seen(g.getChecks()));
      }
      case AccessDenied d ->
          new PastRequest(
              request,
              heldAt(request, firstHeld, d.getOccurredAt()),
              given,
              isForWantOfApproval(a.request(), d) ? Verdict.WAITS : Verdict.DENIED,
              seen(d.getChecks()));
      case ApprovalRequested w ->
          new PastRequest(
              request,
              heldAt(request, firstHeld, w.getOccurredAt()),
              given,
              Verdict.WAITS,
              List.of());
      default -> throw new IllegalStateException("only decisions are kept");
    };
  }

  // A part of several may have said yes long before its decision was written.
  private static Instant heldAt(
      AccessRequest request, Optional<Instant> firstHeld, Instant decidedAt) {
    return firstHeld.orElse(request.together().isEmpty() ? decidedAt : request.submittedAt());
  }

  /** Also where another machine of the request wants the approval. */
  private boolean isForWantOfApproval(RequestSubmitted request, AccessDenied denied) {
    return failed(denied, "approval")
        || (failed(denied, "together")
            && request.getMachines().stream()
                .map(m -> decisions.get(new Key(denied.getRequestDigest(), m)))
                .anyMatch(d -> d instanceof AccessDenied other && failed(other, "approval")));
  }

  private static boolean failed(AccessDenied denied, String check) {
    return denied.getChecks().stream()
        .anyMatch(c -> c.getName().equals(check) && c.getOutcome() == CheckOutcome.FAILED);
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

  /** Those that came when the request had its decision. */
  private List<Approval> tooLate(Key key) {
    List<Approval> all = new ArrayList<>();
    for (Yes yes : approvals.getOrDefault(key.digest(), List.of())) {
      Requestor by = Convert.toModel(yes.event().getApprover());
      Optional.ofNullable(tooLate.get(new Late(yes.event().getEventId(), key.machine())))
          .filter(r -> Owner.of(Convert.toModel(r.getBy())).equals(Owner.of(by)))
          .map(
              r ->
                  new Approval(by, r.getOccurredAt(), Optional.ofNullable(yes.event().getReason())))
          .ifPresent(all::add);
    }
    return all;
  }

  /** The one that completed the approval: only the decision says that it counted. */
  private Approval approval(AccessRequest request, Key key, String subject, Instant decidedAt) {
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
                    request.together().isEmpty() ? decidedAt : y.at(),
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
