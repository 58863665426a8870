package io.postern.enforcement.domain;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.RuleSetId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What to tell the log of one machine, from the newest reports of all its rule sets: a grant is
 * open when every rule set lets it pass, and closed when none carries anything of it.
 */
public final class Settlement {
  private final MachineIntent intent;
  private final Predicate<RuleSetId> carriesGrants;
  private final Map<RuleSetId, RuleSetReport> reports;
  private final Predicate<GrantId> isReadSinceItsEnd;
  private final List<Report.RuleSetBypass> unfiltered;
  private final MachineLedger ledger;
  private final Instant now;
  private final List<Report> news = new ArrayList<>();

  private Settlement(
      MachineIntent intent,
      Predicate<RuleSetId> carriesGrants,
      Map<RuleSetId, RuleSetReport> reports,
      Predicate<GrantId> isReadSinceItsEnd,
      List<Report.RuleSetBypass> unfiltered,
      MachineLedger ledger,
      Instant now) {
    this.intent = intent;
    this.carriesGrants = carriesGrants;
    this.reports = reports;
    this.isReadSinceItsEnd = isReadSinceItsEnd;
    this.unfiltered = unfiltered;
    this.ledger = ledger;
    this.now = now;
  }

  /**
   * Compares what is with what was last told and returns the news; the ledger is brought up to
   * date.
   *
   * @param grants all grants known of the machine
   * @param carriesGrants which rule sets grants concern
   * @param reports newest report of each rule set of the machine that has been looked at
   * @param isReadSinceItsEnd whether all rule sets that grants concern were read after a grant was
   *     known to be over
   * @param unfiltered ways to the machine on which there is nothing to write to
   */
  public static List<Report> settle(
      MachineIntent intent,
      Collection<Grant> grants,
      Predicate<RuleSetId> carriesGrants,
      Map<RuleSetId, RuleSetReport> reports,
      Predicate<GrantId> isReadSinceItsEnd,
      List<Report.RuleSetBypass> unfiltered,
      MachineLedger ledger,
      Instant now) {
    Settlement s =
        new Settlement(intent, carriesGrants, reports, isReadSinceItsEnd, unfiltered, ledger, now);
    grants.forEach(s::grant);
    s.lock();
    return s.news;
  }

  private List<RuleSetId> ruleSets() {
    return intent.facts().ruleSets();
  }

  private List<RuleSetReport> read() {
    return ruleSets().stream().map(reports::get).filter(Objects::nonNull).toList();
  }

  private boolean all(Predicate<Assessment> what) {
    return all(ruleSets(), what);
  }

  private boolean allThatCarryGrants(Predicate<Assessment> what) {
    return all(ruleSets().stream().filter(carriesGrants).toList(), what);
  }

  private boolean all(List<RuleSetId> which, Predicate<Assessment> what) {
    return which.stream()
        .allMatch(
            id -> {
              RuleSetReport report = reports.get(id);
              return report != null && report.assessment().filter(what).isPresent();
            });
  }

  private void grant(Grant grant) {
    if (grant.isOver(now)) {
      over(grant);
    } else if (intent.grants().contains(grant)) {
      live(grant);
    }
  }

  private void live(Grant grant) {
    MachineLedger.Phase phase = ledger.phase(grant.id());
    if (phase == MachineLedger.Phase.FAILED) {
      return;
    }
    if (ruleSets().isEmpty()) {
      fail(
          grant,
          new Plan.Refusal(
              ErrorCode.UNSUPPORTED_TARGET,
              "nothing filters this machine's traffic: no rule to write"));
      return;
    }
    if (allThatCarryGrants(a -> a.satisfied().contains(grant.id()))) {
      if (phase != MachineLedger.Phase.OPENED) {
        ledger.enter(grant.id(), MachineLedger.Phase.OPENED);
        news.add(new Report.Opened(grant, intent.facts(), ruleSets(), ways(grant), established()));
      }
      return;
    }
    read().stream()
        .map(r -> r.refusedGrants().get(grant.id()))
        .filter(Objects::nonNull)
        .findFirst()
        .ifPresentOrElse(refusal -> fail(grant, refusal), () -> troubleOf(grant));
  }

  private void fail(Grant grant, Plan.Refusal why) {
    ledger.enter(grant.id(), MachineLedger.Phase.FAILED);
    news.add(failed(Report.Operation.OPEN, Optional.of(grant), why.code(), why.message(), false));
  }

  private void troubleOf(Grant grant) {
    firstTrouble()
        .ifPresent(
            t -> {
              if (t instanceof Outcome.Refused refused) {
                fail(grant, new Plan.Refusal(refused.code(), refused.message()));
              } else if (ledger.isNewTrouble(grant.id(), messageOf(t))) {
                news.add(
                    failed(
                        Report.Operation.OPEN, Optional.of(grant), codeOf(t), messageOf(t), true));
              }
            });
  }

