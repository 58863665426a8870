package io.postern.expiry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ExpiryMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final TrustedTime time =
      new TrustedTime(
          ExpirySettings.of(0, Duration.ofSeconds(1)),
          Clock.fixed(Instant.parse("2026-03-02T12:00:00Z"), ZoneOffset.UTC),
          () -> 0);

  @Test
  void whatAnEndedServiceToldIsNotInTheWayOfTheNextOne() {
    ExpiryMetrics first = new ExpiryMetrics(registry, () -> 3, time);
    assertThat(registry.get("postern.expiry.timers").gauge().value()).isEqualTo(3);
    assertThat(registry.find("postern.expiry.clock.disagreeing").gauge()).isNotNull();

    first.close();

    // A timer's buckets are gauges too; what is timed goes on.
    assertThat(registry.getMeters())
        .filteredOn(Gauge.class::isInstance)
        .allMatch(g -> g.getId().getName().endsWith(".histogram"));
    try (ExpiryMetrics second = new ExpiryMetrics(registry, () -> 5, time)) {
      assertThat(registry.get("postern.expiry.timers").gauge().value()).isEqualTo(5);
    }
  }
}
