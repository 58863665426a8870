package io.postern.audit.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.audit.domain.Place;
import io.postern.event.AccessClosed;
import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.AccessOpened;
import io.postern.event.ApprovalGiven;
import io.postern.event.BreakGlassUsed;
import io.postern.event.Check;
import io.postern.event.CheckOutcome;
import io.postern.event.EndReason;
import io.postern.event.Endpoint;
import io.postern.event.Person;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.Reason;
import io.postern.event.RequestSubmitted;
import io.postern.event.RevocationRequested;
import io.postern.log.AvroFraming;
import io.postern.log.Topics;
import io.postern.story.Sentences;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class StoryTest {
  private static final Instant T0 = Instant.parse("2026-11-01T10:00:00Z");
  private static final String WEB =
      "/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web-01";
  private static final String DB = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0db";
  private static final Person ALICE = new Person("alice", "https://idp", List.of("sre"));
  private static final Person BOB = new Person("bob", "https://idp", List.of("leads"));
  private static final List<PortSelection> SSH = List.of(new PortSelection(22, 22, Protocol.TCP));

  static {
    // Has Avro trust our classes, which whoever decodes an event has done by then.
    AvroFraming.subject("any", RequestSubmitted.getClassSchema());
  }

  private final List<Told> log = new ArrayList<>();

  private void on(String topic, int second, SpecificRecord event) {
    log.add(
        new Told(
            new Place(topic, 0),
            log.size(),
            T0.plusSeconds(second),
            event,
            "request-service",
            Optional.empty()));
  }

  private List<String> story(Subject subject) {
    Story story = new Story(subject);
    for (Told told : log) {
      Facts facts = Facts.of(told.event());
      if (story.teaches(facts) && told.disbelieved().isEmpty()) {
        story.learn(facts);
      }
    }
    log.stream().filter(t -> story.belongs(Facts.of(t.event()))).forEach(story::keep);
    return story.told().stream().map(Told::line).toList();
  }

  private static RequestSubmitted submitted(String id, Person who, String... machines) {
    return RequestSubmitted.newBuilder()
        .setEventId("e-" + id)
        .setOccurredAt(T0)
        .setRequestId(id)
        .setRequestor(who)
        .setMachines(List.of(machines))
        .setPorts(SSH)
        .setSources(List.of("203.0.113.7/32"))
        .setDurationMillis(5_400_000L)
        .setJustification("INC-42")
        .build();
  }

  private static AccessGranted granted(String request, String grant, Person who, String machine) {
    return AccessGranted.newBuilder()
        .setEventId("g-" + grant)
        .setOccurredAt(T0)
        .setGrantId(grant)
        .setRequestId(request)
        .setMachineId(machine)
        .setScope("azure:s")
        .setRequestor(who)
        .setPorts(SSH)
        .setSources(List.of("203.0.113.7/32"))
        .setGrantedAt(T0)
        .setStartsAt(T0)
        .setExpiresAt(T0.plusSeconds(5400))
        .setPolicyId("web-ssh")
        .setPolicyVersion(3L)
        .setChecks(
            List.of(
                new Check("ports", CheckOutcome.PASSED, "22 in 22"),
                new Check("quota", CheckOutcome.SKIPPED, "none"),
                new Check("requestor", CheckOutcome.PASSED, "in sre")))
        .setApprovers(List.of("bob"))
        .setRequestDigest("d")
        .setJustification("INC-42")
        .build();
  }

  private void oneRequest() {
    on(Topics.REQUESTS.name(), 0, submitted("r1", ALICE, WEB));
    on(
        Topics.REQUESTS.name(),
        5,
        ApprovalGiven.newBuilder()
            .setEventId("a1")
            .setOccurredAt(T0)
            .setRequestId("r1")
            .setRequestDigest("d")
            .setApprover(BOB)
            .setReason("agreed")
            .setMachineIds(List.of(WEB))
            .build());
    on(Topics.DECISIONS.name(), 6, granted("r1", "g1", ALICE, WEB));
    on(
        Topics.ENFORCEMENT.name(),
        7,
        AccessOpened.newBuilder()
            .setEventId("o1")
            .setOccurredAt(T0)
            .setGrantId("g1")
            .setRequestId("r1")
            .setMachineId(WEB)
            .setScope("azure:s")
            .setSources(List.of("203.0.113.7/32"))
            .setConnect(List.of(new Endpoint("198.51.100.9", 2022, Protocol.TCP)))
            .setExpiresAt(T0.plusSeconds(5400))
            .setRuleSets(List.of("/subscriptions/s/nsg/shop-nsg"))
            .setEstablishedConnections("go on")
            .build());
    on(
        Topics.REQUESTS.name(),
        60,
        RevocationRequested.newBuilder()
            .setEventId("v1")
            .setOccurredAt(T0)
            .setRequestor(BOB)
            .setGrantId("g1")
            .setMachineId(WEB)
            .setReason("enough")
            .build());
    on(
        Topics.ENFORCEMENT.name(),
        61,
        AccessClosed.newBuilder()
            .setEventId("c1")
            .setOccurredAt(T0)
            .setGrantId("g1")
            .setRequestId("r1")
            .setMachineId(WEB)
            .setScope("azure:s")
            .setReason(EndReason.ADMIN_REVOKED)
            .setEstablishedConnections("go on")
            .build());
    on(Topics.REQUESTS.name(), 2, submitted("r2", BOB, DB));
  }

  @Test
  void tellsTheWholeStoryOfARequestInTheOrderOfTheLog() {
    oneRequest();
    assertThat(story(new Subject.Request("r1")))
        .containsExactly(
            "2026-11-01T10:00:00Z  alice asked for 22/TCP on web-01 from 203.0.113.7/32 for 1h30m: \"INC-42\"",
            "2026-11-01T10:00:05Z  bob approved web-01: \"agreed\"",
            "2026-11-01T10:00:06Z  policy web-ssh version 3 granted alice 22/TCP on web-01 from"
                + " 203.0.113.7/32, 2026-11-01T10:00:00Z until 2026-11-01T11:30:00Z, because these"
                + " hold: ports and requestor; approved by bob: \"INC-42\"",
            "2026-11-01T10:00:07Z  web-01 was opened for 203.0.113.7/32 until 2026-11-01T11:30:00Z;"
                + " connect to 198.51.100.9:2022/TCP; the rule is in shop-nsg",
            "2026-11-01T10:01:00Z  bob asked to end the grant on web-01: \"enough\"",
            "2026-11-01T10:01:01Z  web-01 was closed: admin revoked");
  }

  @Test
  void aMachineIsFoundByItsIdItsEndAndNothingElse() {
    oneRequest();
    assertThat(story(new Subject.Machine(WEB))).hasSize(6);
    assertThat(story(new Subject.Machine("WEB-01"))).hasSize(6);
    assertThat(story(new Subject.Machine("eb-01"))).isEmpty();
    assertThat(story(new Subject.Machine("i-0db"))).hasSize(1);
  }

  @Test
  void aPersonsStoryHoldsWhatBecameOfWhatTheyAskedFor() {
    oneRequest();
    assertThat(story(new Subject.Person("alice"))).hasSize(6);
    assertThat(story(new Subject.Person("bob"))).hasSize(7);
    assertThat(story(new Subject.Person("ali"))).isEmpty();
  }

  @Test
  void aForgedEventIsMarkedAndDrawsNoOtherStoryIn() {
    oneRequest();
    log.add(
        new Told(
            new Place(Topics.REQUESTS.name(), 0),
            99,
            T0.plusSeconds(90),
            submitted("r1", new Person("mallory", "https://idp", List.of()), DB),
            "nobody",
            Optional.of("UNSIGNED")));
    assertThat(story(new Subject.Person("mallory")))
        .singleElement()
        .asString()
        .contains("[not to be believed, UNSIGNED] mallory asked for");
  }

  @Test
  void saysWhyItWasDenied() {
    var denied =
        AccessDenied.newBuilder()
            .setEventId("d1")
            .setOccurredAt(T0)
            .setRequestId("r1")
            .setMachineId(WEB)
            .setScope("azure:s")
            .setRequestor(ALICE)
            .setReasons(List.of(new Reason("POLICY_UNSATISFIED", "2h is longer than 1h")))
            .setPolicyId("web-ssh")
            .setPolicyVersion(3L)
            .setRequestDigest("d")
            .build();
    assertThat(Sentences.of(denied))
        .isEqualTo(
            "alice was denied web-01 by policy web-ssh version 3: 2h is longer than 1h (POLICY_UNSATISFIED)");
    JsonNode json = ocsf(denied);
    assertThat(json.path("status").stringValue()).isEqualTo("Failure");
    assertThat(json.path("status_detail").stringValue()).contains("2h is longer than 1h");
  }

  private static JsonNode ocsf(SpecificRecord event) {
    return Ocsf.of(
        new Told(
            new Place(Topics.DECISIONS.name(), 1),
            7,
            T0,
            event,
            "policy-service",
            Optional.empty()));
  }

  @Test
  void aGrantIsAnAssignmentOfPrivileges() {
    JsonNode json = ocsf(granted("r1", "g1", ALICE, WEB));
    assertThat(json.path("class_uid").intValue()).isEqualTo(3005);
    assertThat(json.path("type_uid").longValue()).isEqualTo(300501);
    assertThat(json.path("time").longValue()).isEqualTo(T0.toEpochMilli());
    assertThat(json.path("user").path("name").stringValue()).isEqualTo("alice");
    assertThat(json.path("privileges").path(0).stringValue()).isEqualTo("22/TCP");
    assertThat(json.path("resources").path(0).path("uid").stringValue()).isEqualTo(WEB);
    assertThat(json.path("metadata").path("correlation_uid").stringValue()).isEqualTo("r1");
    assertThat(json.path("unmapped").path("policy_version").stringValue()).isEqualTo("3");
  }

  @Test
  void anEmergencyIsOfHighSeverity() {
    JsonNode json =
        ocsf(
            BreakGlassUsed.newBuilder()
                .setEventId("b")
                .setOccurredAt(T0)
                .setGrantId("g")
                .setRequestId("r")
                .setMachineId(WEB)
                .setScope("azure:s")
                .setRequestor(ALICE)
                .setPolicyId("p")
                .setJustification("fire")
                .build());
    assertThat(json.path("severity_id").intValue()).isEqualTo(4);
  }

  @Test
  void everyEventThatIsKeptForATimeHasASentence() throws Exception {
    for (var topic : Topics.ALL) {
      if (topic == Topics.VETTED
          || topic == Topics.CHECKPOINTS
          || topic.cleanup() == io.postern.log.Topic.Cleanup.COMPACT) {
        continue;
      }
      for (Class<? extends SpecificRecord> type : topic.events()) {
        SpecificRecord event = Samples.of(SpecificData.getForClass(type).getSchema(type));
        assertThat(Sentences.of(event))
            .as("a sentence for %s", type)
            .isNotEqualTo(type.getSimpleName());
      }
    }
  }
}
