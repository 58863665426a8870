package io.postern.policy.domain;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.RequestId;
import io.postern.model.Requestor;
import io.postern.policy.domain.PastRequest.Verdict;
import io.postern.policy.domain.Rehearsal.Answer;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Lives through the past once, with one guess at everything that nobody looked up then. */
final class ReplaySide {

  /** What is the same for both sides. */
  record Setup(
      Function<MachineId, Optional<MachineFacts>> machines,
      Collection<Policy> currentPolicies,
      OperatorBounds bounds,
      Conditions conditions)
      implements Setting {
    @Override
    public Optional<MachineFacts> machine(MachineId id) {
      return machines.apply(id);
    }

    /** Who ended what is on the log; nobody is asked again whether they might. */
    @Override
    public boolean isAdmin(Requestor person) {
      return false;
    }
  }

  /** What comes in the order of time. */
  sealed interface Event {
    Instant at();

    record Happened(Past past) implements Event {
      @Override
      public Instant at() {
        return past.at();
      }
    }

    record Approved(AccessRequest request, Approval approval) implements Event {
      @Override
      public Instant at() {
        return approval.givenAt();
      }
    }
  }

  /** A use of a policy that began, moved or ended. */
  record Use(String what, GrantId grant, PolicyId policy, Instant until) {}

  /**
   * What a machine's part of a request was told last.
   *
   * @param follows whether it is as it is because of the request's other machines
   */
  private record Told(Answer answer, boolean follows) {}

  private record Due(Instant at, MachineId machine, GrantId grant, Optional<RequestId> counted) {}

  private record Extended(String eventId, GrantId grant) {}

  /** A ledger whose counts are guesses where they are not known. */
  private static final class GuessedLedger extends MemoryLedger {
    private final Usage guessed;

    GuessedLedger(boolean kind, Set<PolicyId> unsure) {
      Usage counted = super.usage();
      this.guessed =
          new Usage() {
            @Override
            public boolean isKnown() {
              return true;
            }

            @Override
            public long openGrants(
                PolicyId policy, Optional<Owner> of, Collection<GrantId> except) {
              return unsure.contains(policy) ? guess() : counted.openGrants(policy, of, except);
            }

            @Override
            public long requestsAfter(
                PolicyId policy, Optional<Owner> of, Instant since, GrantId except) {
              return unsure.contains(policy)
                  ? guess()
                  : counted.requestsAfter(policy, of, since, except);
            }

            private long guess() {
              return kind ? 0 : Long.MAX_VALUE;
            }
          };
    }

    @Override
    public Usage usage() {
      return guessed;
    }
  }

  private final Setup setup;
  private final boolean kind;
  private final MemoryLedger ledger;
  private final Lifecycle lifecycle;
  private final PriorityQueue<Due> dues = new PriorityQueue<>(Comparator.comparing(Due::at));
  private final Map<GrantId, Told> requests = new HashMap<>();
  private final Map<Extended, Answer> extensions = new HashMap<>();
  private final Set<Use> uses = new HashSet<>();

  /**
   * @param kind whether what nobody looked up holds
   * @param unsure policies whose use is guessed too; it may grow
   */
  ReplaySide(Setup setup, boolean kind, Set<PolicyId> unsure) {
    this.setup = setup;
    this.kind = kind;
    this.ledger = new GuessedLedger(kind, unsure);
    this.lifecycle = new Lifecycle(ledger, setup);
  }

  /** Takes what comes next; returns what became of the use of policies by it. */
  Set<Use> take(Event event) {
    uses.clear();
    timePasses(event.at());
    switch (event) {
      case Event.Approved a -> apply(lifecycle.wish(vote(a), a.at()), a.at());
      case Event.Happened h -> take(h.past());
    }
    return Set.copyOf(uses);
  }

  private void take(Past past) {
    Instant at = past.at();
    switch (past) {
      case PastRequest r -> apply(lifecycle.ask(withFindings(r), at), at);
      case PastExtension x -> apply(lifecycle.wish(x.wish(), at), at);
      case Past.Given g -> give(g);
      case Past.Counted c -> ledger.asked(c.grant(), c.policy(), c.owner(), at);
      case Past.Moved m ->
          ledger
              .grant(m.machine(), m.grant())
              .filter(Grant::isRunning)
              .ifPresent(g -> apply(List.of(new Outcome.Noted(g.until(m.expiresAt()))), at));
      case Past.Ended e ->
          whose(e)
              .map(by -> new Wish.Revocation("early end", e.grant(), e.machine(), by))
              .ifPresent(w -> apply(lifecycle.wish(w, at), at));
    }
  }

