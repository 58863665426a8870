package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AuthorizationTest extends SmallScene {
  private static final String SUBSCRIPTION = "/subscriptions/" + ArmScene.SUBSCRIPTION;
  private static final String AUTHORIZATION = "/providers/Microsoft.Authorization/";
  private static final String NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7";
  private static final String READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
  private static final String RULE = Http.NSG + "web-02-nsg/securityRules/r";

  @BeforeEach
  void nestGroups() {
    http.simulator(
        "directory", "{\"groups\":{\"inner\":[\"Alice\",\"bob\"],\"outer\":[\"inner\"]}}");
  }

  private Http.Answer assign(String scope, String name, String role, String principal) {
    return http.put(
        scope + AUTHORIZATION + "roleAssignments/" + name,
        """
        {"properties":{"roleDefinitionId":"%s/providers/Microsoft.Authorization/roleDefinitions/%s",
        "principalId":"%s"}}"""
            .formatted(SUBSCRIPTION, role, principal));
  }

  private Http.Answer writeAs(String principal) {
    http.simulator("settings", "{\"authorization\":true}");
    Http.Answer answer =
        http.put(RULE, Http.rule("Allow", 100, "*", "22"), "x-ms-simulator-principal", principal);
    http.simulator("settings", "{\"authorization\":false}");
    return answer;
  }

  private JsonNode assignedTo(String scope, String principal) {
    return http.get(
            scope
                + AUTHORIZATION
                + "roleAssignments?api-version=2022-04-01&$filter=atScope()+and+assignedTo('"
                + principal
                + "')")
        .json()
        .path("value");
  }

  @Test
  void rolesReachMembersOfNestedGroups() {
    assertThat(assign(SUBSCRIPTION, "a1", NETWORK_CONTRIBUTOR, "outer").status()).isEqualTo(201);
    assertThat(writeAs("alice").status()).isEqualTo(201);
    Http.Answer stranger = writeAs("mallory");
    assertThat(stranger.status()).isEqualTo(403);
    assertThat(stranger.code()).isEqualTo("AuthorizationFailed");
  }

  @Test
  void filterFindsAssignmentsAtAndAboveTheScopeForGroupsToo() {
    assign(SUBSCRIPTION, "a1", READER, "outer");
    assign(Http.VM + "web-01", "a2", READER, "alice");
    assign(Http.VM + "web-02", "a3", READER, "alice");
    assertThat(assignedTo(SUBSCRIPTION, "alice").size()).isEqualTo(1);
    assertThat(assignedTo(Http.VM + "web-01", "ALICE").size()).isEqualTo(2);
    assertThat(assignedTo("/" + Http.VM + "WEB-01", "alice").size()).isEqualTo(2);
    assertThat(assignedTo(Http.VM + "web-01", "mallory").size()).isEqualTo(0);
  }

  @Test
  void readerMayNotWriteAndCustomRolesUseWildcards() {
    assign(SUBSCRIPTION, "a1", READER, "alice");
    assertThat(writeAs("alice").status()).isEqualTo(403);
    String role = "11111111-0000-0000-0000-000000000001";
    http.put(
        SUBSCRIPTION + AUTHORIZATION + "roleDefinitions/" + role,
        """
        {"properties":{"roleName":"Rules","type":"CustomRole","permissions":[{"actions":
        ["microsoft.network/networkSecurityGroups/*"],
        "notActions":["Microsoft.Network/*/delete"]}]}}""");
    assign(SUBSCRIPTION, "a2", role, "alice");
    assertThat(writeAs("alice").status()).isEqualTo(201);
    http.simulator("settings", "{\"authorization\":true}");
    assertThat(http.delete(RULE, "x-ms-simulator-principal", "alice").status()).isEqualTo(403);
  }

  @Test
  void denialsWinUnlessThePrincipalIsExcluded() {
    assign(SUBSCRIPTION, "a1", NETWORK_CONTRIBUTOR, "outer");
    http.put(
        SUBSCRIPTION + AUTHORIZATION + "denyAssignments/d1",
        """
        {"properties":{"permissions":[{"actions":["Microsoft.Network/*"]}],
        "principals":[{"id":"00000000-0000-0000-0000-000000000000"}],
        "excludePrincipals":[{"id":"bob"}]}}""");
    assertThat(writeAs("alice").status()).isEqualTo(403);
    assertThat(writeAs("bob").status()).isEqualTo(201);
  }

  @Test
  void conditionGrantsNothing() {
    assign(SUBSCRIPTION, "a1", NETWORK_CONTRIBUTOR, "alice");
    String path = SUBSCRIPTION + AUTHORIZATION + "roleAssignments/a1";
    String body = http.get(path).raw().body();
    http.put(path, body.replace("\"principalId\"", "\"condition\":\"x\",\"principalId\""));
    assertThat(writeAs("alice").status()).isEqualTo(403);
  }

  @Test
  void sameAssignmentTwiceAndUnknownRolesAreRefused() {
    assign(SUBSCRIPTION, "a1", READER, "alice");
    assertThat(assign(SUBSCRIPTION, "a2", READER, "alice").code())
        .isEqualTo("RoleAssignmentExists");
    assertThat(assign(SUBSCRIPTION, "a3", "no-role", "alice").code())
        .isEqualTo("RoleDefinitionDoesNotExist");
    assertThat(
            http.get(SUBSCRIPTION + AUTHORIZATION + "roleDefinitions/" + READER)
                .json()
                .at("/properties/roleName")
                .asString())
        .isEqualTo("Reader");
  }

  @Test
  void permissionsAnswerForTheCaller() {
    assign(SUBSCRIPTION, "a1", READER, "outer");
    assertThat(permittedTo("bob").size()).isEqualTo(1);
    assertThat(permittedTo("bob").path(0).asString()).isEqualTo("*");
    http.simulator("settings", "{\"authorization\":true}");
    assertThat(permittedTo("bob").path(0).asString()).isEqualTo("*/read");
    assertThat(permittedTo("mallory").isMissingNode()).isTrue();
  }

  private JsonNode permittedTo(String principal) {
    return http.send(
            "GET",
            "/"
                + Http.VM.replace("resourceGroups", "resourcegroups")
                + "web-01"
                + AUTHORIZATION
                + "permissions",
            "",
            "x-ms-simulator-principal",
            principal)
        .json()
        .path("value")
        .path(0)
        .path("actions");
  }
}
