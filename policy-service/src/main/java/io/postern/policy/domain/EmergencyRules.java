package io.postern.policy.domain;

import io.postern.model.BreakGlass;
import io.postern.model.ErrorCode;
import io.postern.model.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What holds for break-glass. */
final class EmergencyRules {
  private EmergencyRules() {}

  /** In place of the policy's own duration, windows, condition and approval. */
  static List<Check> checks(Decider.Case held, Policy policy, OperatorBounds bounds) {
    AccessRequest request = held.request();
    List<Check> checks = new ArrayList<>();
    checks.add(Decider.machine(request, policy, held.isKnown()));
    checks.add(breakGlass(request, policy));
    checks.add(Decider.sources(request, policy));
    Duration longest =
        policy.terms().breakGlass().map(BreakGlass::longest).orElse(bounds.shortest());
    checks.add(Decider.within(request.duration(), bounds.shortest(), longest));
    boolean explained = request.justification().filter(j -> !j.isBlank()).isPresent();
    checks.add(
        explained
            ? Check.passed("justification", "given")
            : Check.failed("justification", ErrorCode.POLICY_UNSATISFIED, "break-glass needs one"));
    checks.add(Decider.age(request, bounds, held.heldAt()));
    return checks;
  }

  private static Check breakGlass(AccessRequest request, Policy policy) {
    String who = request.requestor().subject();
    if (request.startAt().isPresent()) {
      return Check.failed(
          "breakGlass", ErrorCode.POLICY_UNSATISFIED, "break-glass opens at once, not later");
    }
    return policy.terms().breakGlass().filter(b -> b.names(request.requestor())).isPresent()
        ? Check.passed("breakGlass", who + " may break the glass of policy " + policy.id())
        : Check.failed(
            "breakGlass",
            ErrorCode.NOT_ENTITLED,
            "policy %s does not let %s break the glass".formatted(policy.id(), who));
  }
}
