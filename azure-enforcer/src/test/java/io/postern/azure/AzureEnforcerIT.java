package io.postern.azure;

import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.SUBSCRIPTION;
import static io.postern.azure.Samples.machineId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.azure.cloud.FirewallScene;
import io.postern.azure.config.AzureEnforcerConfiguration;
import io.postern.enforcement.kafka.Enforcer;
import io.postern.event.AccessClosed;
import io.postern.event.AccessOpened;
import io.postern.event.AssessmentReason;
import io.postern.event.Endpoint;
import io.postern.event.ExposedSources;
import io.postern.event.JitPolicy;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.event.MachineAssessed;
import io.postern.event.Severity;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.LogConnection;
import io.postern.log.LogTail;
import io.postern.log.PoisonException;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import io.postern.simulator.arm.ArmScene;
import io.postern.simulator.arm.ArmSimulator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The service as it is started, on a real broker and the simulated cloud. */
class AzureEnforcerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String BEHIND_A_FIREWALL = "behind-a-firewall";
  private static final PolicyId POLICY = new PolicyId("db-ssh");
  private static final MachineId DB = machineId("db-01");
  private static final MachineId WEB = machineId("web-02");
  private static final MachineId CROWDED = machineId("web-01");

  private final Platform platform = SharedPlatform.get();
  private final EventCodec policyService = platform.codec(Topics.POLICY_SERVICE);
  private final EventCodec reader = platform.codec(Topics.REQUEST_SERVICE);
  private final KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test");
  private final List<SpecificRecord> told = new CopyOnWriteArrayList<>();
  private final ArmSimulator simulator =
      ArmSimulator.start(
          ArmSimulator.Options.defaults().withLatency(Duration.ofMillis(200), Duration.ZERO));
  private final LogTail tail =
      new LogTail(
              "test",
              platform.kafka(),
              List.of(Topics.ENFORCEMENT.name(), Topics.MACHINES.name()),
              this::take)
          .start();
  private final List<MachineAssessed> assessed = new CopyOnWriteArrayList<>();
  private int seen;
  private ConfigurableApplicationContext context;

  @BeforeEach
  void start(TestInfo test) {
    ArmScene.small(simulator);
    if (test.getTags().contains(BEHIND_A_FIREWALL)) {
      // Before the first scan: the next one is a minute later.
      FirewallScene.routed(simulator);
    }
    LogConnection log = platform.connection(Topics.AZURE_ENFORCER);
    context =
        new SpringApplicationBuilder(AzureEnforcerConfiguration.class)
            .web(WebApplicationType.NONE)
            .properties(
                "spring.config.name=azure-enforcer",
                "postern.log.bootstrap-servers=" + log.bootstrapServers(),
                "postern.log.registry-url=" + log.registryUrl(),
                "postern.log.signing-key=" + log.signingKey(),
                "postern.log.trust=" + log.trust(),
                "postern.log.partitions=" + log.partitions(),
                "postern.marks.key=" + platform.keys().markKey(),
                "postern.azure.endpoint=" + simulator.url(),
                "postern.azure.credential=simulator",
                "postern.azure.scopes=" + SUBSCRIPTION,
                "postern.poll-interval=PT0.1S")
            .run();
    await().atMost(PATIENCE).until(() -> context.getBean(Enforcer.class).isReady());
  }

  @AfterEach
  void stop() {
    context.close();
    tail.close();
    producer.close();
    simulator.close();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.topic().equals(Topics.ENFORCEMENT.name())) {
        told.add(reader.readFromWriter(Topics.ENFORCEMENT, record));
      } else if (record.value() != null) {
        assessed.add((MachineAssessed) reader.readFromWriter(Topics.MACHINES, record));
      }
    } catch (PoisonException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first event of this kind that is about the machine. */
  private <T> T awaitTold(Class<T> event, MachineId machine) {
    Predicate<Object> wanted =
        e -> event.isInstance(e) && e.toString().contains("\"" + machine.value() + "\"");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(told).anyMatch(wanted));
    return told.stream().filter(wanted).map(event::cast).findFirst().orElseThrow();
  }

  /** The next assessment of the machine, behind those asked for before, that says this. */
  private void awaitAssessed(MachineId machine, Predicate<MachineAssessed> says) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(assessed.subList(seen, assessed.size()))
                    .anyMatch(m -> m.getMachineId().equals(machine.value()) && says.test(m)));
    for (int i = seen; i < assessed.size(); i++) {
      MachineAssessed m = assessed.get(i);
      if (m.getMachineId().equals(machine.value()) && says.test(m)) {
        seen = i + 1;
        return;
      }
    }
  }

  /** Who reaches port 22, by the assessment. */
  private static List<ExposedSources> ssh(MachineAssessed machine) {
    return machine.getExposure().stream()
        .filter(e -> e.getPorts().getFromPort() == 22)
        .flatMap(e -> e.getReachableFrom().stream())
        .toList();
  }

  private void putPolicy(PolicyId id, MachineId machine) throws Exception {
    Policy policy =
        new Policy(
            id,
            1,
            List.of(new MachineSelector.ById(machine)),
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(1))),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.OVERRIDE,
            Policy.SharedGroups.REFUSE,
            32,
            128);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    JitPolicy event =
        new JitPolicy(
            id.value(), 1L, Convert.toEvent(policy), UUID.randomUUID().toString(), "test", now);
    producer.send(policyService.encode(Topics.POLICIES, id.value(), event, Optional.empty())).get();
  }

  private GrantId lease(PolicyId policy, MachineId machine, Duration length) throws Exception {
    return lease(policy, machine, length, OUTSIDE);
  }

  private GrantId lease(PolicyId policy, MachineId machine, Duration length, String source)
      throws Exception {
    RequestId request = new RequestId(UUID.randomUUID());
    GrantId grant = GrantId.of(request, machine);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    Lease lease =
        new Lease(
            grant.toString(),
            request.toString(),
            machine.value(),
            SCOPE.value(),
            "alice",
            "https://issuer",
            Convert.fromPorts(List.of(PortSpec.tcp(22))),
            List.of(source + "/32"),
            now,
            now.plus(length),
            policy.value(),
            1L,
            LeaseState.ACTIVE,
            null,
            false,
            0L);
    producer
        .send(
            policyService.encode(
                Topics.LEASES,
                SCOPE,
                platform.partitions(),
                SCOPE + "/" + grant,
                lease,
                Optional.empty()))
        .get();
    return grant;
  }

  private boolean isReachable(MachineId machine, String source) throws Exception {
    String body =
        """
        {"source":"%s","machine":"%s","port":22,"protocol":"TCP"}"""
            .formatted(source, machine);
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(simulator.url() + "/_simulator/reachable"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString())
        .body()
        .contains("\"reachable\":true");
  }

  @Test
  void locksOpensClosesByItselfAndLifts() throws Exception {
    putPolicy(POLICY, DB);
    LockdownApplied locked = awaitTold(LockdownApplied.class, DB);
    assertThat(locked.getMachineId()).isEqualTo(DB.value());
    assertThat(isReachable(DB, OUTSIDE)).isFalse();
    awaitAssessed(DB, m -> ssh(m).isEmpty() && m.getReasonCode() == AssessmentReason.JIT_ENABLED);

    GrantId grant = lease(POLICY, DB, Duration.ofSeconds(4));
    AccessOpened opened = awaitTold(AccessOpened.class, DB);
    assertThat(opened.getGrantId()).isEqualTo(grant.toString());
    assertThat(opened.toString()).contains("20.50.1.6");
    assertThat(isReachable(DB, OUTSIDE)).isTrue();
    awaitAssessed(
        DB,
        m ->
            ssh(m).size() == 1
                && ssh(m).getFirst().getSources().equals(List.of(OUTSIDE + "/32"))
                && ssh(m).getFirst().getGrants().equals(List.of(grant.toString())));

    AccessClosed closed = awaitTold(AccessClosed.class, DB);
    assertThat(closed.getGrantId()).isEqualTo(grant.toString());
    assertThat(closed.getEstablishedConnections()).contains("go on").doesNotContain("Firewall");
    assertThat(isReachable(DB, OUTSIDE)).isFalse();
    awaitAssessed(DB, m -> ssh(m).isEmpty());

    producer.send(policyService.tombstone(Topics.POLICIES, POLICY.value())).get();
    awaitTold(LockdownLifted.class, DB);
    awaitAssessed(
        DB,
        m ->
            m.getReasonCode() == AssessmentReason.PORTS_CLOSED
                && m.getSeverity() == Severity.LOW
                && ssh(m).toString().contains("AllowVnetInBound"));
    assertThat(told.toString()).doesNotContain("EnforcementFailed");
  }

  @Test
  void whereOneRuleIsLeftTwoGrantsOpenByItAndEachClosesAtItsOwnEnd() throws Exception {
    PolicyId policy = new PolicyId("crowded-ssh");
    String rules =
        IntStream.range(100, 999)
            .mapToObj(
                p ->
                    """
                    {"name":"theirs-%d","properties":{"protocol":"Tcp","access":"Allow","direction":"Inbound",
                    "priority":%d,"sourceAddressPrefix":"198.18.0.1","sourcePortRange":"*",
                    "destinationAddressPrefix":"*","destinationPortRange":"8443"}}"""
                        .formatted(p, p))
            .collect(Collectors.joining(","));
    String network = "/subscriptions/%s/resourceGroups/shop/providers/Microsoft.Network/";
    ArmScene.on(simulator)
        .put(
            network.formatted(SUBSCRIPTION) + "networkSecurityGroups/web-01-nsg",
            "{\"location\":\"westeurope\",\"properties\":{\"securityRules\":[" + rules + "]}}");
    putPolicy(policy, CROWDED);
    awaitTold(LockdownApplied.class, CROWDED);
    awaitAssessed(CROWDED, m -> m.getShortage() != null && m.getShortage().getRulesLeft() == 1);

    GrantId brief = lease(policy, CROWDED, Duration.ofSeconds(8), OUTSIDE);
    awaitToldOf(AccessOpened.class, brief);
    awaitAssessed(
        CROWDED,
        m ->
            m.getShortage() != null
                && m.getShortage().getRulesLeft() == 0
                && m.getShortage().getShared().size() == 1);
    GrantId other = lease(policy, CROWDED, Duration.ofSeconds(12), "203.0.113.8");
    awaitToldOf(AccessOpened.class, other);
    assertThat(isReachable(CROWDED, OUTSIDE)).isTrue();
    assertThat(isReachable(CROWDED, "203.0.113.8")).isTrue();
    awaitAssessed(
        CROWDED,
        m ->
            ssh(m).toString().contains(brief.toString())
                && ssh(m).toString().contains(other.toString()));

    awaitToldOf(AccessClosed.class, brief);
    assertThat(isReachable(CROWDED, OUTSIDE)).isFalse();
    awaitToldOf(AccessClosed.class, other);
    assertThat(isReachable(CROWDED, "203.0.113.8")).isFalse();
    producer.send(policyService.tombstone(Topics.POLICIES, policy.value())).get();
    awaitTold(LockdownLifted.class, CROWDED);
    assertThat(told.toString()).doesNotContain("EnforcementFailed", "DriftDetected");
  }

  private void awaitToldOf(Class<?> event, GrantId grant) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(told)
                    .anyMatch(e -> event.isInstance(e) && e.toString().contains(grant.toString())));
  }

  @Test
  @Tag(BEHIND_A_FIREWALL)
  void behindAFirewallSaysWhatToConnectToAndLeavesItAsItWas() throws Exception {
    PolicyId policy = new PolicyId("web-ssh");
    String before = firewall();
    putPolicy(policy, WEB);
    LockdownApplied locked = awaitTold(LockdownApplied.class, WEB);
    assertThat(locked.getRuleSets()).contains(FirewallScene.RULE_SET.value());
    assertThat(isReachable(WEB, OUTSIDE)).isFalse();

    lease(policy, WEB, Duration.ofSeconds(6));
    AccessOpened opened = awaitTold(AccessOpened.class, WEB);
    assertThat(opened.getConnect()).hasSize(1);
    Endpoint endpoint = opened.getConnect().getFirst();
    assertThat(endpoint.getAddress()).startsWith("20.50.9.");
    assertThat(endpoint.getPort()).isBetween(30_000, 49_999);
    assertThat(opened.getEstablishedConnections()).contains("go on", "Azure Firewall ends");
    assertThat(firewall())
        .contains(
            "\"destinationAddresses\":[\"%s\"],\"destinationPorts\":[\"%d\"]"
                .formatted(endpoint.getAddress(), endpoint.getPort()));
    assertThat(isReachable(WEB, OUTSIDE)).isTrue();
    assertThat(isReachable(WEB, "198.51.100.1")).isFalse();

    AccessClosed closed = awaitTold(AccessClosed.class, WEB);
    assertThat(closed.getEstablishedConnections()).contains("Azure Firewall ends");
    assertThat(isReachable(WEB, OUTSIDE)).isFalse();

    producer.send(policyService.tombstone(Topics.POLICIES, policy.value())).get();
    awaitTold(LockdownLifted.class, WEB);
    assertThat(firewall()).isEqualTo(before);
  }

  /** The firewall's document less what every write changes. */
  private String firewall() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(simulator.url() + FirewallScene.FIREWALL + "?api-version=2025-03-01"))
            .build();
    return HttpClient.newHttpClient()
        .send(request, BodyHandlers.ofString())
        .body()
        .replaceAll("W/[^,]*,", "");
  }
}
