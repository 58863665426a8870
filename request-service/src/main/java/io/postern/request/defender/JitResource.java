package io.postern.request.defender;

import io.postern.model.Cloud;
import io.postern.model.Ids;
import io.postern.model.InvalidValueException;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Name of a policy as Azure has it, and of the policies of ours that stand for it: one for each of
 * its virtual machines, because each may have ports of its own there. The name of such a one tells
 * location and name; subscription and resource group are those of its machine.
 *
 * @param subscription a UUID, in lower case
 * @param resourceGroup in lower case
 * @param location in lower case
 * @param name in lower case
 */
record JitResource(String subscription, String resourceGroup, String location, String name) {
  private static final int LONGEST_NAME = 36;
  private static final String PREFIX = "defender.";
  private static final Pattern OURS =
      Pattern.compile("defender\\.([a-z0-9]+)\\.(.+)\\.[0-9a-f]{12}");

  JitResource {
    subscription = subscription.toLowerCase(Locale.ROOT);
    resourceGroup = resourceGroup.toLowerCase(Locale.ROOT);
    location = location.toLowerCase(Locale.ROOT);
    name = name.toLowerCase(Locale.ROOT);
  }

  /**
   * The policy that stands for one of its machines.
   *
   * @throws InvalidValueException when the policy's name cannot be kept in it
   */
  PolicyId policyOf(MachineId machine) {
    if (name.length() > LONGEST_NAME) {
      throw new InvalidValueException("must not be longer than 36 characters", name);
    }
    return new PolicyId(PREFIX + location + "." + name + "." + hash(machine));
  }

  private static String hash(MachineId machine) {
    return Ids.derived("defender", machine.value()).toString().replace("-", "").substring(0, 12);
  }

  /** What a policy of ours stands for; empty when it was not made through this door. */
  static Optional<JitResource> of(Policy policy) {
    Matcher name = OURS.matcher(policy.id().value());
    if (!name.matches()) {
      return Optional.empty();
    }
    return machineOf(policy)
        .filter(m -> policy.id().value().endsWith("." + hash(m)))
        .map(
            m ->
                new JitResource(
                    m.scope().account(), m.resourceGroup(), name.group(1), name.group(2)));
  }

  /** The one machine of a policy that stands for a part of such a resource. */
  static Optional<MachineId> machineOf(Policy policy) {
    return policy.machines().size() == 1
            && policy.machines().get(0) instanceof MachineSelector.ById byId
            && byId.id().cloud() == Cloud.AZURE
        ? Optional.of(byId.id())
        : Optional.empty();
  }

  /** Whether a machine lies where its policies do. */
  boolean isPlaceOf(MachineId machine) {
    return machine.cloud() == Cloud.AZURE
        && machine.scope().account().equals(subscription)
        && machine.resourceGroup().equals(resourceGroup);
  }

  /** The ARM id. */
  String id() {
    return "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Security/locations/%s/jitNetworkAccessPolicies/%s"
        .formatted(subscription, resourceGroup, location, name);
  }
}
