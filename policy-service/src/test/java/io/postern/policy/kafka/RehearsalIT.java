package io.postern.policy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.event.AccessDenied;
import io.postern.event.AccessExtended;
import io.postern.event.AccessGranted;
import io.postern.event.ApprovalGiven;
import io.postern.event.ApprovalRequested;
import io.postern.event.ExtensionRequested;
import io.postern.event.Person;
import io.postern.event.RequestSubmitted;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.ApprovalLevel;
import io.postern.model.ApprovalRule;
import io.postern.model.MachineId;
import io.postern.model.PolicyTerms;
import io.postern.policy.cli.Rehearse;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code postern policy rehearse} over requests that the service has decided. */
class RehearsalIT {
  private static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0aaaaaaaaaaaaaae1");
  private static final Person ALICE = new Person("alice", "https://issuer", List.of("sre"));
  private static final Person BOB = new Person("bob", "https://issuer", List.of("dev"));
  private static final Person LENA = new Person("lena", "https://issuer", List.of("leads"));

  private static final String ANYWHERE = "\"*\"";
  private static final Pattern OVER = Pattern.compile("over ([0-9]+) decisions");
  private static final String EXTENSIBLE = "extension: {maxTotal: PT1H}";

  @TempDir static Path directory;
  private static PolicyHarness harness;
  private static RequestSubmitted near;
  private static RequestSubmitted far;
  private static RequestSubmitted stranger;
  private static RequestSubmitted approved;
  private static ExtensionRequested extension;

  private record Ran(int exitCode, String out, String err) {}

  @BeforeAll
  static void decideSome() throws Exception {
    harness = new PolicyHarness(MACHINE, directory.resolve("state"));
    harness.put(harness.policy("rehearsed", PolicyTerms.NONE));
    near = harness.request(ALICE, "203.0.113.7");
    far = harness.request(ALICE, "198.51.100.7");
    stranger = harness.request(BOB, "203.0.113.8");
    granted(near);
    granted(far);
    harness.say(stranger.getRequestId(), stranger);
    harness.probe.await(AccessDenied.class, d -> d.getRequestId().equals(stranger.getRequestId()));
    harness.put(harness.policy("rehearsed", extensible()));
    extension = extend(far);
    harness.put(harness.policy("rehearsed", oneLead()));
    approved = harness.request(ALICE, "203.0.113.9");
    harness.say(approved.getRequestId(), approved);
    ApprovalRequested wanted =
        harness.probe.await(
            ApprovalRequested.class, a -> a.getRequestId().equals(approved.getRequestId()));
    ApprovalGiven yes =
        ApprovalGiven.newBuilder()
            .setEventId(UUID.randomUUID().toString())
            .setOccurredAt(Instant.now())
            .setRequestId(approved.getRequestId())
            .setRequestDigest(wanted.getRequestDigest())
            .setApprover(LENA)
            .setMachineIds(List.of(MACHINE.value()))
            .build();
    harness.say(approved.getRequestId(), yes);
    harness.probe.await(AccessGranted.class, g -> g.getRequestId().equals(approved.getRequestId()));
    harness.put(harness.policy("rehearsed", extensible()));
  }

  private static ExtensionRequested extend(RequestSubmitted request) throws Exception {
    AccessGranted granted =
        harness.probe.await(
            AccessGranted.class, g -> g.getRequestId().equals(request.getRequestId()));
    ExtensionRequested wish =
        ExtensionRequested.newBuilder()
            .setEventId(UUID.randomUUID().toString())
            .setOccurredAt(Instant.now())
            .setRequestor(ALICE)
            .setGrantId(granted.getGrantId())
            .setMachineId(MACHINE.value())
            .setDurationMillis(Duration.ofMinutes(10).toMillis())
            .build();
    harness.say(wish.getGrantId(), wish);
    harness.probe.await(AccessExtended.class, x -> x.getGrantId().equals(granted.getGrantId()));
    return wish;
  }

  @AfterAll
  static void stop() {
    harness.close();
  }