  private AccessRequest withFindings(PastRequest past) {
    AccessRequest request = past.request();
    MachineFacts machine =
        setup.machine(request.machine()).orElseGet(() -> MachineFacts.unseen(request.machine()));
    return request.withFindings(
        LookupNeeds.of(
                setup.currentPolicies(), machine, request.justification(), request.breakGlass())
            .find(new FoundThen(past, kind), request.requestor(), machine));
  }

  private static Wish.Vote vote(Event.Approved a) {
    AccessRequest r = a.request();
    return new Wish.Vote(
        "approval by %s at %s".formatted(a.approval().approver(), a.at()),
        r.id(),
        r.machine(),
        r.digest(),
        a.approval().approver(),
        true,
        a.approval().reason());
  }

  /** A grant that was given begins, in the place of what it supersedes. */
  private void give(Past.Given given) {
    AccessRequest request = given.request();
    Instant at = given.at();
    ledger.running(request.machine(), Owner.of(request.requestor())).stream()
        .filter(g -> g.isSupersededBy(request, at))
        .map(g -> g.ended(Grant.End.NEWER_REQUEST_INITIATED))
        .forEach(g -> apply(List.of(new Outcome.Ended(g, Optional.empty())), at));
    apply(List.of(new Outcome.Granted(request, given.decision(), List.of())), at);
    ledger
        .grant(request.machine(), request.grantId())
        .ifPresent(g -> apply(lifecycle.reconsider(g), at));
  }

  private Optional<Requestor> whose(Past.Ended ended) {
    return ledger
        .grant(ended.machine(), ended.grant())
        .map(g -> new Requestor(g.owner().subject(), g.owner().issuer(), Set.of()))
        .or(
            () ->
                ledger
                    .pending(ended.machine(), ended.grant())
                    .map(p -> p.request().requestor())
                    .or(
                        () ->
                            ledger
                                .held(ended.machine(), ended.grant())
                                .map(h -> h.request().requestor())));
  }

  /** What is due until then comes to its end. */
  private void timePasses(Instant now) {
    while (!dues.isEmpty() && !dues.peek().at().isAfter(now)) {
      Due due = dues.remove();
      due.counted()
          .ifPresentOrElse(
              request ->
                  ledger.ballots(request).values().stream()
                      .findFirst()
                      .ifPresent(b -> apply(lifecycle.timeUp(b, due.at()), due.at())),
              () -> ended(due));
    }
    ledger.forgetAskedUntil(now.minus(UsageIndex.HOUR));
  }

  private void ended(Due due) {
    apply(lifecycle.expired(due.machine(), due.grant(), due.at()), due.at());
    ledger
        .pending(due.machine(), due.grant())
        .ifPresent(p -> apply(lifecycle.timeUp(p, due.at()), due.at()));
  }

  private void apply(List<Outcome> outcomes, Instant now) {
    outcomes.forEach(o -> note(o, now));
    ledger.apply(outcomes, now);
    outcomes.forEach(o -> closed(o, now));
    ledger.takeBallots().forEach(b -> apply(lifecycle.count(b, now), now));
    ledger
        .takeTold()
        .forEach(
            t ->
                apply(
                    lifecycle.settled(
                        t.machine(),
                        GrantId.of(t.settlement().request(), t.machine()),
                        t.settlement()),
                    now));
  }

  /** What has ended is not looked at again. */
  private void closed(Outcome outcome, Instant now) {
    Optional<Grant> ended =
        switch (outcome) {
          case Outcome.Ended e -> Optional.of(e.grant());
          case Outcome.Noted n -> Optional.of(n.grant()).filter(g -> !g.isRunning());
          default -> Optional.empty();
        };
    ended.ifPresent(g -> ledger.apply(lifecycle.closed(g.machine(), g.id()), now));
  }

