package io.postern.bench.azure;

import io.postern.model.MachineId;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import java.util.ArrayList;
import java.util.List;

/** Groups without rules, and machines behind them without public addresses. */
final class Scenery {
  static final String SUBSCRIPTION = ArmScene.SUBSCRIPTION;
  private static final String GROUP = "/subscriptions/" + SUBSCRIPTION + "/resourceGroups/bench";
  static final String NETWORK = GROUP + "/providers/Microsoft.Network/";

  private Scenery() {}

  static String nsg(int group) {
    return NETWORK + "networkSecurityGroups/nsg-" + group;
  }

  /** Sets the scene; the machines, group by group. */
  static List<List<MachineId>> put(ArmSimulator simulator, int groups, int machinesOfGroup) {
    ArmScene scene = ArmScene.on(simulator);
    scene.put(GROUP, "{\"location\":\"westeurope\"}");
    scene.put(
        NETWORK + "virtualNetworks/net",
        """
        {"location":"westeurope","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/8"]},
        "subnets":[{"name":"all","properties":{"addressPrefix":"10.0.0.0/8"}}]}}""");
    List<List<MachineId>> machines = new ArrayList<>();
    int number = 0;
    for (int g = 0; g < groups; g++) {
      scene.put(nsg(g), "{\"location\":\"westeurope\"}");
      List<MachineId> of = new ArrayList<>();
      for (int m = 0; m < machinesOfGroup; m++) {
        of.add(machine(scene, g, number++));
      }
      machines.add(of);
    }
    return machines;
  }

  private static MachineId machine(ArmScene scene, int group, int number) {
    String name = "vm-" + number;
    String address =
        "10.%d.%d.%d".formatted(1 + number / 60_000, number % 60_000 / 240, 4 + number % 240);
    scene.put(
        NETWORK + "networkInterfaces/" + name,
        """
        {"location":"westeurope","properties":{"networkSecurityGroup":{"id":"%s"},
        "ipConfigurations":[{"name":"ip","properties":{"primary":true,"privateIPAddress":"%s",
        "privateIPAllocationMethod":"Static","subnet":{"id":"%svirtualNetworks/net/subnets/all"}}}]}}"""
            .formatted(nsg(group), address, NETWORK));
    String id = GROUP + "/providers/Microsoft.Compute/virtualMachines/" + name;
    scene.put(
        id,
        """
        {"location":"westeurope","properties":{"networkProfile":{"networkInterfaces":
        [{"id":"%snetworkInterfaces/%s","properties":{"primary":true}}]}}}"""
            .formatted(NETWORK, name));
    return new MachineId(id);
  }
}
