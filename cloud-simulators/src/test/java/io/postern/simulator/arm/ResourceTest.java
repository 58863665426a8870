package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ResourceTest extends SmallScene {
  @Test
  void idsAreFoundInAnyCaseAndKeepTheirOwn() {
    Http.Answer answer = http.get((Http.NSG + "WEB-01-NSG").toUpperCase(java.util.Locale.ROOT));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("id").asString()).isEqualTo(Http.NSG + "web-01-nsg");
    assertThat(answer.json().path("type").asString())
        .isEqualTo("Microsoft.Network/networkSecurityGroups");
  }

  @Test
  void unknownPropertiesAreKept() {
    http.put(Http.NSG + "new", "{\"location\":\"westeurope\",\"x\":1,\"properties\":{\"y\":[2]}}");

    JsonNode json = http.get(Http.NSG + "new").json();
    assertThat(json.path("x").asInt()).isEqualTo(1);
    assertThat(json.path("properties").path("y").path(0).asInt()).isEqualTo(2);
  }

  @Test
  void groupShowsWhoRefersToIt() {
    JsonNode back = http.get(Http.NSG + "back-nsg").json().path("properties");
    JsonNode web = http.get(Http.NSG + "web-01-nsg").json().path("properties");

    assertThat(back.path("subnets").path(0).path("id").asString()).endsWith("/subnets/back");
    assertThat(web.path("networkInterfaces").path(0).path("id").asString())
        .endsWith("/networkInterfaces/web-01-nic");
    assertThat(web.path("defaultSecurityRules").size()).isEqualTo(6);
  }

  @Test
  void rulesOfOneGroupShareOneEtagThatEveryWriteChanges() {
    JsonNode before = http.get(Http.NSG + "web-01-nsg").json();
    http.put(Http.NSG + "web-01-nsg/securityRules/r", Http.rule("Allow", 400, "*", "80"));
    JsonNode after = http.get(Http.NSG + "web-01-nsg").json();

    assertThat(after.path("etag")).isNotEqualTo(before.path("etag"));
    assertThat(after.path("etag").asString()).startsWith("W/\"");
    for (JsonNode rule : after.path("properties").path("securityRules")) {
      assertThat(rule.path("etag")).isEqualTo(after.path("etag"));
    }
  }

  @Test
  void staleEtagIsRefusedAndNothingChanges() {
    String stale = http.get(Http.NSG + "web-01-nsg").json().path("etag").asString();
    String rule = Http.NSG + "web-01-nsg/securityRules/r";
    http.put(rule, Http.rule("Allow", 400, "*", "80"), "If-Match", stale);

    Http.Answer refused = http.put(rule, Http.rule("Deny", 401, "*", "80"), "If-Match", stale);

    assertThat(refused.status()).isEqualTo(412);
    assertThat(refused.code()).isEqualTo("PreconditionFailed");
    assertThat(refused.json().at("/error/details/0/code").asString())
        .isEqualTo("PreconditionFailedEtagMismatch");
    assertThat(http.get(rule).json().at("/properties/access").asString()).isEqualTo("Allow");
    assertThat(http.delete(rule, "If-Match", stale).status()).isEqualTo(412);
    assertThat(http.put(rule, Http.rule("Deny", 401, "*", "80"), "If-None-Match", "*").status())
        .isEqualTo(412);
  }

  @Test
  void putOfWholeGroupReplacesItsRules() {
    String body =
        "{\"location\":\"westeurope\",\"properties\":{\"securityRules\":[{\"name\":\"only\","
            + Http.rule("Allow", 100, "*", "22").substring(1)
            + "]}}";
    assertThat(http.put(Http.NSG + "web-01-nsg", body).status()).isEqualTo(200);

    JsonNode rules = http.get(Http.NSG + "web-01-nsg/securityRules").json().path("value");
    assertThat(rules.size()).isEqualTo(1);
    assertThat(rules.path(0).path("name").asString()).isEqualTo("only");
    assertThat(rules.path(0).at("/properties/sourceAddressPrefixes").isArray()).isTrue();
  }

  @Test
  void deleteOfWhatIsNotThereSaysSo() {
    Http.Answer first = http.delete(Http.NSG + "web-01-nsg/securityRules/allow-https");
    assertThat(first.status()).isEqualTo(202);
    assertThat(first.header("Location")).contains("/operationResults/");
    assertThat(http.get(first.header("Azure-AsyncOperation")).json().path("status").asString())
        .isEqualTo("Succeeded");
    assertThat(http.get(first.header("Location")).status()).isEqualTo(204);
    assertThat(http.delete(Http.NSG + "web-01-nsg/securityRules/allow-https").status())
        .isEqualTo(204);
  }

  @Test
  void whatIsInUseStays() {
    assertThat(http.delete(Http.NSG + "web-01-nsg").code())
        .isEqualTo("InUseNetworkSecurityGroupCannotBeDeleted");
  }

  @Test
  void missingParentsAreNamed() {
    String rule = Http.rule("Allow", 100, "*", "22");
    assertThat(http.put(Http.NSG + "none/securityRules/r", rule).code())
        .isEqualTo("ParentResourceNotFound");
    assertThat(http.get(Http.NSG + "none").code()).isEqualTo("ResourceNotFound");
    assertThat(http.get(Http.NSG.replace("/shop/", "/other/") + "none").code())
        .isEqualTo("ResourceGroupNotFound");
    assertThat(http.get(Http.NSG.replace("0001/", "0009/") + "none").code())
        .isEqualTo("SubscriptionNotFound");
  }

  @Test
  void listsComeInPages() {
    for (int i = 0; i < 230; i++) {
      ArmScene.on(simulator).put(Http.NSG + "many-" + i, "{\"location\":\"westeurope\"}");
    }
    String next =
        "/subscriptions/"
            + ArmScene.SUBSCRIPTION
            + "/providers/Microsoft.Network/networkSecurityGroups";
    int seen = 0;
    int pages = 0;
    while (!next.isEmpty()) {
      JsonNode page = http.get(next).json();
      seen += page.path("value").size();
      pages++;
      next = page.path("nextLink").asString("");
    }
    assertThat(seen).isEqualTo(234);
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void twoSubscriptionsAreSeparate() {
    String machines = "/providers/Microsoft.Compute/virtualMachines";
    assertThat(http.get("/subscriptions").json().path("value").size()).isEqualTo(2);
    assertThat(
            http.get("/subscriptions/" + ArmScene.SUBSCRIPTION + machines)
                .json()
                .path("value")
                .size())
        .isEqualTo(3);
    assertThat(
            http.get("/subscriptions/" + ArmScene.SECOND_SUBSCRIPTION + machines)
                .json()
                .path("value")
                .size())
        .isEqualTo(1);
  }

  @Test
  void patchReplacesTags() {
    http.send("PATCH", Http.VM + "web-01", "{\"tags\":{\"a\":\"b\"}}");
    JsonNode tags = http.get(Http.VM + "web-01").json().path("tags");
    assertThat(tags.toString()).isEqualTo("{\"a\":\"b\"}");
  }

  @Test
  void anyPublicToolCanAskForEndpointsTenantsAndTokens() {
    assertThat(
            http.get("/metadata/endpoints?api-version=2022-09-01")
                .json()
                .at("/0/resourceManager")
                .asString())
        .isEqualTo(simulator.url() + "/");
    assertThat(http.get("/tenants").json().path("value").size()).isEqualTo(1);
    assertThat(
            http.send("POST", "/common/oauth2/v2.0/token", "client_id=abc")
                .json()
                .path("access_token")
                .asString())
        .contains(".");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2015-06-15", "2025-03-01", "2099-01-01-preview"})
  void anyApiVersionIsTaken(String version) {
    String query = "?api-version=" + version;
    assertThat(http.put(Http.NSG + "v" + query, "{\"location\":\"westeurope\"}").status())
        .isEqualTo(201);
    assertThat(http.get(Http.NSG + "v" + query).status()).isEqualTo(200);
    assertThat(http.delete(Http.NSG + "v" + query).status()).isEqualTo(202);
  }

  static Stream<Arguments> everyType() {
    String net = Http.SHOP + "Microsoft.Network/";
    String vnet = net + "virtualNetworks/v";
    String at = "{\"location\":\"westeurope\",\"properties\":{%s}}";
    String space = at.formatted("\"addressSpace\":{\"addressPrefixes\":[\"10.7.0.0/16\"]}");
    String subnet = "{\"properties\":{\"addressPrefix\":\"10.7.0.0/24\"}}";
    String front = "{\"id\":\"" + net + "virtualNetworks/shop-vnet/subnets/front\"}";
    String nic =
        at.formatted(
            "\"ipConfigurations\":[{\"name\":\"ip\",\"properties\":{\"subnet\":"
                + front
                + ",\"privateIPAddress\":\"10.1.0.77\",\"privateIPAllocationMethod\":\"Static\"}}]");
    String role =
        "{\"properties\":{\"roleName\":\"r\",\"permissions\":[{\"actions\":[\"*/read\"]}],"
            + "\"assignableScopes\":[\"/subscriptions/"
            + ArmScene.SUBSCRIPTION
            + "\"]}}";
    String authorization =
        "/subscriptions/" + ArmScene.SUBSCRIPTION + "/providers/Microsoft.Authorization/";
    String reader = authorization + "roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7";
    return Stream.of(
        Arguments.of(Http.VM + "t", at.formatted("\"networkProfile\":{\"networkInterfaces\":[]}")),
        Arguments.of(net + "networkInterfaces/t", nic),
        Arguments.of(vnet, space),
        Arguments.of(
            net + "virtualNetworks/shop-vnet/subnets/t",
            subnet.replace("10.7", "10.1.7").replace(".0.0/24", ".0/24")),
        Arguments.of(net + "applicationSecurityGroups/t", at.formatted("")),
        Arguments.of(net + "routeTables/t", at.formatted("\"routes\":[]")),
        Arguments.of(net + "publicIPAddresses/t", at.formatted("\"ipAddress\":\"20.50.7.7\"")),
        Arguments.of(net + "azureFirewalls/t", at.formatted("\"ipConfigurations\":[]")),
        Arguments.of(net + "networkSecurityGroups/t", at.formatted("")),
        Arguments.of(authorization + "roleDefinitions/11111111-0000-0000-0000-000000000001", role),
        Arguments.of(
            authorization + "roleAssignments/11111111-0000-0000-0000-000000000002",
            "{\"properties\":{\"roleDefinitionId\":\"%s\",\"principalId\":\"alice\"}}"
                .formatted(reader)));
  }

  @ParameterizedTest
  @MethodSource("everyType")
  void everyTypeIsPutReadListedAndDeleted(String id, String body) {
    String list = id.substring(0, id.lastIndexOf('/'));
    assertThat(http.get(id).status()).isEqualTo(404);
    Http.Answer put = http.put(id, body);
    assertThat(put.status()).as(put.raw().body()).isEqualTo(201);
    assertThat(http.get(id).json().path("id").asString()).isEqualToIgnoringCase(id);
    assertThat(http.get(list).json().path("value").toString()).containsIgnoringCase(id);
    assertThat(http.delete(id).status()).isIn(200, 202);
    assertThat(http.get(id).status()).isEqualTo(404);
    assertThat(http.get(list).json().path("value").toString()).doesNotContainIgnoringCase(id);
  }
}
