package io.postern.story;

import static io.postern.story.Words.duration;
import static io.postern.story.Words.endpoints;
import static io.postern.story.Words.list;
import static io.postern.story.Words.machine;
import static io.postern.story.Words.machines;
import static io.postern.story.Words.passed;
import static io.postern.story.Words.ports;
import static io.postern.story.Words.quoted;
import static io.postern.story.Words.reason;
import static io.postern.story.Words.reasons;
import static io.postern.story.Words.time;

import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessExpired;
import io.postern.event.AccessExpiring;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.AccessRevoked;
import io.postern.event.Approval;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRefused;
import io.postern.event.ApprovalRequested;
import io.postern.event.BreakGlassReviewed;
import io.postern.event.BreakGlassUsed;
import io.postern.event.DriftDetected;
import io.postern.event.EnforcementFailed;
import io.postern.event.ExtensionRequested;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.event.PlanComputed;
import io.postern.event.PlanRequested;
import io.postern.event.PolicyDeleted;
import io.postern.event.PolicyPut;
import io.postern.event.RequestSubmitted;
import io.postern.event.ReviewGiven;
import io.postern.event.RevocationRequested;
import io.postern.event.WishRefused;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Each event in a sentence. */
public final class Sentences {
  private static final Map<Class<?>, Function<SpecificRecord, String>> OF = new HashMap<>();

  static {
    on(
        RequestSubmitted.class,
        e ->
            "%s asked for %s on %s from %s for %s%s%s"
                .formatted(
                    e.getRequestor().getSubject(),
                    ports(e.getPorts()),
                    machines(e.getMachines()),
                    list(e.getSources()),
                    duration(e.getDurationMillis()),
                    e.getBreakGlass() ? " in an emergency" : "",
                    quoted(e.getJustification())));
    on(
        ApprovalRequested.class,
        e ->
            "policy %s version %d wants approval at level %d for %s, until %s%s"
                .formatted(
                    e.getPolicyId(),
                    e.getPolicyVersion(),
                    e.getLevel(),
                    machine(e.getMachineId()),
                    time(e.getTimesOutAt()),
                    e.getGiven().isEmpty() ? "" : "; given so far by " + approvers(e.getGiven())));
    on(
        ApprovalGiven.class,
        e ->
            "%s approved %s%s"
                .formatted(
                    e.getApprover().getSubject(),
                    machines(e.getMachineIds()),
                    quoted(e.getReason())));
    on(
        ApprovalRefused.class,
        e ->
            "%s refused %s%s"
                .formatted(
                    e.getApprover().getSubject(),
                    machines(e.getMachineIds()),
                    quoted(e.getReason())));
    on(AccessGranted.class, e -> granted(e));
    on(
        AccessDenied.class,
        e ->
            "%s was denied %s%s: %s"
                .formatted(
                    e.getRequestor().getSubject(),
                    machine(e.getMachineId()),
                    decidedBy(e.getPolicyId(), e.getPolicyVersion()),
                    reasons(e.getReasons())));
    on(
        AccessOpened.class,
        e ->
            "%s was opened for %s until %s; connect to %s; the rule is in %s"
                .formatted(
                    machine(e.getMachineId()),
                    list(e.getSources()),
                    time(e.getExpiresAt()),
                    endpoints(e.getConnect()),
                    machines(e.getRuleSets())));
    on(
        AccessExpiring.class,
        e ->
            "the grant of %s on %s ends at %s: a reminder"
                .formatted(e.getRequestor(), machine(e.getMachineId()), time(e.getExpiresAt())));
    on(
        AccessExpired.class,
        e ->
            "the time of the grant on %s was up at %s"
                .formatted(machine(e.getMachineId()), time(e.getExpiresAt())));
    on(
        AccessClosed.class,
        e -> "%s was closed: %s".formatted(machine(e.getMachineId()), reason(e.getReason())));
    on(
        ExtensionRequested.class,
        e ->
            "%s asked for %s more on %s%s"
                .formatted(
                    e.getRequestor().getSubject(),
                    duration(e.getDurationMillis()),
                    machine(e.getMachineId()),
                    quoted(e.getJustification())));
    on(
        AccessExtended.class,
        e ->
            "the grant on %s was extended until %s"
                .formatted(machine(e.getMachineId()), time(e.getExpiresAt())));
    on(
        RevocationRequested.class,
        e ->
            "%s asked to end the grant on %s%s"
                .formatted(
                    e.getRequestor().getSubject(),
                    machine(e.getMachineId()),
                    quoted(e.getReason())));
    on(
        AccessRevoked.class,
        e ->
            "the grant on %s was ended%s: %s"
                .formatted(
                    machine(e.getMachineId()),
                    e.getRevokedBy() == null ? "" : " by " + e.getRevokedBy(),
                    reason(e.getReason())));
    on(
        WishRefused.class,
        e ->
            "what %s wished for on %s was refused: %s (%s)"
                .formatted(
                    e.getBy().getSubject(),
                    machine(e.getMachineId()),
                    e.getReason().getMessage(),
                    e.getReason().getCode()));
    on(
        BreakGlassUsed.class,
        e ->
            "%s broke the glass of policy %s on %s%s"
                .formatted(
                    e.getRequestor().getSubject(),
                    e.getPolicyId(),
                    machine(e.getMachineId()),
                    quoted(e.getJustification())));
    on(
        ReviewGiven.class,
        e ->
            "%s looked into the emergency on %s%s"
                .formatted(
                    e.getReviewer().getSubject(),
                    machine(e.getMachineId()),
                    quoted(e.getComment())));
    on(
        BreakGlassReviewed.class,
        e ->
            "the emergency on %s counts as reviewed by %s"
                .formatted(machine(e.getMachineId()), e.getReviewer().getSubject()));
    on(
        EnforcementFailed.class,
        e ->
            "%s on %s failed: %s (%s); %s"
                .formatted(
                    reason(e.getOperation()),
                    machine(e.getMachineId()),
                    e.getMessage(),
                    e.getCode(),
                    e.getWillRetry() ? "it is tried again" : "it is not tried again"));
    on(
        LockdownApplied.class,
        e ->
            "%s of %s was locked down by %s%s"
                .formatted(
                    ports(e.getPorts()),
                    machine(e.getMachineId()),
                    policies(e.getPolicyIds()),
                    e.getBypassedBy().isEmpty()
                        ? ""
                        : "; %d other rules still let traffic in"
                            .formatted(e.getBypassedBy().size())));
    on(
        LockdownLifted.class,
        e ->
            "the lock-down of %s by %s was lifted"
                .formatted(machine(e.getMachineId()), policies(e.getPolicyIds())));
    on(
        DriftDetected.class,
        e ->
            "somebody else changed %s: %s; %s"
                .formatted(machine(e.getRuleSetId()), list(e.getChanges()), e.getAction()));
    on(
        PolicyPut.class,
        e ->
            "%s %s policy %s"
                .formatted(
                    e.getRequestor().getSubject(),
                    e.getDryRun() ? "rehearsed" : "put",
                    e.getPolicyId()));
    on(
        PolicyDeleted.class,
        e -> "%s deleted policy %s".formatted(e.getRequestor().getSubject(), e.getPolicyId()));
    on(PlanRequested.class, e -> "a plan was asked for, of policy " + e.getPolicyId());
    on(
        PlanComputed.class,
        e ->
            "policy %s would do this to %s: %s"
                .formatted(e.getPolicyId(), machine(e.getMachineId()), list(e.getSteps())));
  }

