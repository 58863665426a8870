package io.postern.azure.cloud;

import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.lock;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.Samples;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.exposure.Mode;
import io.postern.enforcement.exposure.Posture;
import io.postern.enforcement.exposure.Severity;
import io.postern.enforcement.exposure.Unsupported;
import io.postern.enforcement.exposure.Verdict.Reason;
import io.postern.enforcement.exposure.Verdict.Result;
import io.postern.model.MachineFacts;
import io.postern.model.PortSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Defender's flow chart, row by row, each made of real resources through Resource Manager. */
class DefenderRowsTest extends SimulatedAzure {
  private static final String GROUP =
      "/subscriptions/" + Samples.SUBSCRIPTION + "/resourceGroups/rows";
  private static final String NETWORK = GROUP + "/providers/Microsoft.Network/";
  private static final String ALLOW_ANY = rule("Allow", 300, "*", "3389");

  @BeforeEach
  void network() {
    write(GROUP, "{\"location\":\"westeurope\"}");
    write(
        NETWORK + "virtualNetworks/net",
        """
        {"location":"westeurope","properties":{"addressSpace":{"addressPrefixes":["10.9.0.0/16"]},
        "subnets":[{"name":"all","properties":{"addressPrefix":"10.9.0.0/24"}},
        {"name":"AzureFirewallSubnet","properties":{"addressPrefix":"10.9.9.0/26"}}]}}""");
    for (String ip : List.of("vm", "fw")) {
      write(
          NETWORK + "publicIPAddresses/" + ip,
          """
          {"location":"westeurope","sku":{"name":"Basic"},"properties":{"ipAddress":"20.60.0.%d"}}"""
              .formatted(ip.length() + ip.charAt(0) % 16));
    }
    nic("");
    write(
        GROUP + "/providers/Microsoft.Compute/virtualMachines/row",
        """
        {"location":"westeurope","tags":{"env":"prod"},"properties":{"networkProfile":
        {"networkInterfaces":[{"id":"%snetworkInterfaces/row"}]}}}"""
            .formatted(NETWORK));
  }

  private void nic(String more) {
    write(
        NETWORK + "networkInterfaces/row",
        """
        {"location":"westeurope","properties":{%s"ipConfigurations":[{"name":"ip","properties":
        {"privateIPAddress":"10.9.0.4","privateIPAllocationMethod":"Static",
        "publicIPAddress":{"id":"%spublicIPAddresses/vm"},
        "subnet":{"id":"%svirtualNetworks/net/subnets/all"}}}]}}"""
            .formatted(more, NETWORK, NETWORK));
  }

  private void group(String... rules) {
    StringBuilder array = new StringBuilder();
    for (int i = 0; i < rules.length; i++) {
      array
          .append(i == 0 ? "{\"name\":\"r" : ",{\"name\":\"r")
          .append(i)
          .append("\",")
          .append(rules[i].substring(1));
    }
    write(
        NETWORK + "networkSecurityGroups/row",
        "{\"location\":\"westeurope\",\"properties\":{\"securityRules\":[%s]}}".formatted(array));
    nic("\"networkSecurityGroup\":{\"id\":\"%snetworkSecurityGroups/row\"},".formatted(NETWORK));
  }

  private void firewall(String rules) {
    write(
        NETWORK + "azureFirewalls/fw",
        """
        {"location":"westeurope","properties":{"ipConfigurations":[{"name":"a","properties":
        {"subnet":{"id":"%svirtualNetworks/net/subnets/AzureFirewallSubnet"},
        "publicIPAddress":{"id":"%spublicIPAddresses/fw"}}}]%s}}"""
            .formatted(NETWORK, NETWORK, rules.isEmpty() ? "" : "," + rules));
  }

  private void routeThroughTheFirewall() {
    write(
        NETWORK + "routeTables/out",
        """
        {"location":"westeurope","properties":{"routes":[{"name":"all","properties":
        {"addressPrefix":"0.0.0.0/0","nextHopType":"VirtualAppliance",
        "nextHopIpAddress":"10.9.9.4"}}]}}""");
    write(
        NETWORK + "virtualNetworks/net/subnets/all",
        """
        {"properties":{"addressPrefix":"10.9.0.0/24","routeTable":{"id":"%srouteTables/out"}}}"""
            .formatted(NETWORK));
  }

  private static String networkRule(String port) {
    return """
    "networkRuleCollections":[{"name":"c","properties":{"priority":200,"action":{"type":"Allow"},
    "rules":[{"name":"n","protocols":["TCP"],"sourceAddresses":["10.0.0.0/8"],
    "destinationAddresses":["10.9.0.0/24"],"destinationPorts":["%s"]}]}}]"""
        .formatted(port);
  }

