package io.postern.azure.cloud;

import io.postern.azure.domain.AzureStep;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Outcome;
import io.postern.model.ErrorCode;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What ARM's refusals mean for the reconcile loop. Only what opens can be refused for good; what
 * closes is tried again whatever the cloud says.
 */
final class ArmErrors {
  private static final Duration THROTTLED = Duration.ofSeconds(5);

  private final Clock clock;

  ArmErrors(Clock clock) {
    this.clock = clock;
  }

  /** A write that was not accepted. */
  Outcome ofWrite(ArmAnswer answer, List<? extends AzureStep> steps) {
    return switch (answer.status()) {
      case 412 ->
          new Outcome.Deferred(
              ErrorCode.CONFLICT, "somebody else changed it in between", shortly());
      case 429 -> answer.isLock() ? locked(answer) : throttled(answer);
      case 409 -> locked(answer);
      case 404 -> new Outcome.Failed(ErrorCode.TARGET_NOT_FOUND, answer.sentence());
      case 401, 403 -> lasting(steps, ErrorCode.CLOUD_DENIED, answer.sentence());
      case 408 -> new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, answer.sentence());
      default ->
          answer.status() >= 500
              ? new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, answer.sentence())
              : badRequest(answer, steps);
    };
  }

  private Outcome badRequest(ArmAnswer answer, List<? extends AzureStep> steps) {
    if (answer.has("SecurityRuleConflict")
        || answer.has("ReferencedResourceNotProvisioned")
        || answer.isLock()) {
      return new Outcome.Deferred(ErrorCode.CONFLICT, answer.sentence(), shortly());
    }
    return lasting(steps, ErrorCode.CONFLICT, answer.sentence());
  }

  private static Outcome lasting(List<? extends AzureStep> steps, ErrorCode code, String message) {
    return steps.stream().anyMatch(AzureStep::opens)
        ? new Outcome.Refused(code, message)
        : new Outcome.Failed(code, message);
  }

  private Outcome locked(ArmAnswer answer) {
    Duration pause = shortly();
    Duration asked = answer.retryAfter(clock).orElse(Duration.ZERO);
    return new Outcome.Deferred(
        ErrorCode.CONFLICT, answer.sentence(), asked.compareTo(pause) > 0 ? asked : pause);
  }

  private Outcome throttled(ArmAnswer answer) {
    return new Outcome.Deferred(
        ErrorCode.THROTTLED, answer.sentence(), answer.retryAfter(clock).orElse(THROTTLED));
  }

  /** A call that brought no answer, or was not even sent. */
  Outcome ofWrite(RuntimeException e) {
    return e instanceof ThrottleGate.ClosedException closed
        ? new Outcome.Deferred(
            ErrorCode.THROTTLED, String.valueOf(e.getMessage()), closed.waiting())
        : new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, noAnswer(e));
  }

  CloudException ofRead(ArmAnswer answer) {
    ErrorCode code =
        switch (answer.status()) {
          case 429 -> ErrorCode.THROTTLED;
          case 401, 403 -> ErrorCode.CLOUD_DENIED;
          case 404 -> ErrorCode.TARGET_NOT_FOUND;
          case 409 -> ErrorCode.CONFLICT;
          default -> ErrorCode.CLOUD_UNAVAILABLE;
        };
    Optional<Duration> wait = answer.retryAfter(clock);
    return new CloudException(
        code,
        answer.sentence(),
        code == ErrorCode.THROTTLED ? wait.or(() -> Optional.of(THROTTLED)) : wait);
  }

  CloudException ofRead(RuntimeException e) {
    return e instanceof ThrottleGate.ClosedException closed
        ? new CloudException(
            ErrorCode.THROTTLED, String.valueOf(e.getMessage()), Optional.of(closed.waiting()))
        : new CloudException(ErrorCode.CLOUD_UNAVAILABLE, noAnswer(e), Optional.empty());
  }

  private static String noAnswer(RuntimeException e) {
    return "no answer from Azure: " + e.getMessage();
  }

  /** So that writers who met do not meet again. */
  private static Duration shortly() {
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(100, 400));
  }
}
