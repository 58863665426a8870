package io.postern.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.postern.log.Convert;
import org.junit.jupiter.api.Test;

class PolicyExamplesTest {
  private static final String QUOTAS =
      """
      {"schemaVersion": 1, "name": "p", "ports": [{"port": 22, "sources": ["*"]}],
       "machines": [{"aws": {"account": "123456789012"}}], "requestors": {"groups": ["sre"]},
       "quotas": %s, "ticket": {"pattern": "INC-[0-9]+"}, "cloudPermission": true}""";

  private static PolicyReader.Result read(String text) throws Exception {
    return PolicyReader.read(new ObjectMapper().readTree(text), null);
  }

  @Test
  void quotasTicketAndPermissionAreWrittenAsTheyWereRead() throws Exception {
    PolicyReader.Result result =
        read(
            QUOTAS.formatted(
                "{\"perRequestor\": {\"openGrants\": 2}, \"total\": {\"requestsPerHour\": 9}}"));
    assertThat(result.errors()).isEmpty();
    Policy policy = result.policy().orElseThrow();
    assertThat(policy.terms().quotas().perRequestor().openGrants()).hasValue(2);
    assertThat(policy.terms().quotas().perRequestor().requestsPerHour()).isEmpty();
    assertThat(policy.terms().quotas().total().requestsPerHour()).hasValue(9);
    assertThat(policy.terms().cloudPermission()).isTrue();
    JsonNode written = PolicyWriter.write(policy);
    assertThat(PolicyWriter.write(PolicyReader.read(written, null).policy().orElseThrow()))
        .isEqualTo(written);
    assertThat(written.at("/quotas/perRequestor/openGrants").asInt()).isEqualTo(2);
    assertThat(written.at("/ticket/pattern").asText()).isEqualTo("INC-[0-9]+");
    var throughTheLog = Convert.toModel(Convert.toEvent(policy), 0);
    assertThat(PolicyWriter.write(throughTheLog)).isEqualTo(written);
  }

  @Test
  void aQuotaThatIsNoNumberIsNamed() throws Exception {
    assertThat(read(QUOTAS.formatted("{\"total\": {\"openGrants\": 0}}")).errors())
        .extracting(FieldError::field)
        .containsExactly("quotas.total.openGrants");
    assertThat(read(QUOTAS.formatted("{\"everybody\": {\"openGrants\": 1}}")).errors())
        .extracting(FieldError::field)
        .containsExactly("quotas.everybody");
  }
}