  private static String nat(String port) {
    return """
    "natRuleCollections":[{"name":"c","properties":{"priority":200,"action":{"type":"Dnat"},
    "rules":[{"name":"d","protocols":["TCP"],"sourceAddresses":["*"],
    "destinationAddresses":["20.60.0.8"],"destinationPorts":["2222"],
    "translatedAddress":"10.9.0.4","translatedPort":"%s"}]}}]"""
        .formatted(port);
  }

  private Posture posture(Optional<Lock> lock) {
    try {
      MachineFacts row =
          azure.inventory(SCOPE).stream()
              .filter(m -> m.name().equals("row"))
              .findFirst()
              .orElseThrow();
      return azure.posture(new MachineIntent(row, lock, List.of()));
    } catch (CloudException e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertRow(Optional<Lock> lock, Result result, Reason reason) {
    Posture posture = posture(lock);
    assertThat(posture.verdict().result()).as(posture.toString()).isEqualTo(result);
    assertThat(posture.verdict().code()).as(posture.toString()).isEqualTo(reason);
  }

  private static Optional<Lock> jit() {
    return Optional.of(lock(false, PortSpec.tcp(22)));
  }

  @Test
  void row1JitOnIsHealthyWhateverElse() {
    group(ALLOW_ANY);
    assertRow(jit(), Result.HEALTHY, Reason.JIT_ENABLED);
  }

  @Test
  void row2NeitherGroupNorFirewallIsNotApplicable() {
    assertRow(Optional.empty(), Result.NOT_APPLICABLE, Reason.NO_GROUP_AND_NO_FIREWALL);
    assertThat(posture(Optional.empty()).unsupported())
        .map(Unsupported::why)
        .contains("it has neither a network security group nor an Azure Firewall before it");
  }

  @Test
  void row3OnlyAFirewallThatAllowsNoneIsHealthy() {
    firewall(networkRule("443"));
    routeThroughTheFirewall();
    assertRow(Optional.empty(), Result.HEALTHY, Reason.FIREWALL_CLOSED);
  }

  @Test
  void row4OnlyAFirewallThatAllowsOneIsUnhealthy() {
    firewall(nat("22"));
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.FIREWALL_ALLOWS);
    assertThat(posture(Optional.empty()).verdict().reason()).isEqualTo("fw/c/d allows 22/TCP");
  }

  @Test
  void row5AGroupThatAllowsNoneIsHealthy() {
    group(rule("Allow", 300, "*", "443"));
    assertRow(Optional.empty(), Result.HEALTHY, Reason.PORTS_CLOSED);
  }

  @Test
  void row6AGroupThatAllowsOneWithoutAFirewallIsUnhealthy() {
    group(ALLOW_ANY);
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.PORTS_ALLOWED);
    assertThat(posture(Optional.empty()).verdict().reason()).isEqualTo("row/r0 allows 3389/TCP");
  }

  @Test
  void row7AGroupThatAllowsOneBehindAFirewallThatAllowsNoneIsHealthy() {
    group(ALLOW_ANY);
    firewall("");
    routeThroughTheFirewall();
    assertRow(Optional.empty(), Result.HEALTHY, Reason.FIREWALL_CLOSED);
  }

