package io.postern.aws;

import static io.postern.aws.ServiceUnderTest.WEB;
import static io.postern.aws.ServiceUnderTest.lease;
import static io.postern.aws.ServiceUnderTest.now;
import static io.postern.aws.ServiceUnderTest.policy;
import static io.postern.aws.ServiceUnderTest.reaches;
import static io.postern.aws.ServiceUnderTest.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.enforcement.kafka.Enforcer;
import io.postern.event.AccessClosed;
import io.postern.event.AccessOpened;
import io.postern.event.Lease;
import io.postern.event.LockdownApplied;
import io.postern.event.LockdownLifted;
import io.postern.event.PlanComputed;
import io.postern.event.PlanRequested;
import io.postern.log.EventCodec;
import io.postern.log.LogTail;
import io.postern.log.Topics;
import io.postern.model.PolicyId;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** The service as it is configured and started, on a real broker, against the simulated EC2. */
class AwsEnforcerIT {
  private static final PolicyId POLICY = new PolicyId("ssh-in-aws");

  private final Platform platform = SharedPlatform.get();
  private final EventCodec policyService = platform.codec(Topics.POLICY_SERVICE);
  private final List<SpecificRecord> seen = new CopyOnWriteArrayList<>();

  @Test
  void closesOpensClosesAndGivesBack() throws Exception {
    try (Ec2Simulator ec2 = Ec2Simulator.start(Ec2Simulator.Options.defaults());
        KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test")) {
      Ec2Scene.small(ec2);
      try (ConfigurableApplicationContext service = start(platform, ec2);
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
            .send(policyService.encode(Topics.POLICIES, POLICY.value(), policy(POLICY), none()))
            .get();
        awaitEvent(LockdownApplied.class);
        assertThat(reaches(ec2, "198.18.0.1", 22)).isFalse();
        assertThat(reaches(ec2, "198.18.0.1", 443)).isTrue();

        Lease lease = lease(POLICY, "203.0.113.7/32", Duration.ofSeconds(6));
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

  private static PlanRequested asked() {
    return new PlanRequested(
        UUID.randomUUID().toString(),
        now(),
        POLICY.value(),
        UUID.randomUUID().toString(),
        WEB.scope().value(),
        policy(POLICY).getDocument());
  }
}