  private static <E> void on(Class<E> type, Function<E, String> sentence) {
    OF.put(type, event -> sentence.apply(type.cast(event)));
  }

  private Sentences() {}

  /** What happened; for a type that is not known, its name. */
  public static String of(SpecificRecord event) {
    return OF.getOrDefault(event.getClass(), e -> e.getSchema().getName()).apply(event);
  }

  private static String granted(AccessGranted e) {
    return "policy %s version %d granted %s %s on %s from %s, %s until %s%s%s%s"
        .formatted(
            e.getPolicyId(),
            e.getPolicyVersion(),
            e.getRequestor().getSubject(),
            ports(e.getPorts()),
            machine(e.getMachineId()),
            list(e.getSources()),
            time(e.getStartsAt()),
            time(e.getExpiresAt()),
            e.getChecks().isEmpty() ? "" : ", because these hold: " + passed(e.getChecks()),
            e.getApprovers().isEmpty() ? "" : "; approved by " + list(e.getApprovers()),
            quoted(e.getJustification()));
  }

  private static String decidedBy(@Nullable String policyId, long version) {
    return policyId == null ? "" : " by policy %s version %d".formatted(policyId, version);
  }

  private static String policies(List<String> ids) {
    return (ids.size() == 1 ? "policy " : "policies ") + list(ids);
  }

  private static String approvers(List<Approval> approvals) {
    return list(approvals.stream().map(a -> a.getApprover().getSubject()).toList());
  }
}
