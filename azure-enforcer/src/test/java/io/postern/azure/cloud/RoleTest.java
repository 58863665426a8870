package io.postern.azure.cloud;

import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.SUBSCRIPTION;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.lock;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.Samples;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.model.PortSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The role in docs is enough for everything. */
class RoleTest extends SimulatedAzure {
  private static final String DELETE =
      "Microsoft.Network/networkSecurityGroups/securityRules/delete";
  private static final Optional<Lock> LOCK = Optional.of(lock(true, PortSpec.tcp(22)));

  @Test
  void theRoleInDocsIsEnough() throws IOException {
    Path file = Path.of("..", "docs", "azure-role.json");
    JsonNode role = JsonMapper.shared().readTree(Files.readString(file));
    authorize(role.path("Actions"));

    Grant grant = grant("web-01", OUTSIDE, PortSpec.tcp(22));
    assertThat(settle(intent("web-01-nsg", "web-01", LOCK, grant)).satisfied()).hasSize(1);
    assertThat(settle(intent("web-01-nsg", "web-01", LOCK)).present()).isEmpty();
    assertThat(settle(intent("web-01-nsg", "web-01", Optional.empty())).touched()).isEmpty();
  }

  private void authorize(JsonNode actions) {
    String authorization = "/subscriptions/" + SUBSCRIPTION + "/providers/Microsoft.Authorization/";
    foreign(
        "PUT",
        authorization + "roleDefinitions/r1",
        """
        {"properties":{"roleName":"Postern","permissions":[{"actions":%s}],
        "assignableScopes":["/subscriptions/%s"]}}"""
            .formatted(actions, SUBSCRIPTION));
    foreign(
        "PUT",
        authorization + "roleAssignments/a1",
        """
        {"properties":{"principalId":"azure-enforcer","roleDefinitionId":"%sroleDefinitions/r1"}}"""
            .formatted(authorization));
    simulator("settings", "{\"authorization\":true,\"operationLatency\":\"PT0.1S\"}");
  }

  @Test
  void theSelfTestNamesWhatIsMissingAndWhere() throws Exception {
    Path file = Path.of("..", "docs", "azure-role.json");
    JsonNode actions = JsonMapper.shared().readTree(Files.readString(file)).path("Actions");
    authorize(actions);
    assertThat(azure.missingPermissions(Samples.SCOPE)).isEmpty();

    authorize(
        JsonMapper.shared()
            .readTree(actions.toString().replace(DELETE, "Microsoft.Network/loadBalancers/read")));

    assertThat(azure.missingPermissions(Samples.SCOPE))
        .isNotEmpty()
        .allMatch(m -> m.startsWith(DELETE + " in /subscriptions/" + SUBSCRIPTION));
  }
}