  private void over(Grant grant) {
    MachineLedger.Phase phase = ledger.phase(grant.id());
    if (grant.closed() || phase == MachineLedger.Phase.CLOSED) {
      return;
    }
    if (isReadSinceItsEnd.test(grant.id()) && allThatCarryGrants(a -> a.isClosed(grant.id()))) {
      ledger.enter(grant.id(), MachineLedger.Phase.CLOSED);
      news.add(new Report.Closed(grant, grant.endedFor().orElse(Grant.End.EXPIRED), established()));
      return;
    }
    firstTrouble()
        .filter(t -> ledger.isNewTrouble(grant.id(), messageOf(t)))
        .ifPresent(
            t ->
                news.add(
                    failed(
                        Report.Operation.CLOSE,
                        Optional.of(grant),
                        codeOf(t),
                        messageOf(t),
                        true)));
  }

  private List<Way> ways(Grant grant) {
    return assessments()
        .flatMap(a -> a.ways().getOrDefault(grant.id(), List.of()).stream())
        .distinct()
        .toList();
  }

  /** What happens to connections on the way to the machine, each thing once. */
  private String established() {
    return assessments()
        .map(Assessment::established)
        .filter(text -> !text.isEmpty())
        .distinct()
        .collect(java.util.stream.Collectors.joining(" "));
  }

  private Stream<Assessment> assessments() {
    return ruleSets().stream()
        .filter(carriesGrants)
        .map(reports::get)
        .filter(Objects::nonNull)
        .flatMap(r -> r.assessment().stream());
  }

  private void lock() {
    if (intent.lock().isPresent()) {
      locked(intent.lock().get());
    } else if (ledger.isLocked() && all(a -> !a.touched().contains(intent.machine()))) {
      ledger.isNewLock(Optional.empty());
      news.add(new Report.Lifted(intent.facts(), ruleSets()));
    }
  }

  private void locked(Lock lock) {
    if (ruleSets().isEmpty()) {
      lockTrouble(ErrorCode.UNSUPPORTED_TARGET, "nothing filters this machine's traffic", false);
      return;
    }
    if (all(a -> a.locked().containsKey(intent.machine()))) {
      List<Report.RuleSetBypass> bypasses = bypasses();
      if (ledger.isNewLock(Optional.of(lock + " " + ruleSets() + " " + bypasses))) {
        news.add(new Report.Locked(intent.facts(), lock, ruleSets(), bypasses));
      }
      return;
    }
    Optional<Plan.Refusal> refusal =
        read().stream()
            .map(r -> r.refusedLocks().get(intent.machine()))
            .filter(Objects::nonNull)
            .findFirst();
    if (refusal.isPresent()) {
      lockTrouble(refusal.get().code(), refusal.get().message(), false);
    } else {
      firstTrouble().ifPresent(t -> lockTrouble(codeOf(t), messageOf(t), true));
    }
  }

  private void lockTrouble(ErrorCode code, String message, boolean willRetry) {
    if (ledger.isNewLockTrouble(message)) {
      news.add(failed(Report.Operation.LOCKDOWN, Optional.empty(), code, message, willRetry));
    }
  }

  private List<Report.RuleSetBypass> bypasses() {
    Stream<Report.RuleSetBypass> byRules =
        read().stream()
            .flatMap(
                r ->
                    r.assessment().stream()
                        .flatMap(a -> a.locked().getOrDefault(intent.machine(), List.of()).stream())
                        .map(b -> new Report.RuleSetBypass(r.intent().ruleSet(), b)));
    return Stream.concat(byRules, unfiltered.stream()).toList();
  }

  private Report.Failed failed(
      Report.Operation operation,
      Optional<Grant> grant,
      ErrorCode code,
      String message,
      boolean willRetry) {
    return new Report.Failed(operation, grant, intent.facts(), code, message, willRetry);
  }

  private Optional<Outcome> firstTrouble() {
    return read().stream().flatMap(r -> r.trouble().stream()).findFirst();
  }

  private static ErrorCode codeOf(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Applied a -> ErrorCode.INTERNAL;
      case Outcome.Deferred d -> d.code();
      case Outcome.Refused r -> r.code();
      case Outcome.Failed f -> f.code();
    };
  }

  private static String messageOf(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Applied a -> "applied";
      case Outcome.Deferred d -> d.message();
      case Outcome.Refused r -> r.message();
      case Outcome.Failed f -> f.message();
    };
  }
}
