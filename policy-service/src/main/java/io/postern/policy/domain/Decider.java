package io.postern.policy.domain;

import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.Policy;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.Specificity;
import io.postern.model.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds a request against the policies. Among the policies that cover the machine and all ports
 * asked for, the one that names the machine most closely decides; of several equally close ones
 * each must agree. Whatever is in doubt is denied.
 */
public final class Decider {
  private Decider() {}

  /**
   * A request and what is known about it.
   *
   * @param machine what is known of the machine
   * @param isKnown whether an enforcer has seen the machine
   * @param running grants on the machine that have not ended, at least those of who asks
   * @param approvals given so far, in order
   * @param usage how much the policies are used
   * @param heldAt when the request was first held against the policies
   */
  public record Case(
      AccessRequest request,
      MachineFacts machine,
      boolean isKnown,
      Collection<Grant> running,
      List<Approval> approvals,
      Usage usage,
      Instant heldAt) {}

  /** The decision on a request for one machine. */
  public static Decision decide(
      Case held,
      Collection<Policy> policies,
      OperatorBounds bounds,
      Conditions conditions,
      Instant now) {
    AccessRequest request = held.request();
    Optional<Policy> forbidding = forbidding(request, held.machine(), policies);
    if (forbidding.isPresent()) {
      return denied(forbidding, List.of(forbidden(forbidding.get())));
    }
    List<Policy> selecting = selecting(policies, held.machine());
    if (selecting.isEmpty()) {
      return denied(Optional.empty(), List.of(unselected(request, held.isKnown())));
    }
    List<Policy> covering = covering(selecting, request);
    if (covering.isEmpty() || request.ports().isEmpty()) {
      return denied(
          Optional.of(Specificity.closest(selecting, held.machine()).get(0)),
          List.of(uncovered(request, selecting)));
    }
    List<Policy> closest = Specificity.closest(covering, held.machine());
    if (closest.size() == 1) {
      return decide(held, closest.get(0), bounds, conditions, now);
    }
    List<Decision> decisions =
        closest.stream().map(p -> decide(held, p, bounds, conditions, now)).toList();
    return decisions.stream()
        .filter(Decision.Denied.class::isInstance)
        .findFirst()
        .or(() -> decisions.stream().filter(Decision.Waiting.class::isInstance).findFirst())
        .orElseGet(() -> decisions.get(0));
  }

  // Loops, here and below: each decision goes this way, and a stream over one policy or one port
  // costs more than the question.
  private static List<Policy> selecting(Collection<Policy> policies, MachineFacts machine) {
    List<Policy> selecting = new ArrayList<>();
    for (Policy p : policies) {
      if (!p.terms().denies() && p.selects(machine)) {
        selecting.add(p);
      }
    }
    return selecting;
  }

  private static List<Policy> covering(List<Policy> policies, AccessRequest request) {
    List<Policy> covering = new ArrayList<>();
    for (Policy p : policies) {
      if (coversAll(p, request.ports())) {
        covering.add(p);
      }
    }
    return covering;
  }

