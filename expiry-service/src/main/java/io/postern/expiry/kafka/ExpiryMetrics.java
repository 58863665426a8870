package io.postern.expiry.kafka;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.postern.expiry.domain.ClockGuard;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is measured, under the names that docs/alerts/postern.rules.yml knows; gauges until this is
 * closed.
 */
final class ExpiryMetrics implements AutoCloseable {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(5), Duration.ofMillis(10),
    Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250),
    Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofMillis(2_500), Duration.ofSeconds(5),
    Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofMinutes(1), Duration.ofMinutes(5)
  };

  private final MeterRegistry registry;
  private final List<Gauge> gauges;
  private final Timer lateness;
  private final Timer reminderLateness;
  private final Counter doubled;
  private final Counter forged;
  private final Counter early;

  ExpiryMetrics(MeterRegistry registry, Supplier<Number> timers, TrustedTime time) {
    this.registry = registry;
    this.lateness =
        Timer.builder("postern.expiry.lateness")
            .description("append time of AccessExpired on the topic, less the grant's end")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    this.reminderLateness =
        Timer.builder("postern.reminder.lateness")
            .description("append time of AccessExpiring on the topic, less when it was due")
            .serviceLevelObjectives(BUCKETS)
            .register(registry);
    this.doubled =
        Counter.builder("postern.expiry.doubled")
            .description("announcements seen on the topic a second time")
            .register(registry);
    this.forged =
        Counter.builder("postern.expiry.refused")
            .description("records dead-lettered")
            .register(registry);
    this.early =
        Counter.builder("postern.expiry.early")
            .description("announcements whose append time lies before their instant; must stay 0")
            .register(registry);
    this.gauges =
        List.of(
            Gauge.builder("postern.expiry.timers", timers)
                .description("grants whose end is still to come")
                .register(registry),
            Gauge.builder("postern.expiry.clock.disagreeing", time, ExpiryMetrics::disagreeing)
                .description("1 while host and broker do not agree on the time")
                .register(registry),
            Gauge.builder("postern.expiry.clock.steps", time, TrustedTime::steps)
                .description("steps of the clock that two of three clocks agreed on")
                .register(registry));
  }

  private static double disagreeing(TrustedTime time) {
    return time.state() == ClockGuard.State.DISAGREEING ? 1 : 0;
  }

  void onTopic(Kind kind, long appendMillis, long dueMicros) {
    long micros = appendMillis * 1_000 - Math.ceilDiv(dueMicros, 1_000) * 1_000;
    if (micros < 0) {
      early.increment();
    }
    (kind == Kind.END ? lateness : reminderLateness)
        .record(Duration.ofNanos(Math.max(0, micros) * 1_000));
  }

  void doubled() {
    doubled.increment();
  }

  void refused() {
    forged.increment();
  }

  @Override
  public void close() {
    gauges.forEach(registry::remove);
  }
}
