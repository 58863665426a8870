package io.postern.azure.cloud;

import static io.postern.azure.Samples.NOW;
import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.nsgId;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.Samples;
import io.postern.azure.domain.AzureStep;
import io.postern.enforcement.Reconciler;
import io.postern.enforcement.domain.Assessment;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.RestorePoint;
import io.postern.enforcement.domain.RuleSetIntent;
import io.postern.enforcement.domain.RuleSetReport;
import io.postern.enforcement.exposure.Posture;
import io.postern.model.PortSpec;
import io.postern.model.Protocol;
import io.postern.model.RuleSetId;
import io.postern.model.SharedRule;
import io.postern.model.Shortage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Groups in which rules run short, through the wire. */
class PackingTest extends SimulatedAzure {
  private static final String NAME = "web-01-nsg";
  private static final RuleSetId NSG = nsgId(NAME);
  private static final PortSpec SSH = PortSpec.tcp(22);
  private static final String A = "203.0.113.1";
  private static final String B = "203.0.113.2";
  private static final String C = "203.0.113.3";

  private final Grant first = ending(Samples.grant("web-01", A, SSH), 300);
  private final Grant second = ending(Samples.grant("web-01", B, SSH), 600);
  private final Grant third = ending(Samples.grant("web-01", C, SSH), 900);
  private final Map<RuleSetId, RestorePoint> recorded = new ConcurrentHashMap<>();
  private final Reconciler<Observation, AzureStep> reconciler =
      new Reconciler<>(
          azure,
          (scope, r, point) ->
              point.ifPresentOrElse(p -> recorded.put(r, p), () -> recorded.remove(r)),
          new DriftLimits(1, Duration.ofMinutes(10)));

  private static Grant ending(Grant g, int seconds) {
    return new Grant(
        g.id(),
        g.request(),
        g.machine(),
        g.ports(),
        g.sources(),
        g.startsAt(),
        NOW.plusSeconds(seconds),
        g.policy(),
        g.endedFor(),
        g.closed());
  }

  private RuleSetIntent locked(Grant... grants) {
    return intent(NAME, "web-01", Optional.of(lock(true, SSH, PortSpec.tcp(3389))), grants);
  }

  private RuleSetReport lookAt(Instant now, Grant... grants) {
    RuleSetIntent intent = locked(grants);
    for (int i = 0; i < 10; i++) {
      RuleSetReport report =
          reconciler.reconcile(
              new RuleSetIntent(
                  NSG, SCOPE, intent.machines(), Optional.ofNullable(recorded.get(NSG)), now));
      if (report.trouble().isEmpty()) {
        return report;
      }
    }
    throw new AssertionError("does not settle");
  }

  /** Somebody fills the group with rules at these priorities, for a port of nobody's. */
  private void fill(IntStream priorities) {
    ObjectNode group = JsonMapper.shared().createObjectNode();
    group.put("location", "westeurope");
    var array = group.putObject("properties").putArray("securityRules");
    priorities.forEach(
        p ->
            array.add(
                ((ObjectNode) JsonMapper.shared().readTree(rule("Allow", p, "198.18.0.1", "8443")))
                    .put("name", "theirs-" + p)));
    foreign("PUT", NSG.value(), group.toString());
  }

