package io.postern.policy.domain;

import io.postern.model.ApprovalRule;
import io.postern.model.BreakGlass;
import io.postern.model.PolicyTerms;
import io.postern.model.TimeWindow;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Terms for tests. */
final class Terms {
  static final PolicyTerms DENY =
      new PolicyTerms(
          true, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());

  private Terms() {}

  static PolicyTerms window(DayOfWeek day, String from, String to) {
    TimeWindow window =
        new TimeWindow(
            Set.of(day), LocalTime.parse(from), Optional.of(LocalTime.parse(to)), ZoneOffset.UTC);
    return new PolicyTerms(
        false,
        Optional.empty(),
        Optional.empty(),
        List.of(window),
        Optional.empty(),
        Optional.empty());
  }

  static PolicyTerms approvalAndExtension(
      Optional<ApprovalRule> approval, Optional<Duration> longest) {
    return new PolicyTerms(false, approval, longest, List.of(), Optional.empty(), Optional.empty());
  }

  static PolicyTerms extension(Duration longest) {
    return new PolicyTerms(
        false,
        Optional.empty(),
        Optional.of(longest),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  static PolicyTerms approval(ApprovalRule rule) {
    return new PolicyTerms(
        false, Optional.of(rule), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  static PolicyTerms condition(String expression) {
    return new PolicyTerms(
        false,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.of(expression),
        Optional.empty());
  }

  static PolicyTerms breakGlass(ApprovalRule approval) {
    return new PolicyTerms(
        false,
        Optional.of(approval),
        Optional.empty(),
        List.of(),
        Optional.of("false"),
        Optional.of(new BreakGlass(Set.of("oncall"), Set.of(), Duration.ofHours(1))));
  }
}
