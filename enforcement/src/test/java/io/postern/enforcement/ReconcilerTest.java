package io.postern.enforcement;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Outcome;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.model.Cidr;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ReconcilerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Scope SCOPE = new Scope("aws:123456789012:eu-west-1");
  private static final RuleSetId GROUP = new RuleSetId(SCOPE + ":sg-0abc1234def567890");
  private static final MachineFacts WEB =
      new MachineFacts(
          new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"),
          "web",
          Map.of(),
          List.of("10.0.0.1"),
          List.of(),
          true,
          List.of(GROUP));

  private final MemoryCloud cloud = new MemoryCloud();
  private final Reconciler<Set<String>, String> reconciler =
      new Reconciler<>(cloud, (scope, ruleSet, restorePoint) -> {}, DriftLimits.DEFAULT);

  private static Grant grant() {
    RequestId request = new RequestId(UUID.randomUUID());
    return new Grant(
        GrantId.of(request, WEB.id()),
        request,
        WEB.id(),
        List.of(PortSpec.tcp(22)),
        List.of(Cidr.parse("203.0.113.7/32")),
        NOW,
        NOW.plus(Duration.ofHours(1)),
        new PolicyId("all"),
        Optional.empty(),
        false);
  }

  private RuleSetReport reconcile(Grant... grants) {
    return reconciler.reconcile(
        new RuleSetIntent(
            GROUP,
            SCOPE,
            List.of(new MachineIntent(WEB, Optional.empty(), List.of(grants))),
            Optional.of(RestorePoint.NOTHING),
            NOW));
  }

  private static void assertOpen(RuleSetReport report, Grant... grants) {
    assertThat(report.trouble()).isEmpty();
    for (Grant g : grants) {
      assertThat(report.assessment().orElseThrow().satisfied()).contains(g.id());
    }
  }

  @Test
  void opensWithoutReadingTwiceWhatItReadWhenItWasLastDone() {
    Grant first = grant();
    Grant second = grant();
    assertOpen(reconcile(first), first);
    assertThat(cloud.looks).hasValue(2);

    assertOpen(reconcile(first, second), first, second);

    assertThat(cloud.looks).hasValue(3);
    assertThat(cloud.writes).hasSize(2);
  }

  @Test
  void readsAgainWhenSomebodyChangedTheRuleSetInBetween() {
    Grant first = grant();
    Grant second = grant();
    reconcile(first);
    cloud.rules.put(GROUP, Set.of());

    assertOpen(reconcile(first, second), first, second);
  }

  @Test
  void closesOnlyWhatItHasJustRead() {
    Grant first = grant();
    reconcile(first);
    cloud.looks.set(0);

    RuleSetReport report = reconcile();

    assertThat(cloud.looks).hasValue(2);
    assertThat(report.assessment().orElseThrow().present()).isEmpty();
  }

  @Test
  void doesNotPressOnWhenTheCloudAsksForPatience() {
    Grant first = grant();
    reconcile(first);
    int[] tries = new int[1];
    cloud.fault =
        step -> {
          tries[0]++;
          return Optional.of(
              new Outcome.Deferred(ErrorCode.THROTTLED, "slow down", Duration.ofMinutes(1)));
        };

    RuleSetReport report = reconcile(first, grant());

    assertThat(report.trouble()).isPresent();
    assertThat(tries[0]).isEqualTo(1);
  }
}