  private void note(Outcome outcome, Instant now) {
    switch (outcome) {
      case Outcome.Granted g -> {
        Grant grant = g.grant();
        told(grant.id(), Verdict.GRANTED, "policy " + grant.policy(), false);
        runs(grant);
      }
      case Outcome.Denied d -> denied(d.request().grantId(), d.decision());
      case Outcome.Waits w -> {
        Pending p = w.pending();
        GrantId id = p.request().grantId();
        String why = "approval: policy %s asks for more than the %d that were given";
        told(id, Verdict.WAITS, why.formatted(p.policy(), p.approvals().size()), false);
        uses.add(new Use("waits", id, p.policy(), p.timesOutAt()));
        dues.add(new Due(p.timesOutAt(), p.request().machine(), id, Optional.empty()));
      }
      case Outcome.Holds h -> {
        GrantId id = h.held().request().grantId();
        told(id, Verdict.GRANTED, "policy " + h.held().policy(), true);
        uses.add(new Use("promised", id, h.held().policy(), now));
      }
      case Outcome.Ended e -> ends(e.grant(), now);
      case Outcome.Extended e -> {
        Wish.Extension wish = e.wish();
        extensions.put(
            new Extended(wish.eventId(), wish.grant()),
            new Answer(Verdict.GRANTED, "policy " + e.grant().policy()));
        runs(e.grant());
      }
      case Outcome.Noted n -> {
        if (n.grant().isRunning()) {
          runs(n.grant());
        } else {
          ends(n.grant(), now);
        }
      }
      case Outcome.Refused r -> {
        if (r.wish() instanceof Wish.Extension wish) {
          extensions.put(
              new Extended(wish.eventId(), wish.grant()),
              new Answer(Verdict.DENIED, r.code() + ": " + r.message()));
        }
      }
      case Outcome.Votes v ->
          dues.add(
              new Due(
                  v.ballot().at().plus(Together.LONGEST),
                  v.ballot().machine(),
                  v.ballot().grantId(),
                  Optional.of(v.ballot().request())));
      case Outcome.Withdrawn w -> {}
      case Outcome.Tallied t -> {}
      case Outcome.Settles s -> {}
      case Outcome.BreakGlassUsed b -> {}
      case Outcome.Reviewed r -> {}
      case Outcome.Answered a -> {}
    }
  }

  private void runs(Grant grant) {
    uses.add(new Use("runs", grant.id(), grant.policy(), grant.expiresAt()));
    dues.add(new Due(grant.expiresAt(), grant.machine(), grant.id(), Optional.empty()));
  }

  private void ends(Grant grant, Instant now) {
    uses.add(new Use("ends", grant.id(), grant.policy(), now));
  }

  private void told(GrantId id, Verdict verdict, String why, boolean follows) {
    requests.put(id, new Told(new Answer(verdict, why), follows));
  }

  private void denied(GrantId id, Decision.Denied decision) {
    List<Check> failed =
        decision.checks().stream().filter(c -> c.result() == Check.Result.FAILED).toList();
    told(
        id,
        failed.stream().anyMatch(c -> c.name().equals("approval")) ? Verdict.WAITS : Verdict.DENIED,
        failed.stream().map(c -> c.name() + ": " + c.detail()).collect(Collectors.joining("; ")),
        failed.stream().anyMatch(c -> c.code() == ErrorCode.NOT_TOGETHER));
    decision.policy().ifPresent(p -> uses.add(new Use("denied", id, p, Instant.EPOCH)));
  }

  /** What it was told last; the machines of one request are told the same. */
  Answer answer(Past.Decided past) {
    return switch (past) {
      case PastExtension x -> extension(x);
      case PastRequest r -> request(r.request());
    };
  }

  private Answer extension(PastExtension x) {
    Answer answer = extensions.get(new Extended(x.wish().eventId(), x.wish().grant()));
    if (answer == null) {
      throw new IllegalStateException("each extension is answered: " + x);
    }
    return answer;
  }

  private Answer request(AccessRequest request) {
    Told own = requests.get(request.grantId());
    if (own == null) {
      throw new IllegalStateException("each request is answered: " + request);
    }
    if (!own.follows()) {
      return own.answer();
    }
    return request.together().stream()
        .map(m -> requests.get(GrantId.of(request.id(), m)))
        .filter(t -> t != null && !t.follows())
        .map(t -> t.answer().verdict())
        .max(Verdict::compareTo)
        .map(v -> new Answer(v, "together: another machine of the request decides"))
        .orElse(own.answer());
  }
}
