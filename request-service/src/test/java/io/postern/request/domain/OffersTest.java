package io.postern.request.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Policy;
import io.postern.model.PolicyReader;
import io.postern.model.Requestor;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OffersTest {
  private static final String ARN =
      "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890";
  private static final MachineFacts WEB =
      new MachineFacts(
          new MachineId(ARN),
          "web-01",
          Map.of("env", "prod"),
          List.of(),
          List.of(),
          true,
          List.of());
  private static final Requestor ALICE = new Requestor("alice", "http://issuer", Set.of("sre"));
  // A Tuesday.
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final String BY_ID = "{\"id\": \"" + ARN + "\"}";
  private static final String BY_TAG = "{\"aws\": {\"tags\": {\"env\": \"prod\"}}}";

  private static Policy policy(String name, String machine, String ports, String more) {
    try {
      return PolicyReader.read(
              new ObjectMapper()
                  .readTree(
                      "{\"schemaVersion\": 1, \"machines\": [%s], \"ports\": [%s]%s}"
                          .formatted(machine, ports, more)),
              name)
          .policy()
          .orElseThrow();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String port(String port) {
    return "{\"port\": \"%s\", \"sources\": [\"*\"]}".formatted(port);
  }

  private static final String SRE = ", \"requestors\": {\"groups\": [\"sre\"]}";
  private static final String DBA = ", \"requestors\": {\"groups\": [\"dba\"]}";

  private static List<String> offered(Policy... policies) {
    return Offers.of(ALICE, Arrays.asList(policies), List.of(WEB), NOW).stream()
        .map(o -> o.policy().id() + " " + o.rule().ports().ports())
        .toList();
  }

  @Test
  void whatAPolicyNamesOneForMayBeAskedFor() {
    assertThat(
            offered(
                policy("ssh", BY_ID, port("22") + ", " + port("5985-5986"), SRE),
                policy("other", BY_ID, port("3389"), DBA)))
        .containsExactly("ssh 22", "ssh 5985-5986");
  }

  @Test
  void theClosestPolicyDecidesAlsoWhenItNamesSomebodyElse() {
    assertThat(
            offered(
                policy("wide", BY_TAG, port("22") + ", " + port("443"), SRE),
                policy("close", BY_ID, port("22"), DBA)))
        .containsExactly("wide 443");
  }

  @Test
  void whatIsDeniedIsNotOffered() {
    assertThat(
            offered(
                policy("ssh", BY_ID, port("22") + ", " + port("443"), SRE),
                policy("freeze", BY_TAG, port("1-100"), ", \"effect\": \"deny\"")))
        .containsExactly("ssh 443");
  }

  @Test
  void saysWhatElseIsAskedOfARequest() {
    Policy policy =
        policy(
            "ssh",
            BY_ID,
            port("22"),
            SRE
                + ", \"approval\": {\"levels\": [{\"anyOf\": {\"groups\": [\"leads\"]}, \"count\": 1}]}"
                + ", \"condition\": \"request.duration < duration('1h')\""
                + ", \"windows\": [{\"days\": [\"SATURDAY\"], \"from\": \"00:00\", \"to\": \"24:00\", \"zone\": \"UTC\"}]");

    Offers.Offer offer = Offers.of(ALICE, List.of(policy), List.of(WEB), NOW).get(0);

    assertThat(offer.needsApproval()).isTrue();
    assertThat(offer.isConditional()).isTrue();
    assertThat(offer.isOpenHours()).isFalse();
  }
}
