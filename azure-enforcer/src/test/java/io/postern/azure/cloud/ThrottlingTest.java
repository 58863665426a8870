package io.postern.azure.cloud;

import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.machineId;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.Samples;
import io.postern.azure.domain.AzureStep;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.model.ErrorCode;
import io.postern.model.PortSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Against a simulator that throttles as Azure does. */
class ThrottlingTest extends SimulatedAzure {
  private static final Optional<Lock> LOCK = Optional.of(lock(true, PortSpec.tcp(22)));

  @Override
  boolean isPaced() {
    return true;
  }

  @Test
  void opensAreHeldBackBeforeAzureRefusesAndClosesStillGo() {
    simulator("settings", "{\"throttling\":true}");
    Grant grant = Samples.grant("web-01", Samples.OUTSIDE, PortSpec.tcp(22));
    RuleSetIntent open = intent("web-01-nsg", "web-01", LOCK, grant);
    RuleSetIntent closed = intent("web-01-nsg", "web-01", LOCK);
    settle(closed);
    Observation before = observe(closed);
    List<AzureStep> opening = azure.plan(open, before).steps();
    Outcome outcome = azure.apply(open, before, opening);
    int tries = 1;
    while (!(outcome instanceof Outcome.Deferred d && d.code() == ErrorCode.THROTTLED)) {
      outcome = azure.apply(open, before, opening);
      assertThat(++tries).isLessThan(200);
    }
    assertThat(settle(closed).present()).isEmpty();
    assertThat(settle(closed).locked()).containsKey(machineId("web-01"));
    assertThat(simulator.server().journal().entries()).noneMatch(e -> e.response().status() == 429);
  }
}
