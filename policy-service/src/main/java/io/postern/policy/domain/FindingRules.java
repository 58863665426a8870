package io.postern.policy.domain;

import io.postern.model.ErrorCode;
import io.postern.model.Policy;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether what was looked up outside satisfies a policy. What was not looked up does not. */
public final class FindingRules {
  private FindingRules() {}

  /** The ticket that a justification names, if it names one. */
  public static Optional<String> ticketIn(Pattern pattern, Optional<String> justification) {
    return justification.map(pattern::matcher).filter(Matcher::find).map(Matcher::group);
  }

  static Check ticket(AccessRequest request, Policy policy) {
    if (policy.terms().ticket().isEmpty()) {
      return Check.skipped("ticket", "not required");
    }
    Pattern pattern = policy.terms().ticket().get();
    Optional<String> named = ticketIn(pattern, request.justification());
    if (named.isEmpty()) {
      return Check.failed(
          "ticket",
          ErrorCode.TICKET_UNSATISFIED,
          "the justification names no ticket such as " + pattern.pattern());
    }
    return request.findings().stream()
        .filter(f -> f.kind() == Finding.Kind.TICKET && f.subject().equals(named.get()))
        .findFirst()
        .map(f -> check("ticket", f, ErrorCode.TICKET_UNSATISFIED, ErrorCode.TICKET_UNAVAILABLE))
        .orElseGet(
            () ->
                Check.failed(
                    "ticket",
                    ErrorCode.TICKET_UNAVAILABLE,
                    named.get() + " was not looked up when the request came; ask again"));
  }

  static Check permission(AccessRequest request, Policy policy) {
    if (!policy.terms().cloudPermission()) {
      return Check.skipped("cloudPermission", "not required");
    }
    return request.findings().stream()
        .filter(f -> f.kind() == Finding.Kind.CLOUD_PERMISSION)
        .findFirst()
        .map(f -> check("cloudPermission", f, ErrorCode.CLOUD_DENIED, ErrorCode.CLOUD_UNAVAILABLE))
        .orElseGet(
            () ->
                Check.failed(
                    "cloudPermission",
                    ErrorCode.CLOUD_UNAVAILABLE,
                    "the cloud was not asked when the request came; ask again"));
  }

  private static Check check(String name, Finding f, ErrorCode no, ErrorCode unknown) {
    return switch (f.result()) {
      case HOLDS -> Check.passed(name, f.detail());
      case FAILS -> Check.failed(name, no, f.detail());
      case UNAVAILABLE -> Check.failed(name, unknown, f.detail());
    };
  }
}
