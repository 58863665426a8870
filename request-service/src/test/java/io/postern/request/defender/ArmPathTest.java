package io.postern.request.defender;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArmPathTest {
  private static final String SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-00000000000A";
  private static final String POLICY =
      SUBSCRIPTION
          + "/resourceGroups/Shop/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/Default";
  private static final MachineId WEB =
      new MachineId(
          SUBSCRIPTION + "/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachines/web-01");

  @Test
  void readsAPolicyAndItsAction() {
    ArmPath path = ArmPath.parse(POLICY + "/Initiate").orElseThrow();

    assertThat(path.action()).contains("initiate");
    assertThat(path.resource())
        .isEqualTo(
            new JitResource(
                "00000000-0000-0000-0000-00000000000a", "shop", "westeurope", "default"));
  }

  @Test
  void readsWithoutRegardToCase() {
    assertThat(ArmPath.parse(POLICY.toUpperCase(java.util.Locale.ROOT)).orElseThrow().resource())
        .isEqualTo(ArmPath.parse(POLICY).orElseThrow().resource());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/subscriptions/1/providers/Microsoft.Security/jitNetworkAccessPolicies",
        "/subscriptions/00000000-0000-0000-0000-00000000000a",
        "/subscriptions/00000000-0000-0000-0000-00000000000a/providers/Microsoft.Security/jitNetworkAccessPolicies/default",
        "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/shop/providers/Microsoft.Security/jitNetworkAccessPolicies/default",
        "/subscriptions/00000000-0000-0000-0000-00000000000a/providers/Microsoft.Compute/jitNetworkAccessPolicies"
      })
  void leadsNowhereElse(String path) {
    assertThat(ArmPath.parse(path)).isEmpty();
  }

  @Test
  void aListHoldsWhatLiesBelowItOnly() {
    JitResource resource = ArmPath.parse(POLICY).orElseThrow().resource();
    String provider = "/providers/Microsoft.Security";

    for (String list :
        new String[] {
          SUBSCRIPTION + provider,
          SUBSCRIPTION + provider + "/locations/WestEurope",
          SUBSCRIPTION + "/resourcegroups/SHOP" + provider
        }) {
      assertThat(ArmPath.parse(list + "/jitNetworkAccessPolicies").orElseThrow().holds(resource))
          .as(list)
          .isTrue();
    }
    for (String list :
        new String[] {
          SUBSCRIPTION.replace("A", "B") + provider,
          SUBSCRIPTION + provider + "/locations/eastus",
          SUBSCRIPTION + "/resourceGroups/shop2" + provider
        }) {
      assertThat(ArmPath.parse(list + "/jitNetworkAccessPolicies").orElseThrow().holds(resource))
          .as(list)
          .isFalse();
    }
  }

  @Test
  void aNameThatCannotBeKeptIsRefused() {
    JitResource resource =
        new JitResource(
            "00000000-0000-0000-0000-00000000000a", "shop", "westeurope", "n".repeat(37));

    Assertions.assertThatThrownBy(() -> resource.policyOf(WEB))
        .isInstanceOf(InvalidValueException.class)
        .hasMessageContaining("36");
  }
}
