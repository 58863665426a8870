package io.postern.azure.cloud;

import io.postern.azure.domain.FirewallStep;
import io.postern.azure.domain.Hops;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.domain.Outcome;
import io.postern.model.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes Azure Firewalls with classic rules: always the whole firewall, one write in
 * flight, minutes each.
 */
final class Firewalls {
  private static final Duration CHANGING_PAUSE = Duration.ofSeconds(5);

  private final Arm arm;
  private final ArmErrors errors;
  private final LongRunning operations;

  Firewalls(Arm arm, ArmErrors errors, LongRunning operations) {
    this.arm = arm;
    this.errors = errors;
    this.operations = operations;
  }

  /**
   * What is still being changed is not in force yet, and takes no other write: it is not believed.
   *
   * @param publicAddresses by the id of the resource in lower case
   */
  Observation.OfFirewall read(ArmAnswer answer, Hops hops, Map<String, String> publicAddresses)
      throws CloudException {
    if (FirewallJson.isChanging(answer.body())) {
      throw new CloudException(
          ErrorCode.CONFLICT,
          "Azure Firewall "
              + answer.body().path("name").asString("")
              + " is still being changed, which takes minutes",
          Optional.of(CHANGING_PAUSE));
    }
    return new Observation.OfFirewall(
        FirewallJson.read(answer.body(), id -> Optional.ofNullable(publicAddresses.get(id))),
        answer.body(),
        hops);
  }

  Outcome write(String firewall, Observation.OfFirewall observed, List<FirewallStep> steps) {
    ArmAnswer answer =
        arm.put(
            firewall,
            FirewallJson.body(observed.document(), steps),
            observed.etag(),
            ThrottleGate.Urgency.of(steps));
    return answer.isSuccess() ? operations.await(answer, firewall) : errors.ofWrite(answer, steps);
  }
}
