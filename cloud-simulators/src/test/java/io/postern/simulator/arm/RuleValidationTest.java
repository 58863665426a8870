package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class RuleValidationTest extends SmallScene {
  private static final String GROUP = Http.NSG + "web-01-nsg";

  private String codeOf(String name, String body) {
    return http.put(GROUP + "/securityRules/" + name, body).code();
  }

  @ParameterizedTest
  @CsvSource({
    "99, *, 22, SecurityRuleInvalidPriority",
    "4097, *, 22, SecurityRuleInvalidPriority",
    "300, *, 22, SecurityRuleConflict",
    "400, 203.0.113.7/24, 22, SecurityRuleInvalidAddressPrefix",
    "400, 300.1.1.1, 22, SecurityRuleInvalidAddressPrefix",
    "400, *, 22-21, SecurityRuleInvalidPortRange",
    "400, *, 65536, SecurityRuleInvalidPortRange"
  })
  void refusesWithAzuresCode(int priority, String source, String port, String code) {
    assertThat(codeOf("r", Http.rule("Allow", priority, source, port))).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource({
    "protocol, SecurityRuleParameterMissing",
    "access, SecurityRuleParameterMissing",
    "direction, SecurityRuleParameterMissing",
    "priority, SecurityRuleInvalidPriority",
    "destinationPortRange, SecurityRuleParameterMissing",
    "sourceAddressPrefix, SecurityRuleParametersMissing"
  })
  void refusesRulesWithoutWhatIsRequired(String member, String code) {
    ObjectNode rule = (ObjectNode) Json.MAPPER.readTree(Http.rule("Allow", 400, "*", "22"));
    ((ObjectNode) rule.get("properties")).remove(member);
    assertThat(codeOf("r", rule.toString())).isEqualTo(code);
  }

  @Test
  void refusesTagsInTheListOfPrefixes() {
    String body = Http.rule("Allow", 400, "*", "22");
    body =
        body.replace("\"sourceAddressPrefix\":\"*\"", "\"sourceAddressPrefixes\":[\"Internet\"]");
    assertThat(codeOf("r", body)).isEqualTo("SecurityRuleParameterContainsUnsupportedValue");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.9.0.0/16, OverlappingSubnetsNotPermittedInSecurityRule",
    "203.0.113.7, 203.0.113.7/32, OverlappingSubnetsNotPermittedInSecurityRule",
    "10.0.0.0/9, 10.128.0.0/9, ''"
  })
  void refusesPrefixesThatOverlap(String one, String other, String code) {
    String body =
        Http.rule("Allow", 400, "*", "22")
            .replace(
                "\"sourceAddressPrefix\":\"*\"",
                "\"sourceAddressPrefixes\":[\"%s\",\"%s\"]".formatted(one, other));
    assertThat(codeOf("r", body)).isEqualTo(code);
  }

  @Test
  void refusesBothFormsAtOnce() {
    String body = Http.rule("Allow", 400, "*", "22");
    body =
        body.replace("\"protocol\"", "\"sourceAddressPrefixes\":[\"203.0.113.7/32\"],\"protocol\"");
    assertThat(codeOf("r", body)).isEqualTo("SecurityRuleParametersConflict");
  }

  @Test
  void refusesLongDescriptionsAndBadNames() {
    String body = Http.rule("Allow", 400, "*", "22");
    assertThat(codeOf("-r", body)).isEqualTo("InvalidResourceName");
    assertThat(
            codeOf(
                "r",
                body.replace(
                    "\"protocol\"", "\"description\":\"" + "x".repeat(141) + "\",\"protocol\"")))
        .isEqualTo("SecurityRuleDescriptionTooLong");
  }

  @Test
  void countsRulesAndAddresses() {
    ObjectNode nsg = Json.object().put("location", "westeurope");
    ArrayNode rules = nsg.putObject("properties").putArray("securityRules");
    for (int i = 0; i < 1001; i++) {
      ObjectNode rule = (ObjectNode) Json.MAPPER.readTree(Http.rule("Allow", 100 + i, "*", "22"));
      rules.add(rule.put("name", "r" + i));
    }
    assertThat(http.put(Http.NSG + "big", nsg.toString()).code())
        .isEqualTo("SecurityRuleCountLimitReached");
    rules.remove(1000);
    assertThat(http.put(Http.NSG + "big", nsg.toString()).status()).isEqualTo(201);

    StringBuilder many = new StringBuilder("\"sourceAddressPrefixes\":[\"10.0.0.0\"");
    for (int i = 1; i <= 4000; i++) {
      many.append(",\"10.0.%d.%d\"".formatted(i / 256, i % 256));
    }
    String body =
        Http.rule("Allow", 400, "*", "22")
            .replace("\"sourceAddressPrefix\":\"*\"", many.append(']'));
    assertThat(codeOf("r", body))
        .isEqualTo("SecurityRuleAddressesOrPortsPerSecurityGroupLimitReached");
  }

  @Test
  void defaultRulesAreReadOnly() {
    assertThat(
            http.put(
                    GROUP + "/defaultSecurityRules/DenyAllInBound",
                    Http.rule("Allow", 400, "*", "22"))
                .status())
        .isEqualTo(400);
    assertThat(http.get(GROUP + "/defaultSecurityRules").json().path("value").size()).isEqualTo(6);
  }
}
