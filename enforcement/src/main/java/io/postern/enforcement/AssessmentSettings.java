package io.postern.enforcement;

import io.postern.enforcement.exposure.Mode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How machines are found and assessed: the properties {@code postern.assessment.*} of an enforcer.
 *
 * @param mode {@code defender}, which is the default, or {@code strict}
 * @param scanInterval how often machines are looked up; absent for as often as everything that
 *     concerns us is looked at
 * @param refresh age from which on an assessment that has not changed is told again; absent for a
 *     quarter of an hour
 */
public record AssessmentSettings(
    @Nullable Mode mode, @Nullable Duration scanInterval, @Nullable Duration refresh) {
  public AssessmentSettings {
    check(scanInterval, "scan-interval");
    check(refresh, "refresh");
  }

  private static void check(@Nullable Duration duration, String name) {
    if (duration != null && !duration.isPositive()) {
      throw new IllegalArgumentException(
          "postern.assessment." + name + " must be longer than zero: " + duration);
    }
  }

  public Mode modeOrDefault() {
    return mode == null ? Mode.DEFENDER : mode;
  }

  Duration scanIntervalOr(Duration otherwise) {
    return scanInterval == null ? otherwise : scanInterval;
  }

  Duration refreshOrDefault() {
    return refresh == null ? WorkerSettings.ASSESSMENT_REFRESH : refresh;
  }
}
