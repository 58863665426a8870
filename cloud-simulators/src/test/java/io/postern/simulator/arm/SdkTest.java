package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.policy.HttpPipelinePolicy;
import com.azure.core.management.AzureEnvironment;
import com.azure.core.management.exception.ManagementException;
import com.azure.core.util.Context;
import com.azure.resourcemanager.network.fluent.NetworkManagementClient;
import com.azure.resourcemanager.network.fluent.models.SecurityRuleInner;
import com.azure.resourcemanager.network.implementation.NetworkManagementClientBuilder;
import com.azure.resourcemanager.network.models.SecurityRuleAccess;
import com.azure.resourcemanager.network.models.SecurityRuleDirection;
import com.azure.resourcemanager.network.models.SecurityRuleProtocol;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Microsoft's own client gets on with the simulator. */
class SdkTest extends SmallScene {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private NetworkManagementClient network;

  @BeforeEach
  void connect() {
    network = client(ArmScene.SUBSCRIPTION);
  }

  private NetworkManagementClient client(String subscription) {
    HttpPipelinePolicy ifMatch =
        (context, next) -> {
          boolean write = context.getHttpRequest().getHttpMethod() != HttpMethod.GET;
          context
              .getData("if-match")
              .filter(etag -> write)
              .ifPresent(
                  etag ->
                      context.getHttpRequest().setHeader(HttpHeaderName.IF_MATCH, etag.toString()));
          return next.process();
        };
    HttpPipeline pipeline = new HttpPipelineBuilder().policies(ifMatch).build();
    return new NetworkManagementClientBuilder()
        .pipeline(pipeline)
        .endpoint(simulator.url())
        .environment(AzureEnvironment.AZURE)
        .subscriptionId(subscription)
        .defaultPollInterval(Duration.ofMillis(50))
        .buildClient();
  }

  private static SecurityRuleInner rule(int priority) {
    return new SecurityRuleInner()
        .withAccess(SecurityRuleAccess.ALLOW)
        .withDirection(SecurityRuleDirection.INBOUND)
        .withProtocol(SecurityRuleProtocol.TCP)
        .withPriority(priority)
        .withSourceAddressPrefix(OUTSIDE + "/32")
        .withSourcePortRange("*")
        .withDestinationAddressPrefix("*")
        .withDestinationPortRange("22");
  }

  private SecurityRuleInner create(String name, int priority, Context context) {
    var rules = network.getSecurityRules();
    var poller = rules.beginCreateOrUpdate("shop", "web-02-nsg", name, rule(priority), context);
    poller.waitForCompletion(PATIENCE);
    return poller.getFinalResult();
  }

  @Test
  void createsReadsAndDeletesARule() {
    SecurityRuleInner created = create("mine", 100, Context.NONE);

    assertThat(created.provisioningState().toString()).isEqualTo("Succeeded");
    assertThat(http.reachable(OUTSIDE, "web-02", 22).path("decidedBy").asString())
        .isEqualTo("web-02-nsg/mine");
    var rules = network.getSecurityRules();
    assertThat(rules.list("shop", "web-02-nsg")).hasSize(2);

    var poller = rules.beginDelete("shop", "web-02-nsg", "mine");
    poller.waitForCompletion(PATIENCE);
    assertThat(poller.poll().getStatus().toString()).isEqualTo("SUCCESSFULLY_COMPLETED");
    assertThat(rules.list("shop", "web-02-nsg")).hasSize(1);
  }

  @Test
  void waitsForASlowOperation() {
    http.simulator("settings", "{\"operationLatency\":\"PT2S\"}");
    var poller =
        network
            .getSecurityRules()
            .beginCreateOrUpdate("shop", "web-02-nsg", "slow", rule(100), Context.NONE);
    assertThat(poller.poll().getStatus().toString()).isEqualTo("IN_PROGRESS");
    assertThat(http.reachable(OUTSIDE, "web-02", 22).path("reachable").asBoolean()).isFalse();
    simulator.server().clock().advance(Duration.ofSeconds(2));
    poller.waitForCompletion(PATIENCE);
    assertThat(poller.getFinalResult().provisioningState().toString()).isEqualTo("Succeeded");
  }

  @Test
  void staleIfMatchBecomesAManagementException() {
    String etag =
        network.getNetworkSecurityGroups().getByResourceGroup("shop", "web-02-nsg").etag();
    create("first", 100, new Context("if-match", etag));

    assertThatThrownBy(() -> create("second", 101, new Context("if-match", etag)))
        .isInstanceOfSatisfying(
            ManagementException.class,
            e -> {
              assertThat(e.getValue().getCode()).isEqualTo("PreconditionFailed");
              assertThat(e.getValue().getDetails().get(0).getCode())
                  .isEqualTo("PreconditionFailedEtagMismatch");
            });
  }

  @Test
  void listsGroupsOverPages() {
    for (int i = 0; i < 150; i++) {
      ArmScene.on(simulator).put(Http.NSG + "n" + i, "{\"location\":\"westeurope\"}");
    }
    assertThat(network.getNetworkSecurityGroups().list()).hasSize(154);
    assertThat(network.getNetworkSecurityGroups().listByResourceGroup("SHOP")).hasSize(154);
    assertThat(client(ArmScene.SECOND_SUBSCRIPTION).getNetworkSecurityGroups().list()).hasSize(1);
  }

  @Test
  void readsInterfacesNetworksAndAddresses() {
    var nic = network.getNetworkInterfaces().getByResourceGroup("shop", "db-01-nic");
    assertThat(nic.virtualMachine().id()).endsWith("/virtualMachines/db-01");
    assertThat(nic.ipConfigurations().get(0).privateIpAddress()).isEqualTo("10.1.1.4");
    var vnet = network.getVirtualNetworks().getByResourceGroup("shop", "shop-vnet");
    assertThat(vnet.subnets()).hasSize(2);
    var address = network.getPublicIpAddresses().getByResourceGroup("shop", "db-01-ip");
    assertThat(address.ipAddress()).isEqualTo("20.50.1.6");
  }
}
