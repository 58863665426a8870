package io.postern.azure.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.Samples;
import io.postern.azure.domain.AzureStep;
import io.postern.enforcement.Reconciler;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What others do to a group that we wrote to. */
class DriftTest extends SimulatedAzure {
  private static final String WEB_NSG = "web-01-nsg";
  private static final String PERSON = "203.0.113.7";
  private static final String STRANGER = "198.18.0.1";
  private final Map<RuleSetId, RestorePoint> recorded = new ConcurrentHashMap<>();
  private final Reconciler<Observation, AzureStep> reconciler =
      new Reconciler<>(
          azure,
          (scope, r, point) ->
              point.ifPresentOrElse(p -> recorded.put(r, p), () -> recorded.remove(r)),
          DriftLimits.DEFAULT);

  private RuleSetReport look(RuleSetIntent intent) {
    for (int i = 0; i < 10; i++) {
      RuleSetReport report =
          reconciler.reconcile(intent.owing(Optional.ofNullable(recorded.get(intent.ruleSet()))));
      if (report.trouble().isEmpty()) {
        return report;
      }
    }
    throw new AssertionError("does not settle");
  }

  private RuleSetIntent intent(Grant... grants) {
    return intent(WEB_NSG, "web-01", Optional.of(Samples.lock(true, PortSpec.tcp(22))), grants);
  }

  private RuleSetIntent behindOthers() {
    return intent(WEB_NSG, "web-01", Optional.of(Samples.lock(false, PortSpec.tcp(22))));
  }

  private String ours(String prefix) {
    for (var rule : document(Samples.nsgId(WEB_NSG)).path("properties").path("securityRules")) {
      if (rule.path("name").asString("").startsWith(prefix)) {
        return rule.path("name").asString("");
      }
    }
    throw new AssertionError("no rule " + prefix);
  }

  private void somebodyDeletes(String rule) {
    foreign("DELETE", Samples.nsgId(WEB_NSG) + "/securityRules/" + rule, "{}");
  }

  @Test
  void aLockDownThatSomebodyDeletedIsPutBackAndReported() {
    look(intent());
    String deny = ours("postern-deny-");
    somebodyDeletes(deny);

    Report.Drifted drift = look(intent()).drift().orElseThrow();

    assertThat(drift.changes())
        .singleElement()
        .asString()
        .startsWith("Rule " + deny + " is gone; it said: denies inbound tcp 22 from *");
    assertThat(drift.action()).startsWith("Put right: puts rule " + deny);
    assertThat(isReachable(STRANGER, "web-01", 22)).isFalse();
  }

  @Test
  void aRuleThatGoesAroundTheLockDownIsReported() {
    look(behindOthers());
    foreign(
        "PUT",
        Samples.nsgId(WEB_NSG) + "/securityRules/in-front",
        rule("Allow", 150, "198.18.0.0/15", "22"));

    RuleSetReport report = look(behindOthers());

    assertThat(report.drift().orElseThrow().changes())
        .containsExactly(
            "Rule in-front is new: allows inbound tcp 22 from 198.18.0.0/15 to * at priority 150.");
    assertThat(report.drift().orElseThrow().action()).startsWith("Left as it is");
  }

  @Test
  void aRuleForAnotherPortIsNoAffairOfOurs() {
    look(intent());
    foreign(
        "PUT",
        Samples.nsgId(WEB_NSG) + "/securityRules/other",
        rule("Allow", 151, "198.18.0.0/15", "8443"));

    assertThat(look(intent()).drift()).isEmpty();
  }

  @Test
  void aGrantsRuleThatSomebodyDeletesIsPutBackThreeTimesAndThenStaysAway() {
    Grant grant = Samples.grant("web-01", PERSON, PortSpec.tcp(22));
    look(intent(grant));
    for (int time = 1; time <= 3; time++) {
      somebodyDeletes(ours("postern-allow-"));
      assertThat(look(intent(grant)).drift()).isPresent();
      assertThat(isReachable(PERSON, "web-01", 22)).isTrue();
    }
    somebodyDeletes(ours("postern-allow-"));

    RuleSetReport report = look(intent(grant));

    assertThat(report.refusedGrants()).containsKey(grant.id());
    assertThat(isReachable(PERSON, "web-01", 22)).isFalse();
    assertThat(isReachable(STRANGER, "web-01", 22)).isFalse();
  }
}
