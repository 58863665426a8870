package io.postern.azure.cloud;

import io.postern.enforcement.cloud.CloudException;
import io.postern.model.ErrorCode;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What is known of a subscription's machines beside the list of them. */
final class ComputeLists {
  private static final Logger LOGGER = LoggerFactory.getLogger(ComputeLists.class);
  private static final String VERSION = "2024-07-01";
  private static final Set<String> RUNNING = Set.of("PowerState/running", "PowerState/starting");

  private final Arm arm;
  private final String provider;
  private final ArmErrors errors;

  ComputeLists(Arm arm, String subscription, ArmErrors errors) {
    this.arm = arm;
    this.provider = "/subscriptions/" + subscription + "/providers/Microsoft.Compute/";
    this.errors = errors;
  }

  /** Ids in lower case of the machines whose state says that they do not run. */
  Set<String> stopped() throws CloudException {
    Set<String> stopped = new HashSet<>();
    for (JsonNode machine :
        arm.list(provider + "virtualMachines", VERSION + "&statusOnly=true", errors)) {
      for (JsonNode status : machine.path("properties").path("instanceView").path("statuses")) {
        String code = status.path("code").asString("");
        if (code.startsWith("PowerState/") && !RUNNING.contains(code)) {
          stopped.add(machine.path("id").asString("").toLowerCase(Locale.ROOT));
        }
      }
    }
    return stopped;
  }

  /**
   * The instances of scale sets in uniform mode, which are in no list of machines; those of
   * flexible ones are machines like any other. None when we may not read them.
   */
  List<MachineFacts> scaleSetInstances() throws CloudException {
    List<MachineFacts> found = new ArrayList<>();
    try {
      for (JsonNode set : arm.list(provider + "virtualMachineScaleSets", VERSION, errors)) {
        String mode = set.path("properties").path("orchestrationMode").asString("Uniform");
        if (mode.equalsIgnoreCase("Uniform")) {
          String id = set.path("id").asString("");
          for (JsonNode instance : arm.list(id + "/virtualMachines", VERSION, errors)) {
            add(found, instance);
          }
        }
      }
    } catch (CloudException e) {
      if (e.code() != ErrorCode.CLOUD_DENIED) {
        throw e;
      }
      LOGGER
          .atWarn()
          .addKeyValue("why", e.getMessage())
          .log("scale sets may not be read and are left out");
    }
    return found;
  }

  private static void add(List<MachineFacts> found, JsonNode instance) {
    Map<String, String> tags = new TreeMap<>();
    instance
        .path("tags")
        .properties()
        .forEach(t -> tags.put(t.getKey(), t.getValue().asString("")));
    try {
      MachineId id = new MachineId(instance.path("id").asString(""));
      found.add(new MachineFacts(id, id.localName(), tags, List.of(), List.of(), true, List.of()));
    } catch (InvalidValueException e) {
      LOGGER.atWarn().addKeyValue("machine", e.given()).log("left out a machine with this id");
    }
  }
}
