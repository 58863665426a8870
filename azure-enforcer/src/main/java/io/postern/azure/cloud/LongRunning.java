package io.postern.azure.cloud;

import io.postern.enforcement.domain.Outcome;
import io.postern.model.ErrorCode;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Waits for the end of an operation that ARM accepted, in all the ways in which ARM tells it, and
 * for no longer than it should take.
 */
final class LongRunning {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private static final String SUCCEEDED = "Succeeded";

  /** Looks in a row that may fail before the group is read instead. */
  private static final int FAILING_LOOKS = 3;

  private final Arm arm;
  private final Clock clock;
  private final Duration pollInterval;
  private final Duration patience;

  LongRunning(Arm arm, Clock clock, Duration pollInterval, Duration patience) {
    this.arm = arm;
    this.clock = clock;
    this.pollInterval = pollInterval;
    this.patience = patience;
  }

  /**
   * @param accepted the answer to the write
   * @param resource id of what was written, whose state tells when no header does
   */
  Outcome await(ArmAnswer accepted, String resource) {
    if (accepted
        .body()
        .path("properties")
        .path("provisioningState")
        .asString("")
        .equals(SUCCEEDED)) {
      return new Outcome.Applied();
    }
    long deadline = System.nanoTime() + patience.toNanos();
    ArmAnswer newest = accepted;
    Optional<String> status = accepted.header("Azure-AsyncOperation");
    Optional<String> location = accepted.header("Location");
    Duration pause = firstPause(accepted);
    int failing = 0;
    Optional<Outcome> end =
        status.isEmpty() && location.isEmpty() ? ofResource(newest) : Optional.empty();
    while (end.isEmpty()) {
      if (System.nanoTime() + pause.toNanos() > deadline) {
        return new Outcome.Failed(
            ErrorCode.CLOUD_UNAVAILABLE,
            "the operation did not end within " + patience.toSeconds() + " s");
      }
      if (!sleep(pause)) {
        return new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, "interrupted while waiting");
      }
      pause = longer(pause);
      Optional<ArmAnswer> told = status.or(() -> location).flatMap(arm::followUrgently);
      newest = told.orElseGet(() -> arm.getUrgently(resource));
      failing = newest.status() >= 500 ? failing + 1 : 0;
      if (failing == FAILING_LOOKS) {
        return new Outcome.Failed(ErrorCode.CLOUD_UNAVAILABLE, newest.sentence());
      }
      end =
          told.isEmpty()
              ? ofResource(newest)
              : status.isPresent() ? ofStatus(newest) : ofLocation(newest);
    }
    return end.get();
  }

  /** ARM's hint is long; the operations themselves are mostly over within a second or two. */
  private Duration firstPause(ArmAnswer accepted) {
    Duration hint = accepted.retryAfter(clock).orElse(pollInterval);
    return hint.compareTo(pollInterval) < 0 ? hint : pollInterval;
  }

  private Duration longer(Duration pause) {
    Duration next = pause.isZero() ? pollInterval : pause.multipliedBy(3).dividedBy(2);
    return next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
  }

  private static boolean sleep(Duration pause) {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Optional<Outcome> ofStatus(ArmAnswer answer) {
    return answer.isSuccess()
        ? ofState(answer, answer.body().path("status").asString("InProgress"))
        : unclear(answer);
  }

  private static Optional<Outcome> ofLocation(ArmAnswer answer) {
    if (answer.status() == 202) {
      return Optional.empty();
    }
    return answer.isSuccess() || answer.status() == 404
        ? Optional.of(new Outcome.Applied())
        : unclear(answer);
  }

  private static Optional<Outcome> ofResource(ArmAnswer answer) {
    if (answer.status() == 404 || answer.status() == 204) {
      return Optional.of(new Outcome.Applied());
    }
    if (answer.status() == 202 && !answer.body().isObject()) {
      return Optional.empty();
    }
    return answer.isSuccess()
        ? ofState(
            answer, answer.body().path("properties").path("provisioningState").asString(SUCCEEDED))
        : unclear(answer);
  }

  private static Optional<Outcome> ofState(ArmAnswer answer, String state) {
    return switch (state.toLowerCase(Locale.ROOT)) {
      case "succeeded" -> Optional.of(new Outcome.Applied());
      case "failed", "canceled" ->
          Optional.of(
              new Outcome.Failed(
                  ErrorCode.CONFLICT,
                  "the operation ended "
                      + state
                      + ": "
                      + answer.body().path("error").path("code").asString("no reason given")));
      default -> Optional.empty();
    };
  }

  /** A poll that is throttled or fails says nothing about the operation: ask again. */
  private static Optional<Outcome> unclear(ArmAnswer answer) {
    return answer.status() == 429 || answer.status() >= 500
        ? Optional.empty()
        : Optional.of(new Outcome.Failed(ErrorCode.CONFLICT, answer.sentence()));
  }
}
