package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PacketModelTest extends SmallScene {
  private void expect(String source, String machine, int port, boolean reachable, String by) {
    JsonNode answer = http.reachable(source, machine, port);
    assertThat(answer.path("decidedBy").asString()).isEqualTo(by);
    assertThat(answer.path("reachable").asBoolean()).isEqualTo(reachable);
  }

  @Test
  void namesTheRuleThatDecides() {
    expect(OUTSIDE, "web-01", 22, true, "web-01-nsg/customer-allow-ssh");
    expect(OUTSIDE, "web-02", 22, false, "web-02-nsg/DenyAllInBound");
    expect(OUTSIDE, "WEB-02", 443, true, "web-02-nsg/allow-https");
    expect("10.1.1.4", "web-02", 22, true, "web-02-nsg/AllowVnetInBound");
    expect("10.9.9.9", "web-02", 22, false, "web-02-nsg/DenyAllInBound");
    expect(OUTSIDE, "nobody", 22, false, "no such machine");
  }

  @Test
  void bothLayersMustAllow() {
    expect(OUTSIDE, "db-01", 22, false, "back-nsg/DenyAllInBound");
    http.put(Http.NSG + "back-nsg/securityRules/ssh", Http.rule("Allow", 500, "*", "22"));
    expect(OUTSIDE, "db-01", 22, false, "db-01-nsg/DenyAllInBound");
    http.put(Http.NSG + "db-01-nsg/securityRules/ssh", Http.rule("Allow", 500, OUTSIDE, "20-30"));
    expect(OUTSIDE, "db-01", 22, true, "db-01-nsg/ssh");
    expect("203.0.113.8", "db-01", 22, false, "db-01-nsg/DenyAllInBound");
    expect("10.1.0.4", "db-01", 1433, true, "db-01-nsg/AllowVnetInBound");
  }

  @Test
  void lowerPriorityNumberWins() {
    String deny = Http.NSG + "web-01-nsg/securityRules/deny";
    http.put(deny, Http.rule("Deny", 1000, "*", "22"));
    expect(OUTSIDE, "web-01", 22, true, "web-01-nsg/customer-allow-ssh");
    http.put(deny, Http.rule("Deny", 299, "*", "22"));
    expect(OUTSIDE, "web-01", 22, false, "web-01-nsg/deny");
    http.put(
        Http.NSG + "web-01-nsg/securityRules/internet", Http.rule("Allow", 200, "Internet", "22"));
    expect(OUTSIDE, "web-01", 22, true, "web-01-nsg/internet");
    expect("10.1.0.5", "web-01", 22, false, "web-01-nsg/deny");
  }

  @Test
  void destinationIsThePrivateAddress() {
    String rule = Http.rule("Deny", 100, "*", "22");
    String path = Http.NSG + "web-01-nsg/securityRules/deny";
    String destination = "\"destinationAddressPrefix\":\"*\"";
    http.put(path, rule.replace(destination, "\"destinationAddressPrefix\":\"20.50.1.4\""));
    expect(OUTSIDE, "web-01", 22, true, "web-01-nsg/customer-allow-ssh");
    http.put(path, rule.replace(destination, "\"destinationAddressPrefix\":\"10.1.0.4\""));
    expect(OUTSIDE, "web-01", 22, false, "web-01-nsg/deny");
  }

  @Test
  void applicationSecurityGroupsStandForTheirMembers() {
    String asg = Http.SHOP + "Microsoft.Network/applicationSecurityGroups/web";
    http.put(asg, "{\"location\":\"westeurope\"}");
    String nicPath = Http.SHOP + "Microsoft.Network/networkInterfaces/web-02-nic";
    String nic =
        http.get(nicPath)
            .raw()
            .body()
            .replace(
                "\"primary\":true",
                "\"primary\":true,\"applicationSecurityGroups\":[{\"id\":\"" + asg + "\"}]");
    assertThat(http.put(nicPath, nic).status()).isEqualTo(200);
    String rule =
        Http.rule("Allow", 400, "*", "22")
            .replace(
                "\"destinationAddressPrefix\":\"*\"",
                "\"destinationApplicationSecurityGroups\":[{\"id\":\"" + asg + "\"}]");
    http.put(Http.NSG + "web-02-nsg/securityRules/asg", rule);
    expect(OUTSIDE, "web-02", 22, true, "web-02-nsg/asg");
    String from =
        Http.rule("Deny", 100, "*", "22")
            .replace(
                "\"sourceAddressPrefix\":\"*\"",
                "\"sourceApplicationSecurityGroups\":[{\"id\":\"" + asg + "\"}]");
    http.put(Http.NSG + "web-01-nsg/securityRules/from", from);
    expect("10.1.0.5", "web-01", 22, false, "web-01-nsg/from");
    expect("10.1.0.6", "web-01", 22, true, "web-01-nsg/customer-allow-ssh");
  }

  @Test
  void withoutPublicAddressNobodyOutsideGetsIn() {
    String nicPath = Http.SHOP + "Microsoft.Network/networkInterfaces/web-01-nic";
    String nic = http.get(nicPath).raw().body().replace("\"publicIPAddress\"", "\"was\"");
    http.put(nicPath, nic);
    expect(OUTSIDE, "web-01", 22, false, "no public IP address");
  }

  @Test
  void establishedConnectionOutlivesItsRule() {
    String connection = http.connect(OUTSIDE, "web-01", 22);
    http.delete(Http.NSG + "web-01-nsg/securityRules/customer-allow-ssh");
    assertThat(http.isAlive(connection)).isTrue();
    assertThat(http.connect(OUTSIDE, "web-01", 22)).contains("web-01-nsg/DenyAllInBound");
  }

  @Test
  void groupThatFlushesEndsConnectionsWithTheRule() {
    String nsg =
        http.get(Http.NSG + "web-01-nsg")
            .raw()
            .body()
            .replace("\"resourceGuid\"", "\"flushConnection\":true,\"resourceGuid\"");
    http.put(Http.NSG + "web-01-nsg", nsg);
    String ssh = http.connect(OUTSIDE, "web-01", 22);
    String https = http.connect(OUTSIDE, "web-01", 443);
    http.delete(Http.NSG + "web-01-nsg/securityRules/customer-allow-ssh");
    assertThat(http.isAlive(ssh)).isFalse();
    assertThat(http.isAlive(https)).isTrue();
  }

  @Test
  void foreignHandActsAtOnceWithANewEtagAndWithoutJournal() {
    String etag = http.get(Http.NSG + "web-02-nsg").json().path("etag").asString();
    simulator.server().journal().clear();
    String id = Http.NSG + "web-02-nsg/securityRules/by-hand";
    Http.Answer answer =
        http.simulator(
            "foreign",
            "{\"method\":\"PUT\",\"id\":\"%s\",\"body\":%s}"
                .formatted(id, Http.rule("Allow", 100, "*", "22")));
    assertThat(answer.status()).isEqualTo(204);
    expect(OUTSIDE, "web-02", 22, true, "web-02-nsg/by-hand");
    assertThat(simulator.server().journal().entries()).isEmpty();
    assertThat(http.get(Http.NSG + "web-02-nsg").json().path("etag").asString()).isNotEqualTo(etag);
    http.simulator("foreign", "{\"method\":\"DELETE\",\"id\":\"%s\"}".formatted(id));
    expect(OUTSIDE, "web-02", 22, false, "web-02-nsg/DenyAllInBound");
  }
}
