package io.postern.enforcement.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.postern.model.Scope;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EnforcerMetricsTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final Scope SCOPE = Scope.aws("123456789012", "eu-west-1");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void whatAnEndedEnforcerToldIsNotInTheWayOfTheNextOne() {
    EnforcerMetrics first = new EnforcerMetrics("aws-enforcer", registry, NOON);
    first.budget(SCOPE, s -> 0.25);
    first.gauge(Gauge.builder("postern.test", () -> 1));
    assertThat(budget().value()).isEqualTo(0.25);

    first.close();

    // A timer's buckets are gauges too; what is timed goes on.
    assertThat(registry.getMeters())
        .filteredOn(Gauge.class::isInstance)
        .allMatch(g -> g.getId().getName().endsWith(".histogram"));
    try (EnforcerMetrics second = new EnforcerMetrics("aws-enforcer", registry, NOON)) {
      second.budget(SCOPE, s -> 0.75);
      assertThat(budget().value()).isEqualTo(0.75);
    }
  }

  @Test
  void onlyItsOwnGaugesGo() {
    EnforcerMetrics aws = new EnforcerMetrics("aws-enforcer", registry, NOON);
    EnforcerMetrics azure = new EnforcerMetrics("azure-enforcer", registry, NOON);

    aws.close();

    assertThat(registry.find("postern.grants.open").gauges())
        .extracting(g -> g.getId().getTag("enforcer"))
        .containsExactly("azure-enforcer");
    azure.close();
  }

  private Gauge budget() {
    return registry.get("postern.cloud.budget.left").tag("scope", SCOPE.value()).gauge();
  }
}