  private static PolicyTerms extensible() {
    return new PolicyTerms(
        false,
        Optional.empty(),
        Optional.of(Duration.ofHours(1)),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static PolicyTerms oneLead() {
    return new PolicyTerms(
        false,
        Optional.of(
            new ApprovalRule(
                List.of(new ApprovalLevel(false, Set.of("leads"), Set.of(), 1)),
                Duration.ofHours(1))),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static void granted(RequestSubmitted request) throws Exception {
    harness.say(request.getRequestId(), request);
    harness.probe.await(AccessGranted.class, g -> g.getRequestId().equals(request.getRequestId()));
  }

  private static Path policy(String requestors, String sources, String more) throws Exception {
    return Files.writeString(
        Files.createTempFile(directory, "policy", ".yaml"),
        """
        schemaVersion: 1
        name: rehearsed
        machines:
          - {id: "%s"}
        ports:
          - {port: 22, protocol: TCP, sources: [%s], maxDuration: PT3H}
        requestors: {groups: [%s]}
        %s
        """
            .formatted(MACHINE.value(), sources, requestors, more));
  }

  private static Ran rehearse(Path file, String... more) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> args = new ArrayList<>(List.of(file.toString(), "--since", "1h"));
    args.addAll(List.of(more));
    int exitCode =
        Rehearse.run(
            Map.of(
                "POSTERN_BOOTSTRAP", harness.platform.kafka().bootstrapServers(),
                "POSTERN_REGISTRY", harness.platform.registryUrl(),
                "POSTERN_TRUST", harness.platform.keys().trust().toString()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            args.toArray(String[]::new));
    return new Ran(exitCode, out.toString(), err.toString());
  }

  /** By the id of the request or of the wish for an extension. */
  private static Map<String, JsonNode> turned(Ran ran) {
    Map<String, JsonNode> all = new HashMap<>();
    ran.out()
        .lines()
        .map(JsonMapper.shared()::readTree)
        .filter(n -> n.has("effect"))
        .forEach(
            n -> all.put(n.path(n.has("requestId") ? "requestId" : "extensionId").asString(), n));
    return all;
  }

  private static JsonNode of(Map<String, JsonNode> turned, RequestSubmitted request) {
    return Objects.requireNonNull(turned.get(request.getRequestId()));
  }

  @Test
  void thePolicyInForceTurnsNothing() throws Exception {
    Ran ran = rehearse(policy("sre", ANYWHERE, EXTENSIBLE));
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out()).contains("0 would turn, 0 depend", "note: extensions");
    // Whatever else the log holds: these four requests and the extension are among them.
    Matcher over = OVER.matcher(ran.out());
    assertThat(over.find()).isTrue();
    assertThat(Integer.parseInt(over.group(1))).isGreaterThanOrEqualTo(5);
    assertThat(ran.exitCode()).isZero();
  }

  @Test
  void tellsWhichDecisionsWouldTurnAndWhy() throws Exception {
    Ran ran = rehearse(policy("dev", "203.0.113.0/24", EXTENSIBLE), "--json");
    assertThat(ran.exitCode()).as(ran.err()).isEqualTo(1);
    Map<String, JsonNode> turned = turned(ran);
    assertThat(turned)
        .containsOnlyKeys(
            near.getRequestId(),
            far.getRequestId(),
            stranger.getRequestId(),
            approved.getRequestId(),
            extension.getEventId());
    assertThat(of(turned, far).path("why").asString()).contains("sources: ");
    assertThat(of(turned, near).path("why").asString()).startsWith("requestor: ");
    assertThat(of(turned, stranger).path("changed").asString()).isEqualTo("GRANTED");
    assertThat(of(turned, stranger).path("recorded").asString()).isEqualTo("DENIED");
  }

  @Test
  void anApprovalThatWasGivenCounts() throws Exception {
    Ran ran =
        rehearse(
            policy(
                "sre",
                ANYWHERE,
                "approval: {levels: [{anyOf: {groups: [leads]}, count: 1}]}\n" + EXTENSIBLE),
            "--json");
    assertThat(turned(ran))
        .containsOnlyKeys(near.getRequestId(), far.getRequestId(), extension.getEventId());
    assertThat(of(turned(ran), near).path("changed").asString()).isEqualTo("WAITS");
  }

  @Test
  void quotasAndExtensionsAreGoneThroughAgain() throws Exception {
    Ran two =
        rehearse(
            policy("sre", ANYWHERE, "quotas: {perRequestor: {openGrants: 2}}\n" + EXTENSIBLE),
            "--json");
    assertThat(turned(two)).containsOnlyKeys(approved.getRequestId());
    assertThat(of(turned(two), approved).path("why").asString()).startsWith("quota: alice has 2");

    Ran shorter = rehearse(policy("sre", ANYWHERE, "extension: {maxTotal: PT20M}"), "--json");
    assertThat(turned(shorter)).containsOnlyKeys(extension.getEventId());
    JsonNode refused = Objects.requireNonNull(turned(shorter).get(extension.getEventId()));
    assertThat(refused.path("why").asString()).startsWith("BEYOND_LIMIT: ");
    assertThat(refused.path("recorded").asString()).isEqualTo("GRANTED");
  }

  @Test
  void writesNothing() throws Exception {
    Map<TopicPartition, Long> before = ends();
    assertThat(rehearse(policy("dev", ANYWHERE, "")).exitCode()).isEqualTo(1);
    assertThat(ends()).isEqualTo(before);
  }

  private static Map<TopicPartition, Long> ends() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(harness.platform.kafka().consumer("ends"))) {
      return consumer.endOffsets(
          consumer.listTopics().entrySet().stream()
              .filter(t -> t.getKey().startsWith("jit."))
              .flatMap(t -> t.getValue().stream())
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList());
    }
  }

  @Test
  void aDecisionThatTheServiceDidNotSignIsNotBelieved() throws Exception {
    RequestSubmitted undecided = harness.request(ALICE, "203.0.113.99");
    String id = undecided.getRequestId();
    harness.send(
        harness
            .platform
            .codec(Topics.AWS_ENFORCER)
            .encode(Topics.REQUESTS, id, undecided, Optional.empty()));
    harness.awaitDeadLetter(Topics.REQUESTS, id, PoisonException.Cause.NOT_ALLOWED_TO_SPEAK);
    AccessGranted real =
        harness.probe.await(AccessGranted.class, g -> g.getRequestId().equals(near.getRequestId()));
    harness.send(
        harness.encode(
            Topics.DECISIONS,
            MACHINE.scope().value(),
            AccessGranted.newBuilder(real)
                .setRequestId(id)
                .setRequestDigest(Digest.of(undecided))
                .build()));

    Ran ran = rehearse(policy("dev", ANYWHERE, ""), "--json");

    assertThat(turned(ran)).containsKey(near.getRequestId()).doesNotContainKey(id);
    assertThat(ran.out().lines().toList().getLast())
        .satisfies(
            sum ->
                assertThat(JsonMapper.shared().readTree(sum).path("unreadable").asLong())
                    .isPositive());
  }

  @Test
  void aWrongFileIsNamedWithLineFieldAndRule() throws Exception {
    Path file = policy("sre", ANYWHERE, "surplus: 1");
    Ran ran = rehearse(file);
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains(file + ":8: surplus");
    Path tie =
        Files.writeString(
            file,
            Files.readString(policy("sre", ANYWHERE, ""))
                .replace("name: rehearsed", "name: another"));
    Ran tied = rehearse(tie);
    assertThat(tied.exitCode()).isEqualTo(2);
    assertThat(tied.err()).contains("rehearsed");
  }

  @Test
  void aLogThatDoesNotAnswerIsAnError() throws Exception {
    Ran ran =
        rehearse(policy("sre", ANYWHERE, ""), "--bootstrap", "127.0.0.1:1", "--timeout", "1s");
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("has not read");
  }
}