  private static boolean coversAll(Policy policy, List<PortSpec> ports) {
    for (PortSpec port : ports) {
      if (policy.ruleFor(port).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private static Decision decide(
      Case held, Policy policy, OperatorBounds bounds, Conditions conditions, Instant now) {
    AccessRequest request = held.request();
    List<Check> checks =
        request.breakGlass()
            ? EmergencyRules.checks(held, policy, bounds)
            : checks(held, policy, bounds, now);
    List<GrantId> superseded = superseded(held, now);
    if (!request.breakGlass()) {
      checks.add(condition(request, held.machine(), policy, conditions, now));
      checks.add(FindingRules.ticket(request, policy));
      checks.add(FindingRules.permission(request, policy));
      checks.add(QuotaRules.check(request, policy, held.usage(), superseded, now));
      checks.add(RoomRules.check(request, held.machine(), !superseded.isEmpty()));
    }
    for (Check check : checks) {
      if (check.result() == Check.Result.FAILED) {
        return denied(Optional.of(policy), checks);
      }
    }
    Optional<ApprovalProgress> progress =
        policy
            .terms()
            .approval()
            .filter(a -> !request.breakGlass())
            .map(a -> ApprovalProgress.of(a, request.requestor(), held.approvals()));
    if (progress.filter(p -> !p.isComplete()).isPresent()) {
      return new Decision.Waiting(
          policy.id(),
          policy.version(),
          policy.terms().approval().orElseThrow().timeout(),
          progress.get(),
          checks);
    }
    checks.add(approval(progress));
    return new Decision.Granted(
        policy.id(),
        policy.version(),
        request.startsAt(now),
        request.startsAt(now).plus(request.duration()),
        policy.terms().reminder(),
        checks,
        superseded);
  }

  private static List<GrantId> superseded(Case held, Instant now) {
    List<GrantId> superseded = new ArrayList<>();
    for (Grant g : held.running()) {
      if (g.isSupersededBy(held.request(), now)) {
        superseded.add(g.id());
      }
    }
    Collections.sort(superseded);
    return List.copyOf(superseded);
  }

  private static Check approval(Optional<ApprovalProgress> progress) {
    return progress
        .map(
            p ->
                Check.passed(
                    "approval",
                    "approved by "
                        + p.counted().stream().map(a -> a.approver().subject()).toList()))
        .orElseGet(() -> Check.skipped("approval", "not required"));
  }

  private static Decision denied(Optional<Policy> policy, List<Check> checks) {
    return new Decision.Denied(
        policy.map(Policy::id), policy.map(Policy::version).orElse(0L), checks);
  }

  private static Check unselected(AccessRequest request, boolean isKnown) {
    return isKnown
        ? Check.failed(
            "machine", ErrorCode.POLICY_UNSATISFIED, "no policy covers " + request.machine())
        : Check.failed(
            "machine",
            ErrorCode.TARGET_NOT_FOUND,
            "no enforcer knows " + request.machine() + " and no policy names it");
  }

  private static Check uncovered(AccessRequest request, List<Policy> selecting) {
    List<PortSpec> allowed =
        selecting.stream()
            .flatMap(p -> p.ports().stream())
            .map(PortRule::ports)
            .distinct()
            .sorted()
            .toList();
    return Check.failed(
        "ports",
        ErrorCode.POLICY_UNSATISFIED,
        "no policy of this machine covers all of %s; covered are %s"
            .formatted(request.ports(), allowed));
  }

  /** A policy that forbids the request, whatever others allow. */
  private static Optional<Policy> forbidding(
      AccessRequest request, MachineFacts machine, Collection<Policy> policies) {
    @Nullable Policy first = null;
    for (Policy p : policies) {
      if (p.terms().denies()
          && p.selects(machine)
          && p.names(request.requestor())
          && p.ports().stream().anyMatch(r -> forbids(r, request))
          && (first == null || p.id().compareTo(first.id()) < 0)) {
        first = p;
      }
    }
    return Optional.ofNullable(first);
  }

  private static boolean forbids(PortRule rule, AccessRequest request) {
    return request.ports().stream().anyMatch(rule.ports()::overlaps)
        && (rule.sources().isEmpty()
            || request.sources().stream()
                .anyMatch(s -> rule.sources().stream().anyMatch(s::overlaps)));
  }

  private static Check forbidden(Policy policy) {
    return Check.failed(
        "deny", ErrorCode.POLICY_UNSATISFIED, "policy " + policy.id() + " forbids it");
  }

  /** What stands against a grant's lasting longer, as its policy says now. */
  static Optional<Check> objection(
      AccessRequest extended,
      MachineFacts machine,
      Policy policy,
      Collection<Policy> policies,
      Conditions conditions,
      Instant now) {
    return forbidding(extended, machine, policies)
        .map(Decider::forbidden)
        .or(
            () ->
                Stream.of(
                        requestor(extended, policy),
                        sources(extended, policy),
                        windows(extended, policy, extended.startAt().orElseThrow()),
                        condition(extended, machine, policy, conditions, now))
                    .filter(c -> c.result() == Check.Result.FAILED)
                    .findFirst());
  }

  private static List<Check> checks(Case held, Policy policy, OperatorBounds bounds, Instant now) {
    AccessRequest request = held.request();
    List<Check> checks = new ArrayList<>();
    checks.add(machine(request, policy, held.isKnown()));
    checks.add(requestor(request, policy));
    checks.add(Check.passed("ports", request.ports() + " are covered by policy " + policy.id()));
    checks.add(sources(request, policy));
    checks.add(duration(request, policy, bounds));
    checks.add(start(request, bounds, now));
    checks.add(windows(request, policy, request.startsAt(now)));
    checks.add(justification(request, policy));
    checks.add(age(request, bounds, held.heldAt()));
    return checks;
  }

  static Check machine(AccessRequest request, Policy policy, boolean isKnown) {
    return isKnown
        ? Check.passed("machine", "covered by policy " + policy.id())
        : Check.failed(
            "machine", ErrorCode.TARGET_NOT_FOUND, "no enforcer knows " + request.machine());
  }

  private static Check requestor(AccessRequest request, Policy policy) {
    String who = request.requestor().subject();
    return policy.names(request.requestor())
        ? Check.passed("requestor", who + " may ask under policy " + policy.id())
        : Check.failed(
            "requestor",
            ErrorCode.NOT_ENTITLED,
            "%s is neither a subject nor in a group that policy %s lets ask"
                .formatted(who, policy.id()));
  }

  static Check sources(AccessRequest request, Policy policy) {
    for (PortSpec port : request.ports()) {
      Optional<String> why =
          policy.ruleFor(port).flatMap(r -> SourceRules.violation(request.sources(), r, policy));
      if (why.isPresent()) {
        return Check.failed("sources", ErrorCode.POLICY_UNSATISFIED, why.get());
      }
    }
    return Check.passed("sources", request.sources() + " are allowed");
  }

  private static Check duration(AccessRequest request, Policy policy, OperatorBounds bounds) {
    Duration asked = request.duration();
    Duration longest = bounds.longest();
    for (PortSpec port : request.ports()) {
      Optional<PortRule> rule = policy.ruleFor(port);
      if (rule.isPresent() && rule.get().maxDuration().compareTo(longest) < 0) {
        longest = rule.get().maxDuration();
      }
    }
    return within(asked, bounds.shortest(), longest);
  }

  static Check within(Duration asked, Duration shortest, Duration longest) {
    if (asked.compareTo(longest) > 0) {
      return Check.failed(
          "duration",
          ErrorCode.POLICY_UNSATISFIED,
          asked + " is longer than the maximum of " + longest);
    }
    if (asked.compareTo(shortest) < 0) {
      return Check.failed(
          "duration",
          ErrorCode.POLICY_UNSATISFIED,
          asked + " is shorter than the minimum of " + shortest);
    }
    return Check.passed("duration", asked + " is within " + shortest + " and " + longest);
  }

  private static Check start(AccessRequest request, OperatorBounds bounds, Instant now) {
    if (request.startAt().isEmpty()) {
      return Check.skipped("start", "as soon as it is granted");
    }
    Instant start = request.startAt().get();
    return start.isAfter(now.plus(bounds.latestStart()))
        ? Check.failed(
            "start",
            ErrorCode.POLICY_UNSATISFIED,
            start + " is further ahead than " + bounds.latestStart())
        : Check.passed("start", "at " + start);
  }

  private static Check windows(AccessRequest request, Policy policy, Instant start) {
    List<TimeWindow> windows = policy.terms().windows();
    if (windows.isEmpty()) {
      return Check.skipped("windows", "none");
    }
    Instant end = start.plus(request.duration());
    return TimeWindow.cover(windows, start, end)
        ? Check.passed("windows", start + " to " + end + " lies in the policy's windows")
        : Check.failed(
            "windows",
            ErrorCode.POLICY_UNSATISFIED,
            "%s to %s does not lie wholly within %s".formatted(start, end, windows));
  }

  private static Check condition(
      AccessRequest request,
      MachineFacts machine,
      Policy policy,
      Conditions conditions,
      Instant now) {
    if (policy.terms().condition().isEmpty()) {
      return Check.skipped("condition", "none");
    }
    return conditions
        .objection(policy, request, machine, now)
        .map(why -> Check.failed("condition", ErrorCode.POLICY_UNSATISFIED, why))
        .orElseGet(() -> Check.passed("condition", policy.terms().condition().orElseThrow()));
  }

  private static Check justification(AccessRequest request, Policy policy) {
    String given = request.justification().orElse("").strip();
    if (!policy.justificationRequired() && given.isEmpty()) {
      return Check.skipped("justification", "not required");
    }
    if (given.isEmpty()) {
      return Check.failed(
          "justification", ErrorCode.POLICY_UNSATISFIED, "a justification is required");
    }
    return policy
        .justificationPattern()
        .filter(p -> !p.matcher(given).matches())
        .map(
            p ->
                Check.failed(
                    "justification",
                    ErrorCode.POLICY_UNSATISFIED,
                    "the justification does not match " + p.pattern()))
        .orElseGet(() -> Check.passed("justification", "given"));
  }

  static Check age(AccessRequest request, OperatorBounds bounds, Instant heldAt) {
    Duration age = Duration.between(request.submittedAt(), heldAt);
    return age.compareTo(bounds.oldestRequest()) > 0
        ? Check.failed(
            "age",
            ErrorCode.POLICY_UNSATISFIED,
            "the request waited "
                + age
                + " for its decision, longer than "
                + bounds.oldestRequest())
        : Check.passed("age", "decided " + age.toMillis() + " ms after it was submitted");
  }
}