  private List<JsonNode> rules(String prefix) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode rule : document(NSG).path("properties").path("securityRules")) {
      if (rule.path("name").asString("").startsWith(prefix)) {
        ((ObjectNode) rule).remove("etag");
        found.add(rule);
      }
    }
    return found;
  }

  private JsonNode pack() {
    List<JsonNode> ours = rules("postern-allow-");
    assertThat(ours).hasSize(1);
    assertThat(ours.getFirst().path("name").asString()).startsWith("postern-allow-packed-web-01-");
    return ours.getFirst();
  }

  private void assertReachable(String... sources) {
    for (String source : List.of(A, B, C)) {
      assertThat(isReachable(source, "web-01", 22))
          .as(source)
          .isEqualTo(List.of(sources).contains(source));
    }
  }

  private long writes() {
    return actions().stream().filter(a -> !a.startsWith("GET")).count();
  }

  @Test
  void whereOnePriorityIsLeftThreeGrantsShareItAndEachSourceGoesWithItsGrant() {
    fill(IntStream.range(100, 999));
    List<JsonNode> theirs = rules("theirs-");
    lookAt(NOW, first);
    assertReachable(A);
    long before = writes();

    RuleSetReport all = lookAt(NOW, first, second, third);

    assertThat(writes() - before).isEqualTo(1);
    assertThat(all.refusedGrants()).isEmpty();
    assertThat(all.assessment().orElseThrow().satisfied())
        .containsExactlyInAnyOrder(first.id(), second.id(), third.id());
    assertReachable(A, B, C);
    assertThat(pack().path("properties").path("priority").asInt()).isEqualTo(999);
    assertThat(pack().path("properties").path("description").asString().length())
        .isLessThanOrEqualTo(140);

    before = writes();
    Assessment less = lookAt(NOW, first, third).assessment().orElseThrow();
    assertThat(writes() - before).isEqualTo(1);
    assertThat(less.isClosed(second.id())).isTrue();
    assertThat(less.isClosed(first.id())).isFalse();
    assertReachable(A, C);

    assertThat(lookAt(NOW).assessment().orElseThrow().present()).isEmpty();
    assertReachable();
    assertThat(rules("postern-allow-")).isEmpty();
    settle(intent(NAME, "web-01", Optional.empty()));
    assertThat(rules("")).isEqualTo(theirs);
  }

  @Test
  void inAGroupOf999RulesGrantsShareTheLastOne() {
    fill(IntStream.range(1001, 1999));
    lookAt(NOW, first, second);
    assertThat(rules("")).hasSize(1000);
    assertReachable(A, B);
    assertThat(pack().path("properties").path("sourceAddressPrefixes")).hasSize(2);

    Grant other = Samples.grant("web-01", C, PortSpec.tcp(3389));
    assertThat(lookAt(NOW, first, second, other).refusedGrants())
        .hasEntrySatisfying(
            other.id(),
            why -> assertThat(why.message()).contains("the network security group is full"));
    assertReachable(A, B);
  }

  @Test
  void whatSomebodyElseHoldsTooStaysWhenOneOfThemEnds() {
    fill(IntStream.range(100, 999));
    Grant same = Samples.grant("web-01", A, SSH, SSH);
    lookAt(NOW, first, second, same);
    assertReachable(A, B);
    Assessment left = lookAt(NOW, second, same).assessment().orElseThrow();
    assertThat(left.isClosed(first.id())).isTrue();
    assertThat(left.satisfied()).containsExactlyInAnyOrder(second.id(), same.id());
    assertReachable(A, B);
  }

  @Test
  void whatIsWrittenIsWhatThePlanSaid() {
    fill(IntStream.range(100, 999));
    settle(locked(first));
    RuleSetIntent more = locked(first, second);
    Observation observed = observe(more);
    assertThat(azure.explain(observed, azure.plan(more, observed).steps()))
        .singleElement()
        .asString()
        .startsWith("puts rule postern-allow-packed-web-01-")
        .contains(
            " in place of postern-allow-" + first.id() + "-tcp: allows inbound tcp 22 from ",
            A + "/32, " + B + "/32 to ");
  }

  @Test
  void tellsWhichPortsTakeFurtherSourcesWhenNoRuleIsLeft() {
    fill(IntStream.range(100, 999));
    settle(locked(first, second));
    MachineIntent machine = locked(first, second).machines().getFirst();
    Posture posture = azure.posture(machine);
    assertThat(posture.shortage().map(Shortage::rulesLeft)).contains(0);
    assertThat(posture.shortage().orElseThrow().shared())
        .containsExactly(SharedRule.of(false, Protocol.TCP, List.of(SSH)));
    assertThat(azure.foresee(locked(), observe(locked())))
        .singleElement()
        .asString()
        .startsWith(
            "No grant could be opened now, but for those that share a rule that stands (22/TCP): ");
  }

  @Test
  void aSourceThatSomebodyTakesOutIsPutBackAndOneThatSomebodyAddsIsTakenOut() {
    fill(IntStream.range(100, 999));
    lookAt(NOW, first, second, third);
    edit("[\"%s/32\",\"%s/32\"]".formatted(A, C));
    assertReachable(A, C);
    RuleSetReport healed = lookAt(NOW, first, second, third);
    assertThat(healed.drift().orElseThrow().changes().getFirst())
        .contains("was changed from: allows inbound tcp 22 from 203.0.113.1/32, 203.0.113.2/32");
    assertThat(healed.drift().orElseThrow().action()).startsWith("Put right: ");
    assertReachable(A, B, C);

    edit("[\"%s/32\",\"%s/32\",\"%s/32\",\"198.51.100.7/32\"]".formatted(A, B, C));
    assertThat(isReachable("198.51.100.7", "web-01", 22)).isTrue();
    assertThat(lookAt(NOW, first, second, third).drift()).isPresent();
    assertThat(isReachable("198.51.100.7", "web-01", 22)).isFalse();
    assertReachable(A, B, C);

    edit("[\"%s/32\",\"%s/32\"]".formatted(A, C));
    RuleSetReport fought = lookAt(NOW, first, second, third);
    assertThat(fought.refusedGrants()).containsOnlyKeys(second.id());
    assertReachable(A, C);
  }

  private void edit(String sources) {
    ObjectNode rule = (ObjectNode) pack();
    String name = rule.path("name").asString();
    ((ObjectNode) rule.path("properties"))
        .set("sourceAddressPrefixes", JsonMapper.shared().readTree(sources));
    foreign("PUT", NSG + "/securityRules/" + name, rule.toString());
  }

  @Test
  void sweptAtTheFirstEndAndOpenedAgainForTheRestWithoutAFight() throws Exception {
    fill(IntStream.range(100, 999));
    lookAt(NOW, first, second, third);
    for (Grant ended : List.of(first, second)) {
      assertThat(sweepAt(ended.expiresAt().minusSeconds(1))).isZero();
      assertThat(sweepAt(ended.expiresAt().plusSeconds(3))).isEqualTo(1);
      assertReachable();

      Grant[] rest = ended == first ? new Grant[] {second, third} : new Grant[] {third};
      RuleSetReport report = lookAt(ended.expiresAt().plusSeconds(4), rest);
      assertThat(report.drift()).isEmpty();
      assertThat(report.assessment().orElseThrow().isClosed(ended.id())).isTrue();
      assertThat(report.refusedGrants()).isEmpty();
    }
    assertReachable(C);
  }

  private int sweepAt(Instant now) throws Exception {
    return new Sweeper(
            azure, Set.of(SCOPE), Duration.ofSeconds(1), Clock.fixed(now, ZoneOffset.UTC))
        .sweep(SCOPE);
  }

  @Test
  void closingIsWrittenAlthoughAzureRefusesWhatOpens() {
    fill(IntStream.range(100, 999));
    settle(locked(first, second));
    simulator(
        "faults",
        """
        {"action":"PUT networkSecurityGroups*","kind":"ERROR_BEFORE","status":400,"code":"InvalidRequestFormat"}""");
    pass(locked(second, third));
    assertReachable(B);
  }
}
