package io.postern.azure.cloud;

import static io.postern.azure.Samples.NOW;
import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.nsgId;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.domain.AzureStep;
import io.postern.enforcement.Reconciler;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Report;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.model.PortSpec;
import io.postern.model.RuleSetId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What others do to a firewall that a live grant leads through. */
class FirewallDriftTest extends SimulatedAzure {
  private static final Optional<Lock> LOCK = Optional.of(lock(true, PortSpec.tcp(22)));
  private static final RuleSetId NSG = nsgId("web-02-nsg");
  private static final String STRANGER = "198.18.0.1";
  private static final String NAT = "natRuleCollections";
  private static final String NETWORK = "networkRuleCollections";

  private final Map<RuleSetId, RestorePoint> recorded = new ConcurrentHashMap<>();
  private final Grant grant = grant("web-02", OUTSIDE, PortSpec.tcp(22));

  private final Reconciler<Observation, AzureStep> reconciler =
      new Reconciler<>(
          azure,
          (scope, r, point) ->
              point.ifPresentOrElse(p -> recorded.put(r, p), () -> recorded.remove(r)),
          DriftLimits.DEFAULT);

  @BeforeEach
  void openThroughTheFirewall() {
    FirewallScene.routed(simulator);
    look(NSG);
    look(FirewallScene.RULE_SET);
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isTrue();
    assertThat(isReachable(STRANGER, "web-02", 22)).isFalse();
  }

  private RuleSetReport look(RuleSetId ruleSet) {
    for (int i = 0; i < 10; i++) {
      RuleSetReport report =
          reconciler.reconcile(
              new RuleSetIntent(
                  ruleSet,
                  SCOPE,
                  List.of(new MachineIntent(machine("web-02"), LOCK, List.of(grant))),
                  Optional.ofNullable(recorded.get(ruleSet)),
                  NOW));
      if (report.trouble().isEmpty()) {
        return report;
      }
    }
    throw new AssertionError("does not settle");
  }

  private Report.Drifted drift() {
    return look(FirewallScene.RULE_SET).drift().orElseThrow();
  }

  /** Changes the rules of our collections of a kind whose names begin so. */
  private void somebodyEdits(
      String kind, String collection, java.util.function.Consumer<ArrayNode> edit) {
    JsonNode firewall = document(FirewallScene.RULE_SET);
    for (JsonNode c : firewall.path("properties").path(kind)) {
      if (c.path("name").asString("").equals(collection)) {
        edit.accept((ArrayNode) c.path("properties").path("rules"));
        ArrayNode all = (ArrayNode) firewall.path("properties").path(kind);
        for (int i = all.size() - 1; i >= 0; i--) {
          if (all.get(i).path("properties").path("rules").isEmpty()) {
            all.remove(i);
          }
        }
        foreign("PUT", FirewallScene.FIREWALL, firewall.toString());
        return;
      }
    }
    throw new AssertionError("no collection " + collection + " in " + firewall);
  }

  @Test
  void aNatRuleThatSomebodyDeletedIsPutBackAtTheSamePortAndReported() {
    String before = document(FirewallScene.RULE_SET).path("properties").path(NAT).toString();
    somebodyEdits(NAT, "postern-dnat", ArrayNode::removeAll);
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isFalse();

    Report.Drifted drift = drift();

    assertThat(drift.machines()).containsExactly(grant.machine());
    assertThat(drift.changes())
        .singleElement()
        .asString()
        .contains("postern-dnat", "is gone", OUTSIDE);
    assertThat(drift.action()).startsWith("Put right: ").contains("puts rule postern-allow-");
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isTrue();
    assertThat(document(FirewallScene.RULE_SET).path("properties").path(NAT).toString())
        .isEqualTo(before);
  }

  @Test
  void rulesThatSomebodyWidenedAreNarrowedAgain() {
    for (String[] rule : new String[][] {{NETWORK, "postern-allow"}, {NAT, "postern-dnat"}}) {
      somebodyEdits(
          rule[0],
          rule[1],
          rules ->
              rules.forEach(
                  r -> ((ObjectNode) r).putArray("sourceAddresses").add("198.18.0.0/15")));
    }
    assertThat(isReachable(STRANGER, "web-02", 22)).as("somebody opened it").isTrue();

    Report.Drifted drift = drift();

    assertThat(drift.changes()).hasSize(2).allMatch(c -> c.contains("198.18.0.0/15"));
    assertThat(drift.action()).startsWith("Put right: ");
    assertThat(isReachable(STRANGER, "web-02", 22)).isFalse();
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isTrue();
  }

  @Test
  void aLockDownThatSomebodyDeletedIsPutBackAndReported() {
    somebodyEdits(NETWORK, "postern-deny-override", ArrayNode::removeAll);

    Report.Drifted drift = drift();

    assertThat(drift.changes())
        .singleElement()
        .asString()
        .contains("postern-deny-override", "is gone");
    assertThat(drift.action()).startsWith("Put right: ");
    assertThat(document(FirewallScene.RULE_SET).toString()).contains("postern-deny-override");
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isTrue();
  }

  @Test
  void aGrantThatSomebodyKeepsClosingIsOpenedThreeTimesAndThenStaysClosed() {
    for (int time = 1; time <= 3; time++) {
      somebodyEdits(NAT, "postern-dnat", ArrayNode::removeAll);
      assertThat(drift().action()).startsWith("Put right: ");
      assertThat(isReachable(OUTSIDE, "web-02", 22)).isTrue();
    }
    somebodyEdits(NAT, "postern-dnat", ArrayNode::removeAll);

    RuleSetReport report = look(FirewallScene.RULE_SET);

    assertThat(report.refusedGrants()).containsKey(grant.id());
    assertThat(report.drift().orElseThrow().action()).startsWith("Closed: ");
    assertThat(isReachable(OUTSIDE, "web-02", 22)).isFalse();
    assertThat(document(FirewallScene.RULE_SET).toString())
        .as("nothing of the grant is left")
        .doesNotContain(OUTSIDE);
  }

  @Test
  void anotherCollectionIsNoAffairOfOurs() {
    ObjectNode firewall = (ObjectNode) document(FirewallScene.RULE_SET);
    ((ArrayNode) firewall.path("properties").path(NETWORK))
        .add(
            read(
                """
                {"name":"theirs","properties":{"priority":40000,"action":{"type":"Allow"},"rules":
                [{"name":"r","protocols":["TCP"],"sourceAddresses":["198.18.0.0/15"],
                "destinationAddresses":["10.1.0.0/24"],"destinationPorts":["8443"]}]}}"""));
    foreign("PUT", FirewallScene.FIREWALL, firewall.toString());

    assertThat(look(FirewallScene.RULE_SET).drift()).isEmpty();
    assertThat(document(FirewallScene.RULE_SET).toString()).contains("theirs");
  }

  private static JsonNode read(String json) {
    return new tools.jackson.databind.json.JsonMapper().readTree(json);
  }
}
