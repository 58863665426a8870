package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.AccessDenied;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRefused;
import io.postern.event.ApprovalRequested;
import io.postern.event.ExtensionRequested;
import io.postern.event.Lease;
import io.postern.event.Person;
import io.postern.event.RequestSubmitted;
import io.postern.event.RevocationRequested;
import io.postern.event.WishRefused;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
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

class ApprovalIT {
  private static final Person ALICE = new Person("alice", "https://issuer", List.of("sre"));
  private static final Person LEAD = new Person("bob", "https://issuer", List.of("leads"));

  @TempDir static Path state;

  private static PolicyHarness harness;

  @BeforeAll
  static void start() throws Exception {
    harness =
        new PolicyHarness(
            new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaaa1"),
            state);
    harness.put(harness.policy("approved", approval(Duration.ofHours(1))));
  }

  private static PolicyTerms approval(Duration timeout) {
    ApprovalLevel level = new ApprovalLevel(false, Set.of("leads"), Set.of(), 1);
    return new PolicyTerms(
        false,
        Optional.of(new ApprovalRule(List.of(level), timeout)),
        Optional.of(Duration.ofMinutes(30)),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  @AfterAll
  static void stop() {
    harness.close();
  }

  private static ApprovalRequested asked(String source) throws Exception {
    RequestSubmitted request = harness.request(ALICE, source);
    harness.say(request.getRequestId(), request);
    return harness.probe.await(
        ApprovalRequested.class, a -> a.getRequestId().equals(request.getRequestId()));
  }

  private static ApprovalGiven yes(ApprovalRequested asked, Person by) {
    return new ApprovalGiven(
        UUID.randomUUID().toString(),
        Instant.now(),
        asked.getRequestId(),
        asked.getRequestDigest(),
        by,
        "looks right",
        List.of(asked.getMachineId()));
  }

  private static AccessDenied denied(ApprovalRequested asked) throws Exception {
    return harness.probe.await(
        AccessDenied.class, d -> d.getRequestId().equals(asked.getRequestId()));
  }

  private static void assertRefused(ApprovalGiven vote, String code) throws Exception {
    harness.say(vote.getRequestId(), vote);
    assertThat(
            harness
                .probe
                .await(WishRefused.class, w -> w.getAnswers().equals(vote.getEventId()))
                .getReason()
                .getCode())
        .isEqualTo(code);
  }

  @Test
  void grantsWhatAnApproverSaysYesTo() throws Exception {
    ApprovalRequested asked = asked("203.0.113.1");
    assertThat(asked.getRequestor()).isEqualTo(ALICE);
    assertThat(asked.getSources()).containsExactly("203.0.113.1/32");
    harness.say(asked.getRequestId(), yes(asked, LEAD));
    AccessGranted granted =
        harness.probe.await(
            AccessGranted.class, g -> g.getRequestId().equals(asked.getRequestId()));
    assertThat(granted.getApprovers()).containsExactly("bob");
    assertThat(granted.getRequestDigest()).isEqualTo(asked.getRequestDigest());
    assertThat(granted.getChecks()).extracting(c -> c.getName()).contains("approval");
  }

  @Test
  void aNoIsFinalAndSaysWhose() throws Exception {
    ApprovalRequested asked = asked("203.0.113.2");
    harness.say(
        asked.getRequestId(),
        new ApprovalRefused(
            UUID.randomUUID().toString(),
            Instant.now(),
            asked.getRequestId(),
            asked.getRequestDigest(),
            LEAD,
            "use the jump host",
            List.of(asked.getMachineId())));
    assertThat(denied(asked).getReasons().get(0).getCode()).isEqualTo("APPROVAL_REFUSED");
    assertThat(denied(asked).getReasons().get(0).getMessage()).contains("bob", "jump host");
    assertRefused(yes(asked, LEAD), "ALREADY_DECIDED");
  }

  @Test
  void whatDoesNotCountIsAnsweredAndBlocksNothing() throws Exception {
    ApprovalRequested asked = asked("203.0.113.3");
    assertRefused(yes(asked, new Person("alice", "a bot", List.of("leads"))), "SELF_APPROVAL");
    assertRefused(yes(asked, new Person("eve", "https://issuer", List.of())), "NOT_AN_APPROVER");
    ApprovalGiven other = yes(asked, LEAD);
    assertRefused(
        ApprovalGiven.newBuilder(other).setRequestDigest("0".repeat(64)).build(), "OTHER_DIGEST");
    assertRefused(
        ApprovalGiven.newBuilder(yes(asked, LEAD))
            .setRequestId(UUID.randomUUID().toString())
            .build(),
        "UNKNOWN");
    ApprovalGiven nowhere =
        ApprovalGiven.newBuilder(yes(asked, LEAD)).setMachineIds(List.of()).build();
    String key = UUID.randomUUID().toString();
    harness.say(key, nowhere);
    harness.awaitDeadLetter(Topics.REQUESTS, key, PoisonException.Cause.INVALID_CONTENT);
    harness.say(asked.getRequestId(), yes(asked, LEAD));
    harness.probe.await(AccessGranted.class, g -> g.getRequestId().equals(asked.getRequestId()));
  }

  @Test
  void whoHasAGrantExtendsItUpToThePolicysLimit() throws Exception {
    ApprovalRequested asked = asked("203.0.113.6");
    harness.say(asked.getRequestId(), yes(asked, LEAD));
    AccessGranted granted =
        harness.probe.await(
            AccessGranted.class, g -> g.getRequestId().equals(asked.getRequestId()));
    ExtensionRequested more =
        new ExtensionRequested(
            UUID.randomUUID().toString(),
            Instant.now(),
            ALICE,
            granted.getGrantId(),
            granted.getMachineId(),
            Duration.ofMinutes(10).toMillis(),
            null);
    harness.say(asked.getRequestId(), more);
    AccessExtended extended =
        harness.probe.await(AccessExtended.class, e -> e.getGrantId().equals(granted.getGrantId()));
    Instant end = granted.getExpiresAt().plus(Duration.ofMinutes(10));
    assertThat(extended.getExpiresAt()).isEqualTo(end);
    harness.probe.await(
        Lease.class,
        l -> l.getGrantId().equals(granted.getGrantId()) && l.getExpiresAt().equals(end));
    ExtensionRequested tooMuch =
        ExtensionRequested.newBuilder(more).setEventId(UUID.randomUUID().toString()).build();
    harness.say(asked.getRequestId(), tooMuch);
    WishRefused refused =
        harness.probe.await(WishRefused.class, w -> w.getAnswers().equals(tooMuch.getEventId()));
    assertThat(refused.getReason().getCode()).isEqualTo("BEYOND_LIMIT");
  }

  @Test
  void theRequestorTakesBackWhatWaits() throws Exception {
    ApprovalRequested asked = asked("203.0.113.4");
    harness.say(
        asked.getRequestId(),
        new RevocationRequested(
            UUID.randomUUID().toString(),
            Instant.now(),
            ALICE,
            asked.getGrantId(),
            asked.getMachineId(),
            null));
    assertThat(denied(asked).getReasons().get(0).getCode()).isEqualTo("WITHDRAWN");
  }

  @Test
  void whatNobodyAnswersTimesOut() throws Exception {
    harness.put(harness.policy("approved", approval(Duration.ofMillis(300))));
    ApprovalRequested asked = asked("203.0.113.5");
    assertThat(denied(asked).getReasons().get(0).getCode()).isEqualTo("TIMED_OUT");
    assertRefused(yes(asked, LEAD), "TIMED_OUT");
    harness.put(harness.policy("approved", approval(Duration.ofHours(1))));
  }
}
