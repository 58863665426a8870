package io.postern.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.aws.config.AwsEnforcerConfiguration;
import io.postern.enforcement.kafka.Enforcer;
import io.postern.event.AccessClosed;
import io.postern.event.AccessOpened;
import io.postern.event.JitPolicy;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.event.PlanComputed;
import io.postern.event.PlanRequested;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.LogTail;
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
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The service as it is configured and started, on a real broker, against the simulated EC2. */
class AwsEnforcerIT {
  private static final MachineId WEB =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
  private static final PolicyId POLICY = new PolicyId("ssh-in-aws");

  private final Platform platform = SharedPlatform.get();
  private final EventCodec policyService = platform.codec(Topics.POLICY_SERVICE);
  private final List<SpecificRecord> seen = new CopyOnWriteArrayList<>();

  @Test
  void closesOpensClosesAndGivesBack() throws Exception {
    try (Ec2Simulator ec2 = Ec2Simulator.start(Ec2Simulator.Options.defaults());
        KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test")) {
      Ec2Scene.small(ec2);
      try (ConfigurableApplicationContext service = start(ec2);
          LogTail tail = follow()) {
        Enforcer<?, ?> enforcer = service.getBean(Enforcer.class);
        await().atMost(Duration.ofSeconds(40)).until(enforcer::isReady);
        tail.awaitCaughtUp(Duration.ofSeconds(20));

        producer
            .send(
                policyService.encode(
                    Topics.DECISIONS,
                    WEB.scope(),
                    platform.partitions(),
                    WEB.scope().value(),
                    asked(),
                    none()))
            .get();
        PlanComputed planned = awaitEvent(PlanComputed.class);
        assertThat(planned.getMachineId()).isEqualTo(WEB.value());
        assertThat(planned.getOfMachines()).isEqualTo(1);
        assertThat(planned.getSteps())
            .anyMatch(
                s ->
                    s.contains("adds to sg-0abc1234def567801: tcp/20-21 from 0.0.0.0/0, tcp/23-30"))
            .anyMatch(s -> s.contains("takes away from sg-0abc1234def567801: tcp/20-30"))
            .anyMatch(s -> s.contains("those that are established now end"));
        assertThat(reaches(ec2, "198.18.0.1", 22)).isTrue();

        producer
            .send(policyService.encode(Topics.POLICIES, POLICY.value(), policy(), none()))
            .get();
        awaitEvent(LockdownApplied.class);
        assertThat(reaches(ec2, "198.18.0.1", 22)).isFalse();
        assertThat(reaches(ec2, "198.18.0.1", 443)).isTrue();

        Lease lease = lease(Duration.ofSeconds(6));
        producer
            .send(
                policyService.encode(
                    Topics.LEASES,
                    WEB.scope(),
                    platform.partitions(),
                    WEB.scope() + "/" + lease.getGrantId(),
                    lease,
                    none()))
            .get();
        AccessOpened opened = awaitEvent(AccessOpened.class);
        assertThat(opened.getGrantId()).isEqualTo(lease.getGrantId());
        assertThat(reaches(ec2, "203.0.113.7", 22)).isTrue();
        assertThat(reaches(ec2, "198.18.0.1", 22)).isFalse();

        assertThat(awaitEvent(AccessClosed.class).getGrantId()).isEqualTo(lease.getGrantId());
        assertThat(reaches(ec2, "203.0.113.7", 22)).isFalse();

        producer.send(policyService.tombstone(Topics.POLICIES, POLICY.value())).get();
        awaitEvent(LockdownLifted.class);
        assertThat(reaches(ec2, "198.18.0.1", 22)).isTrue();
      }
    }
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  private ConfigurableApplicationContext start(Ec2Simulator ec2) {
    return new SpringApplicationBuilder(AwsEnforcerConfiguration.class)
        .web(WebApplicationType.NONE)
        .properties("spring.config.name=aws-enforcer")
        .run(
            "--postern.log.bootstrap-servers=" + platform.kafka().bootstrapServers(),
            "--postern.log.registry-url=" + platform.registryUrl(),
            "--postern.log.signing-key=" + platform.keys().signingKey(Topics.AWS_ENFORCER),
            "--postern.log.trust=" + platform.keys().trust(),
            "--postern.log.partitions=" + platform.partitions(),
            "--postern.marks.key=" + platform.keys().markKey(),
            "--postern.aws.endpoint=" + ec2.url(),
            "--postern.aws.scopes=123456789012:eu-west-1");
  }

  private LogTail follow() {
    EventCodec reader = platform.codec(Topics.REQUEST_SERVICE);
    return new LogTail(
            "test",
            platform.kafka(),
            List.of(Topics.ENFORCEMENT.name()),
            r -> {
              try {
                seen.add(reader.readFromWriter(Topics.ENFORCEMENT, r));
              } catch (io.postern.log.PoisonException e) {
                throw new AssertionError(e);
              }
            })
        .start();
  }

  private <T extends SpecificRecord> T awaitEvent(Class<T> type) {
    await().atMost(Duration.ofSeconds(20)).until(() -> seen.stream().anyMatch(type::isInstance));
    return seen.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
  }

  private static JitPolicy policy() {
    Policy policy =
        new Policy(
            POLICY,
            1,
            List.of(new MachineSelector.ById(WEB)),
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128);
    return new JitPolicy(
        POLICY.value(),
        1L,
        Convert.toEvent(policy),
        UUID.randomUUID().toString(),
        "test",
        Instant.now().truncatedTo(ChronoUnit.MICROS));
  }

  private static PlanRequested asked() {
    return new PlanRequested(
        UUID.randomUUID().toString(),
        Instant.now().truncatedTo(ChronoUnit.MICROS),
        POLICY.value(),
        UUID.randomUUID().toString(),
        WEB.scope().value(),
        policy().getDocument());
  }

  private static Lease lease(Duration length) {
    RequestId request = new RequestId(UUID.randomUUID());
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    return new Lease(
        GrantId.of(request, WEB).toString(),
        request.toString(),
        WEB.value(),
        WEB.scope().value(),
        "ada",
        "https://issuer",
        Convert.fromPorts(List.of(PortSpec.tcp(22))),
        List.of("203.0.113.7/32"),
        now,
        now.plus(length),
        POLICY.value(),
        1L,
        LeaseState.ACTIVE,
        null,
        false,
        0L);
  }

  private static boolean reaches(Ec2Simulator ec2, String source, int port) throws Exception {
    String body =
        """
        {"source": "%s", "machine": "%s", "port": %d, "protocol": "TCP"}"""
            .formatted(source, WEB, port);
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(ec2.url() + "/_simulator/reachable"))
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body()
          .replace(" ", "")
          .contains("\"reachable\":true");
    }
  }
}
