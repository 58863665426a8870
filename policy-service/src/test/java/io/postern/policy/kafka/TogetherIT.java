package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRequested;
import io.postern.event.Person;
import io.postern.event.Reason;
import io.postern.event.RequestSubmitted;
import io.postern.event.RevocationRequested;
import io.postern.log.Topics;
import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.ErrorCode;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
import io.postern.model.RequestId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All or nothing over two clouds, whose machines are decided in different partitions. */
class TogetherIT {
  private static final Person ALICE = new Person("alice", "i", List.of("sre"));
  private static final Person LEAD = new Person("lena", "i", List.of("leads"));
  private static final MachineId AWS =
      new MachineId("arn:aws:ec2:us-east-1:123456789012:instance/i-0aaaaaaaaaaaaaaa7");
  private static final MachineId AZURE =
      new MachineId(
          "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/together-01");
  private static final MachineId UNCOVERED =
      new MachineId("arn:aws:ec2:us-east-1:123456789012:instance/i-0aaaaaaaaaaaaaaa8");
  private static final MachineId GUARDED =
      new MachineId("arn:aws:ec2:eu-central-1:123456789012:instance/i-0aaaaaaaaaaaaaaa9");

  @TempDir static Path state;
  private static PolicyHarness harness;

  @BeforeAll
  static void start() throws Exception {
    harness = new PolicyHarness(AWS, state);
    assertThat(partition(AWS)).isNotEqualTo(partition(AZURE));
    assertThat(partition(GUARDED)).isNotEqualTo(partition(AZURE));
    harness.see(AZURE);
    harness.see(UNCOVERED);
    harness.see(GUARDED);
    harness.put(PolicyHarness.policy("together", PolicyTerms.NONE, AWS, AZURE));
    ApprovalRule rule =
        new ApprovalRule(
            List.of(new ApprovalLevel(false, Set.of("leads"), Set.of(), 1)), Duration.ofHours(1));
    harness.put(
        PolicyHarness.policy(
            "guarded",
            new PolicyTerms(
                false,
                Optional.of(rule),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty()),
            GUARDED));
  }

  private static int partition(MachineId machine) {
    return Topics.partition(machine.scope(), harness.platform.partitions());
  }

  @AfterAll
  static void stop() {
    harness.close();
  }

  private static RequestSubmitted ask(boolean allOrNothing, MachineId... machines)
      throws Exception {
    RequestSubmitted request =
        RequestSubmitted.newBuilder(PolicyHarness.request(ALICE, "203.0.113.9", machines))
            .setAllOrNothing(allOrNothing)
            .build();
    harness.say(request.getRequestId(), request);
    return request;
  }

  private static AccessGranted granted(RequestSubmitted request, MachineId machine)
      throws Exception {
    return harness.probe.await(
        AccessGranted.class,
        g ->
            g.getRequestId().equals(request.getRequestId())
                && g.getMachineId().equals(machine.value()));
  }

  private static List<String> denied(RequestSubmitted request, MachineId machine) throws Exception {
    return harness
        .probe
        .await(
            AccessDenied.class,
            d ->
                d.getRequestId().equals(request.getRequestId())
                    && d.getMachineId().equals(machine.value()))
        .getReasons()
        .stream()
        .map(Reason::getCode)
        .toList();
  }

  private static ApprovalRequested waits(RequestSubmitted request) throws Exception {
    return harness.probe.await(
        ApprovalRequested.class, a -> a.getRequestId().equals(request.getRequestId()));
  }

  @Test
  void grantsAllForTheSameTime() throws Exception {
    RequestSubmitted request = ask(true, AWS, AZURE);
    AccessGranted first = granted(request, AWS);
    AccessGranted second = granted(request, AZURE);
    assertThat(first.getStartsAt()).isEqualTo(second.getStartsAt());
    assertThat(first.getExpiresAt()).isEqualTo(second.getExpiresAt());
  }

  @Test
  void deniesAllWhenOneIsDenied() throws Exception {
    RequestSubmitted request = ask(true, AWS, AZURE, UNCOVERED);
    assertThat(denied(request, UNCOVERED)).containsExactly(ErrorCode.POLICY_UNSATISFIED.name());
    assertThat(denied(request, AWS)).containsExactly(ErrorCode.NOT_TOGETHER.name());
    assertThat(denied(request, AZURE)).containsExactly(ErrorCode.NOT_TOGETHER.name());
  }

  @Test
  void grantsWhatItMayWithBestEffort() throws Exception {
    RequestSubmitted request = ask(false, AZURE, UNCOVERED);
    granted(request, AZURE);
    assertThat(denied(request, UNCOVERED)).containsExactly(ErrorCode.POLICY_UNSATISFIED.name());
  }

  @Test
  void waitsForTheApprovalOfOne() throws Exception {
    RequestSubmitted request = ask(true, AZURE, GUARDED);
    ApprovalRequested waiting = waits(request);
    harness.say(
        request.getRequestId(),
        new ApprovalGiven(
            UUID.randomUUID().toString(),
            Instant.now(),
            request.getRequestId(),
            waiting.getRequestDigest(),
            LEAD,
            null,
            List.of(GUARDED.value())));
    AccessGranted guarded = granted(request, GUARDED);
    assertThat(guarded.getApprovers()).containsExactly("lena");
    assertThat(granted(request, AZURE).getStartsAt()).isEqualTo(guarded.getStartsAt());
  }

  @Test
  void isTakenBackWhereItWaitsForOthers() throws Exception {
    RequestSubmitted request = ask(true, AZURE, GUARDED);
    waits(request);
    harness.say(
        request.getRequestId(),
        new RevocationRequested(
            UUID.randomUUID().toString(),
            Instant.now(),
            ALICE,
            GrantId.of(RequestId.parse(request.getRequestId()), AZURE).toString(),
            AZURE.value(),
            null));
    assertThat(denied(request, AZURE)).containsExactly(ErrorCode.WITHDRAWN.name());
    assertThat(denied(request, GUARDED)).containsExactly(ErrorCode.NOT_TOGETHER.name());
  }
}
