package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.AccessRevoked;
import io.postern.event.EndReason;
import io.postern.event.ExtensionRequested;
import io.postern.event.Person;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.RequestId;
import io.postern.policy.domain.Past;
import io.postern.policy.domain.PastExtension;
import io.postern.policy.domain.PastRequest.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PastGrantsTest {
  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaae1");
  private static final RequestId REQUEST = new RequestId(new UUID(1, 1));
  private static final GrantId GRANT = GrantId.of(REQUEST, MACHINE);
  private static final Person ALICE = new Person("alice", "https://issuer", List.of("sre"));

  private final PastGrants grants = new PastGrants();

  private static AccessGranted granted() {
    return AccessGranted.newBuilder()
        .setEventId("g")
        .setOccurredAt(NOON)
        .setGrantId(GRANT.toString())
        .setRequestId(REQUEST.toString())
        .setMachineId(MACHINE.value())
        .setScope(MACHINE.scope().value())
        .setRequestor(ALICE)
        .setPorts(List.of(new PortSelection(22, 22, Protocol.TCP)))
        .setSources(List.of("203.0.113.7/32"))
        .setGrantedAt(NOON)
        .setStartsAt(NOON)
        .setExpiresAt(NOON.plusSeconds(3600))
        .setPolicyId("web")
        .setPolicyVersion(1)
        .setChecks(List.of())
        .setRequestDigest("digest")
        .build();
  }

  private static ExtensionRequested wish(Person by) {
    return ExtensionRequested.newBuilder()
        .setEventId("x")
        .setOccurredAt(NOON.plusSeconds(60))
        .setRequestor(by)
        .setGrantId(GRANT.toString())
        .setMachineId(MACHINE.value())
        .setDurationMillis(Duration.ofMinutes(10).toMillis())
        .build();
  }

  private static AccessExtended extended() {
    return new AccessExtended(
        Ids.derived("extended", "x", GRANT.toString()).toString(),
        NOON.plusSeconds(60),
        GRANT.toString(),
        REQUEST.toString(),
        MACHINE.value(),
        MACHINE.scope().value(),
        NOON.plusSeconds(4200));
  }

  private static AccessRevoked revoked(EndReason why) {
    return new AccessRevoked(
        "e",
        NOON.plusSeconds(120),
        GRANT.toString(),
        REQUEST.toString(),
        MACHINE.value(),
        MACHINE.scope().value(),
        why,
        "alice",
        NOON.plusSeconds(120));
  }

  @Test
  void whatIsNotDecidedAgainIsTakenAsItHappened() {
    grants.add(granted());
    grants.add(wish(ALICE));
    grants.add(extended());
    grants.add(revoked(EndReason.USER_REQUESTED));

    assertThat(grants.since(NOON.plusSeconds(600), Set.of()))
        .satisfiesExactlyInAnyOrder(
            p ->
                assertThat(p)
                    .isInstanceOfSatisfying(
                        Past.Given.class,
                        g -> {
                          assertThat(g.request().grantId()).isEqualTo(GRANT);
                          assertThat(g.decision().expiresAt()).isEqualTo(NOON.plusSeconds(3600));
                        }),
            p ->
                assertThat(p)
                    .isEqualTo(
                        new Past.Moved(
                            MACHINE, GRANT, NOON.plusSeconds(4200), NOON.plusSeconds(60))),
            p -> assertThat(p).isEqualTo(new Past.Ended(MACHINE, GRANT, NOON.plusSeconds(120))));
  }

  @Test
  void aWishThatWasAnsweredSinceIsDecidedAgain() {
    grants.add(granted());
    grants.add(wish(ALICE));
    grants.add(extended());

    assertThat(grants.since(NOON, Set.of(GRANT)))
        .singleElement()
        .isInstanceOfSatisfying(
            PastExtension.class,
            x -> {
              assertThat(x.verdict()).isEqualTo(Verdict.GRANTED);
              assertThat(x.at()).isEqualTo(NOON.plusSeconds(60));
              assertThat(x.wish().duration()).isEqualTo(Duration.ofMinutes(10));
            });
  }

  @Test
  void aWishOfSomebodyElseUnderTheSameIdIsNotBelieved() {
    grants.add(granted());
    grants.add(wish(new Person("alice", "https://another", List.of("sre"))));
    grants.add(extended());

    assertThat(grants.since(NOON, Set.of(GRANT))).singleElement().isInstanceOf(Past.Moved.class);
  }

  @Test
  void whatPoliciesAndNewerRequestsEndedIsFoundAgain() {
    grants.add(granted());
    grants.add(revoked(EndReason.NEWER_REQUEST_INITIATED));
    assertThat(grants.since(NOON, Set.of())).singleElement().isInstanceOf(Past.Given.class);

    PastGrants removed = new PastGrants();
    removed.add(revoked(EndReason.POLICY_REMOVED));
    assertThat(removed.since(NOON, Set.of(GRANT))).isEmpty();
    assertThat(removed.since(NOON, Set.of())).singleElement().isInstanceOf(Past.Ended.class);
  }
}
