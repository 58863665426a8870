package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
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
}
