package io.postern.simulator.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DataPlaneTest {
  private static final String SOMEBODY = "203.0.113.7";
  private static final String OFFICE = "198.51.100.9";
  private static final String EVERYWHERE = "0.0.0.0/0";

  private Lab lab = Lab.start();

  @BeforeEach
  void startAnew() {
    lab.post("reset", Map.of("scene", "small"));
  }

  @AfterEach
  void stop() {
    lab.close();
  }

  @Test
  void theSceneIsOpenWhereItSaysSo() {
    assertThat(lab.reachable(SOMEBODY, Lab.WEB, 22)).isTrue();
    assertThat(lab.reachable(SOMEBODY, Lab.WEB, 443)).isTrue();
    assertThat(lab.reachable(SOMEBODY, Lab.WEB, 31)).isFalse();
    assertThat(lab.reachable(SOMEBODY, Lab.DB, 22)).isFalse();
    assertThat(lab.reachable(OFFICE, Lab.DB, 22)).isTrue();
    assertThat(lab.reachable("10.2.0.10", Lab.DB, 5432)).as("from the group web").isTrue();
    assertThat(lab.reachable("10.2.0.12", Lab.DB, 5432)).as("from the group batch").isFalse();
  }

  @Test
  void theAnswerNamesTheRuleOrTheReason() {
    assertThat(
            lab.post("reachable", Lab.flow(OFFICE, Lab.DB, "TCP", 22))
                .json()
                .get("decidedBy")
                .asString())
        .startsWith(Lab.DB_GROUP + "/sgr-");
    assertThat(
            lab.post("reachable", Lab.flow(OFFICE, Lab.DB, "UDP", 22))
                .json()
                .get("decidedBy")
                .asString())
        .isEqualTo("no rule of " + Lab.DB_GROUP + " allows it");
    assertThat(
            lab.post("reachable", Lab.flow(OFFICE, "i-00", "TCP", 22))
                .json()
                .get("decidedBy")
                .asString())
        .isEqualTo("no such instance: i-00");
  }

  @Test
  void aConnectionLetInByEverybodysRuleDropsWithIt() {
    String ssh = lab.connect(SOMEBODY, Lab.BATCH, 22);
    assertThat(lab.connection(ssh).get("tracked").asBoolean()).isFalse();

    lab.revoke(Lab.BATCH_GROUP, 22, 22, EVERYWHERE);

    assertThat(lab.alive(ssh)).isFalse();
    assertThat(lab.connection(ssh).get("diedBecause").asString())
        .contains(Lab.BATCH_GROUP + "/sgr-");
  }

  @Test
  void aConnectionLetInByANarrowRuleOutlivesIt() {
    String ssh = lab.connect(OFFICE, Lab.DB, 22);
    assertThat(lab.connection(ssh).get("tracked").asBoolean()).isTrue();

    lab.revoke(Lab.DB_GROUP, 22, 22, "198.51.100.0/24");

    assertThat(lab.reachable(OFFICE, Lab.DB, 22)).isFalse();
    assertThat(lab.alive(ssh)).isTrue();
  }

  @Test
  void aWideRuleWithoutOpenEgressIsTracked() {
    closeEgress(Lab.BATCH_GROUP);
    String ssh = lab.connect(SOMEBODY, Lab.BATCH, 22);

    lab.revoke(Lab.BATCH_GROUP, 22, 22, EVERYWHERE);

    assertThat(lab.connection(ssh).get("tracked").asBoolean()).isTrue();
    assertThat(lab.alive(ssh)).isTrue();
  }

  @Test
  void closingEgressCutsUntrackedConnections() {
    String ssh = lab.connect(SOMEBODY, Lab.BATCH, 22);

    closeEgress(Lab.BATCH_GROUP);

    assertThat(lab.alive(ssh)).isFalse();
  }

  @Test
  void anUntrackedConnectionLivesOnWhileAnotherRuleCarriesIt() {
    String ssh = lab.connect(SOMEBODY, Lab.WEB, 22);
    lab.allow(Lab.WEB_GROUP, 22, 22, SOMEBODY + "/32");

    lab.revoke(Lab.WEB_GROUP, 20, 30, EVERYWHERE);

    assertThat(lab.alive(ssh)).isTrue();
    lab.revoke(Lab.WEB_GROUP, 22, 22, SOMEBODY + "/32");
    assertThat(lab.alive(ssh)).isFalse();
  }

  @Test
  void connectionsToOtherPortsAreUntouched() {
    String https = lab.connect(SOMEBODY, Lab.WEB, 443);

    lab.revoke(Lab.WEB_GROUP, 20, 30, EVERYWHERE);

    assertThat(lab.alive(https)).isTrue();
  }

  @Test
  void icmpAndFlowsOfLoadBalancersAreAlwaysTracked() {
    lab.ec2.authorizeSecurityGroupIngress(
        r ->
            r.groupId(Lab.WEB_GROUP)
                .ipPermissions(
                    p ->
                        p.ipProtocol("icmp")
                            .fromPort(8)
                            .toPort(-1)
                            .ipRanges(i -> i.cidrIp(EVERYWHERE))));
    assertThat(
            lab.post("reachable", Lab.flow(SOMEBODY, Lab.WEB, "ICMP", 0))
                .json()
                .get("reachable")
                .asBoolean())
        .isFalse();
    String ping =
        lab.post("connections", Lab.flow(SOMEBODY, Lab.WEB, "ICMP", 8)).json().get("id").asString();
    Map<String, Object> balanced =
        new java.util.HashMap<>(Lab.flow(SOMEBODY, Lab.BATCH, "TCP", 22));
    balanced.put("tracked", true);
    String ssh = lab.post("connections", balanced).json().get("id").asString();

    lab.revoke(Lab.BATCH_GROUP, 22, 22, EVERYWHERE);

    assertThat(lab.connection(ping).get("tracked").asBoolean()).isTrue();
    assertThat(lab.alive(ssh)).isTrue();
  }

  @Test
  void ipv6PrefixListsAndAllProtocolsCount() {
    String list =
        lab.ec2
            .createManagedPrefixList(
                r ->
                    r.prefixListName("homes")
                        .addressFamily("IPv6")
                        .maxEntries(5)
                        .entries(e -> e.cidr("2001:db8:1::/48")))
            .prefixList()
            .prefixListId();
    lab.ec2.authorizeSecurityGroupIngress(
        r ->
            r.groupId(Lab.DB_GROUP)
                .ipPermissions(p -> p.ipProtocol("-1").prefixListIds(l -> l.prefixListId(list))));

    assertThat(lab.reachable("2001:db8:1::7", Lab.DB, 3389)).isTrue();
    assertThat(lab.reachable("2001:db8:2::7", Lab.DB, 3389)).isFalse();
    lab.ec2.modifyManagedPrefixList(
        r -> r.prefixListId(list).currentVersion(1L).addEntries(e -> e.cidr("2001:db8:2::/48")));
    assertThat(lab.reachable("2001:db8:2::7", Lab.DB, 3389)).isTrue();
  }

  @Test
  void everyInterfaceOfTheInstanceCounts() {
    String open =
        lab.ec2
            .createSecurityGroup(
                r -> r.groupName("open").description("d").vpcId("vpc-0abc1234def567800"))
            .groupId();
    lab.allow(open, 3389, 3389, SOMEBODY + "/32");
    String eni =
        lab.ec2
            .createNetworkInterface(r -> r.subnetId(Lab.SUBNET).groups(open))
            .networkInterface()
            .networkInterfaceId();
    assertThat(lab.reachable(SOMEBODY, Lab.DB, 3389)).isFalse();

    String attachment =
        lab.ec2
            .attachNetworkInterface(
                r -> r.networkInterfaceId(eni).instanceId(Lab.DB).deviceIndex(1))
            .attachmentId();

    String rdp = lab.connect(SOMEBODY, Lab.DB, 3389);
    lab.ec2.detachNetworkInterface(r -> r.attachmentId(attachment));
    assertThat(lab.alive(rdp)).isFalse();
    assertThat(lab.reachable(SOMEBODY, Lab.DB, 3389)).isFalse();
  }

  @Test
  void aNetworkAclBlocksWhatAGroupAllowsAndCutsSessions() {
    String ssh = lab.connect(OFFICE, Lab.DB, 22);

    lab.post(
        "network-acls",
        Map.of(
            "region",
            "eu-west-1",
            "subnet",
            Lab.SUBNET,
            "deny",
            List.of(
                Map.of(
                    "source",
                    "198.51.100.0/24",
                    "protocol",
                    "tcp",
                    "fromPort",
                    22,
                    "toPort",
                    22))));

    assertThat(lab.alive(ssh)).isFalse();
    assertThat(
            lab.post("reachable", Lab.flow(OFFICE, Lab.DB, "TCP", 22))
                .json()
                .get("decidedBy")
                .asString())
        .isEqualTo("the network ACL of " + Lab.SUBNET + " denies it");
    assertThat(lab.post("connections", Lab.flow(OFFICE, Lab.DB, "TCP", 22)).status())
        .isEqualTo(409);
  }

  @Test
  void connectionsDieWithTheInstance() {
    String ssh = lab.connect(OFFICE, Lab.DB, 22);

    lab.ec2.terminateInstances(r -> r.instanceIds(Lab.DB));

    assertThat(lab.alive(ssh)).isFalse();
    assertThat(lab.reachable(OFFICE, Lab.DB, 22)).isFalse();
  }

  @Test
  void aMistakenQuestionIsRefused() {
    assertThat(
            lab.post("reachable", Map.of("source", "x", "machine", "web-01", "port", 22)).status())
        .isEqualTo(400);
    assertThat(lab.post("reachable", Lab.flow("not an address", Lab.DB, "TCP", 22)).status())
        .isEqualTo(400);
    assertThat(lab.get("connections/none").status()).isEqualTo(404);
    assertThat(lab.post("nonsense", Map.of()).status()).isEqualTo(404);
  }

  private void closeEgress(String group) {
    lab.ec2.revokeSecurityGroupEgress(
        r ->
            r.groupId(group)
                .ipPermissions(p -> p.ipProtocol("-1").ipRanges(i -> i.cidrIp(EVERYWHERE))));
  }
}
