package io.postern.azure.cloud;

import static io.postern.azure.Samples.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.model.MachineFacts;
import io.postern.simulator.arm.ArmScene;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A subscription with many machines, on a Resource Manager that keeps to its documented buckets.
 */
class LargeScanTest extends SimulatedAzure {
  private static final int MACHINES = Integer.getInteger("postern.machines", 2_500);
  // Those of the quickstart's scene.
  private static final int ELSE = 3;
  private static final int PAGE = 100;

  @Override
  boolean isPaced() {
    return true;
  }

  @Test
  void isSeenInOneScanOfWholePagesAndNoCallIsThrottled() throws Exception {
    ArmScene.fleet(simulator, MACHINES);
    simulator("settings", "{\"throttling\":true}");
    simulator.server().journal().clear();

    List<MachineFacts> seen =
        azure.inventory(SCOPE).stream().filter(m -> m.name().startsWith("vm-")).toList();

    assertThat(seen).hasSize(MACHINES);
    assertThat(seen)
        .allSatisfy(m -> assertThat(m.ruleSets()).hasSize(1))
        .allSatisfy(m -> assertThat(m.publicAddresses()).hasSize(1));
    var calls = simulator.server().journal().entries();
    assertThat(calls).allSatisfy(c -> assertThat(c.response().status()).isEqualTo(200));
    Map<String, Long> byList =
        calls.stream().collect(Collectors.groupingBy(c -> c.action(), Collectors.counting()));
    assertThat(byList)
        .containsOnlyKeys(
            "GET virtualMachines",
            "GET networkInterfaces",
            "GET networkSecurityGroups",
            "GET publicIPAddresses",
            "GET virtualNetworks",
            "GET routeTables",
            "GET azureFirewalls",
            "GET virtualMachineScaleSets");
    // Fifty reads for a thousand machines: five lists in pages of a hundred.
    int pages = (MACHINES + ELSE + PAGE - 1) / PAGE;
    assertThat(byList.get("GET virtualMachines")).as("with what runs").isEqualTo(2L * pages);
    assertThat(byList.get("GET networkInterfaces")).isEqualTo(pages);
    assertThat(byList.get("GET publicIPAddresses")).isEqualTo(pages);
    assertThat(byList.get("GET networkSecurityGroups")).isLessThanOrEqualTo(pages + 1L);
    assertThat(calls.size()).isLessThanOrEqualTo(5 * pages + 5);
  }
}