  @Test
  void row8AGroupAndAFirewallThatBothAllowOneIsUnhealthy() {
    group(ALLOW_ANY);
    firewall(networkRule("3389"));
    routeThroughTheFirewall();
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.FIREWALL_ALLOWS);
  }

  @ParameterizedTest
  @CsvSource({"22", "3389", "5985", "5986", "5000-6000", "*"})
  void oneOfTheFourPortsSufficesWhateverTheSource(String port) {
    group(rule("Allow", 300, "203.0.113.7/32", port));
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.PORTS_ALLOWED);
  }

  @Test
  void anAllowThatAnEarlierDenyCoversDoesNotCountNorDoAzuresDefaultRules() {
    group(rule("Deny", 200, "*", "22"), rule("Allow", 300, "*", "22"));
    assertRow(Optional.empty(), Result.HEALTHY, Reason.PORTS_CLOSED);
    assertThat(posture(Optional.empty()).severity()).isEqualTo(Severity.LOW);
  }

  @Test
  void aFirewallUnderFirewallManagerIsNotSupported() {
    write(NETWORK + "firewallPolicies/p", "{\"location\":\"westeurope\",\"properties\":{}}");
    firewall("\"firewallPolicy\":{\"id\":\"%sfirewallPolicies/p\"}".formatted(NETWORK));
    routeThroughTheFirewall();
    group(ALLOW_ANY);
    assertRow(Optional.empty(), Result.NOT_APPLICABLE, Reason.FIREWALL_MANAGER);
    assertThat(posture(Optional.empty()).verdict().reason())
        .startsWith("managed by Firewall Manager: Azure Firewall fw has the firewall policy ");
    assertRow(jit(), Result.HEALTHY, Reason.JIT_ENABLED);
    assertThat(posture(jit()).verdict().reason()).contains("cannot be closed: managed by");
  }

  @Test
  void whatDefenderManagesIsNotSupported() {
    group(ALLOW_ANY);
    write(
        NETWORK + "networkSecurityGroups/row/securityRules/MicrosoftDefenderForCloud-JITRule_1_2",
        rule("Deny", 1000, "*", "22"));
    assertRow(Optional.empty(), Result.NOT_APPLICABLE, Reason.DEFENDER_MANAGED);
    assertThat(posture(Optional.empty()).verdict().reason())
        .isEqualTo(
            "managed by Defender: rule MicrosoftDefenderForCloud-JITRule_1_2 belongs to its just-in-time access");
  }

  @Test
  void instancesOfAUniformScaleSetAreSeenAndNotSupportedThoseOfAFlexibleOneAreMachines() {
    String sets = GROUP + "/providers/Microsoft.Compute/virtualMachineScaleSets/";
    write(
        sets + "uniform",
        "{\"location\":\"westeurope\",\"properties\":{\"orchestrationMode\":\"Uniform\"}}");
    write(sets + "uniform/virtualMachines/0", "{\"location\":\"westeurope\",\"properties\":{}}");
    write(
        sets + "flexible",
        "{\"location\":\"westeurope\",\"properties\":{\"orchestrationMode\":\"Flexible\"}}");
    try {
      List<MachineFacts> found =
          azure.inventory(SCOPE).stream().filter(m -> m.id().isInScaleSet()).toList();
      assertThat(found).map(MachineFacts::name).containsExactly("uniform_0");
      Posture posture =
          azure.posture(new MachineIntent(found.getFirst(), Optional.empty(), List.of()));
      assertThat(posture.verdict().code()).isEqualTo(Reason.SCALE_SET_UNIFORM);
      assertThat(posture.verdict().result()).isEqualTo(Result.NOT_APPLICABLE);
    } catch (CloudException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void strictSaysWhoGetsInAndHowBadThatIs() {
    azure = adapter(false, Mode.STRICT);
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.NOT_FILTERED);
    assertThat(posture(Optional.empty()).severity()).isEqualTo(Severity.CRITICAL);
    group(rule("Allow", 300, "203.0.113.0/28", "22"));
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.OPEN_TO_FEW_ADDRESSES);
    group();
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.OPEN_TO_THE_NETWORK);
    group(rule("Deny", 300, "*", "*"));
    assertRow(Optional.empty(), Result.HEALTHY, Reason.PORTS_CLOSED);
    group(rule("Allow", 300, "*", "22"), rule("Deny", 310, "*", "*"));
    assertRow(jit(), Result.UNHEALTHY, Reason.LOCKED_BUT_BYPASSED);
    assertThat(posture(jit()).verdict().reason())
        .isEqualTo("under just-in-time access, but 22/TCP is open to the world by row/r0");
    assertThat(posture(jit()).bypasses()).hasSize(1);
  }

  @Test
  void aTagWhoseAddressesAreNotKnownIsToldByItsName() {
    azure = adapter(false, Mode.STRICT);
    group(rule("Allow", 300, "AzureCloud", "22"), rule("Deny", 310, "*", "*"));
    assertRow(Optional.empty(), Result.UNHEALTHY, Reason.OPEN_TO_A_WIDE_RANGE);
    assertThat(posture(Optional.empty()).exposure().getFirst().reachableFrom().getFirst().names())
        .containsExactly("AzureCloud");
  }

  @Test
  void saysWhetherAMachineRuns() {
    write(
        GROUP + "/providers/Microsoft.Compute/virtualMachines/row",
        """
        {"location":"westeurope","simulator":{"powerState":"deallocated"},"properties":{"networkProfile":
        {"networkInterfaces":[{"id":"%snetworkInterfaces/row"}]}}}"""
            .formatted(NETWORK));
    assertThat(machine("row").running()).isFalse();
    assertThat(machine("web-01").running()).isTrue();
  }
}
