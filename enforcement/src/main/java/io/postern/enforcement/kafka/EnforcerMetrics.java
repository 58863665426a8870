package io.postern.enforcement.kafka;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Report;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;

/**
 * What an enforcer measures of what it reports, under the names that docs/metrics.md, the alerts
 * and the dashboard know. Gauges are told until it is closed: one of an enforcer that has ended
 * would stand in the way of the next one's. Safe for use by many threads.
 */
final class EnforcerMetrics implements AutoCloseable {
  private static final Duration[] OPENING = {
    Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(1),
    Duration.ofMillis(2_500), Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(20),
    Duration.ofSeconds(30), Duration.ofMinutes(1), Duration.ofMinutes(2), Duration.ofMinutes(5),
    Duration.ofMinutes(15)
  };

  private final String enforcer;
  private final MeterRegistry registry;
  private final Instant startedAt;
  private final Map<Scope, Set<GrantId>> open = new ConcurrentHashMap<>();
  private final List<Gauge> gauges = new CopyOnWriteArrayList<>();
  private final Timer opening;
  private final Counter drifts;

  /**
   * @param startedAt now; what began before is reported again, and its time to open is not this
   *     process's to tell
   */
  EnforcerMetrics(String enforcer, MeterRegistry registry, Instant startedAt) {
    this.enforcer = enforcer;
    this.registry = registry;
    this.startedAt = startedAt;
    this.opening =
        Timer.builder("postern.open.time")
            .description("from a grant's start until its port was read back open")
            .tag("enforcer", enforcer)
            .serviceLevelObjectives(OPENING)
            .register(registry);
    this.drifts =
        Counter.builder("postern.drift")
            .description("rule sets that somebody else changed against what we had written")
            .tag("enforcer", enforcer)
            .register(registry);
    gauge(
        Gauge.builder("postern.grants.open", open, EnforcerMetrics::size)
            .description("grants whose ports are open now"));
    for (Report.Operation operation : Report.Operation.values()) {
      failures(operation, ErrorCode.INTERNAL);
    }
  }

  /** Tells a figure of this enforcer until this is closed. */
  void gauge(Gauge.Builder<?> gauge) {
    gauges.add(gauge.tag("enforcer", enforcer).register(registry));
  }

  private static double size(Map<Scope, Set<GrantId>> open) {
    return open.values().stream().mapToInt(Set::size).sum();
  }

  private Counter failures(Report.Operation operation, ErrorCode code) {
    return Counter.builder("postern.enforcement.failed")
        .description(
            "what could not be opened, closed, locked down or lifted, each time it is said")
        .tag("enforcer", enforcer)
        .tag("operation", operation.name())
        .tag("code", code.name())
        .register(registry);
  }

  /** How much a scope has left of the requests that its cloud allows, 0 to 1. */
  void budget(Scope scope, ToDoubleFunction<Scope> left) {
    gauge(
        Gauge.builder("postern.cloud.budget.left", scope, left)
            .description(
                "share that is left of the requests which the cloud allows, the scarcest kind")
            .tag("scope", scope.value()));
  }

  void reported(Scope scope, Report report, Instant now) {
    switch (report) {
      case Report.Opened o -> opened(scope, o.grant(), now);
      case Report.Closed c -> openOf(scope).remove(c.grant().id());
      case Report.Failed f -> failures(f.operation(), f.code()).increment();
      case Report.Drifted d -> drifts.increment();
      case Report.Locked l -> {}
      case Report.Lifted l -> {}
      case Report.Planned p -> {}
    }
  }

  private void opened(Scope scope, Grant grant, Instant now) {
    if (openOf(scope).add(grant.id()) && !grant.startsAt().isBefore(startedAt)) {
      opening.record(Duration.between(grant.startsAt(), now));
    }
  }

  private Set<GrantId> openOf(Scope scope) {
    return open.computeIfAbsent(scope, s -> ConcurrentHashMap.newKeySet());
  }

  /** The scope is another instance's now. */
  void released(Scope scope) {
    open.remove(scope);
  }

  @Override
  public void close() {
    gauges.forEach(registry::remove);
  }
}
