package io.postern.aws;

import static io.postern.aws.ServiceUnderTest.WEB;
import static io.postern.aws.ServiceUnderTest.lease;
import static io.postern.aws.ServiceUnderTest.policy;
import static io.postern.aws.ServiceUnderTest.reaches;
import static io.postern.aws.ServiceUnderTest.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.enforcement.kafka.Enforcer;
import io.postern.event.EndReason;
import io.postern.event.Lease;
import io.postern.event.LeaseState;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.Topics;
import io.postern.model.PolicyId;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import io.postern.simulator.ec2.Ec2Scene;
import io.postern.simulator.ec2.Ec2Simulator;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Somebody has got write access to {@code jit.leases} and to {@code jit.policies}: nothing that
 * they put there opens a port. {@code -Dpostern.forged=1000000} for many.
 */
class ForgedLeasesIT {
  private static final int FORGED = Integer.getInteger("postern.forged", 2_000);
  private static final PolicyId POLICY = new PolicyId("forged-leases");
  private static final Pattern CIDR = Pattern.compile("Cidr(?:Ip|Ipv6)=([^&]+)");
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Platform platform = SharedPlatform.get();
  private final EventCodec policyService = platform.codec(Topics.POLICY_SERVICE);
  private final EventCodec other = platform.codec(Topics.AWS_ENFORCER);
  private final Random random = new Random();

  @Test
  void nothingOfWhatAnIntruderWritesOpensAPort() throws Exception {
    try (Ec2Simulator ec2 = Ec2Simulator.start(Ec2Simulator.Options.defaults());
        KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("intruder")) {
      Ec2Scene.small(ec2);
      try (ConfigurableApplicationContext service = start(platform, ec2)) {
        Enforcer<?, ?> enforcer = service.getBean(Enforcer.class);
        await().atMost(SOON).until(enforcer::isReady);
        producer
            .send(policyService.encode(Topics.POLICIES, POLICY.value(), policy(POLICY), none()))
            .get();
        await().atMost(SOON).until(() -> !reaches(ec2, "192.0.2.66", 22));

        Lease used = lease(POLICY, "203.0.113.7/32", Duration.ofMinutes(10));
        ProducerRecord<byte[], byte[]> asItRan = encoded(policyService, used);
        producer.send(asItRan).get();
        await().atMost(SOON).until(() -> reaches(ec2, "203.0.113.7", 22));
        producer.send(encoded(policyService, ended(used))).get();
        await().atMost(SOON).until(() -> !reaches(ec2, "203.0.113.7", 22));

        for (int i = 0; i < FORGED; i++) {
          producer.send(forged(i, asItRan));
        }
        // A true one behind all of them, in the same partition: they have been read when it opens.
        Lease last = lease(POLICY, "203.0.113.99/32", Duration.ofMinutes(10));
        producer.send(encoded(policyService, last)).get();
        await().atMost(Duration.ofMinutes(10)).until(() -> reaches(ec2, "203.0.113.99", 22));

        assertThat(reaches(ec2, "203.0.113.7", 22)).as("over, and put there again").isFalse();
        List<String> opened = opened(ec2);
        assertThat(opened).containsOnlyOnce("203.0.113.7/32").contains("203.0.113.99/32");
        assertThat(Set.copyOf(opened))
            .as("but for what is left of the owner's rule")
            .containsExactlyInAnyOrder("0.0.0.0/0", "203.0.113.7/32", "203.0.113.99/32");
        producer.send(encoded(policyService, ended(last))).get();
        await().atMost(SOON).until(() -> !reaches(ec2, "203.0.113.99", 22));
        producer.send(policyService.tombstone(Topics.POLICIES, POLICY.value())).get();
      }
    }
  }

  /** One of every kind in turn; each names a source by which it would be seen. */
  private ProducerRecord<byte[], byte[]> forged(int number, ProducerRecord<byte[], byte[]> replay) {
    String source = "198.51.100." + random.nextInt(256) + "/32";
    Lease wanted = lease(POLICY, source, Duration.ofMinutes(10));
    return switch (number % 8) {
      case 0 -> encoded(other, wanted);
      case 1 -> unsigned(encoded(policyService, wanted));
      case 2 -> altered(encoded(policyService, wanted));
      case 3 -> replay;
      case 4 -> underItsKey(replay, encoded(policyService, wanted));
      case 5 -> withSignatureOf(encoded(other, wanted), replay);
      // Truly signed, and beyond what this enforcer may do itself.
      case 6 -> encoded(policyService, lease(POLICY, "198.51.100.0/1", Duration.ofMinutes(10)));
      default -> encoded(policyService, lease(POLICY, source, Duration.ofDays(3)));
    };
  }

  private static ProducerRecord<byte[], byte[]> unsigned(ProducerRecord<byte[], byte[]> record) {
    record.headers().remove(Headers.SIGNATURE);
    return record;
  }

  private ProducerRecord<byte[], byte[]> altered(ProducerRecord<byte[], byte[]> record) {
    byte[] value = record.value().clone();
    String text = new String(value, StandardCharsets.ISO_8859_1);
    value[text.indexOf("198.51.100.") + random.nextInt(10)]++;
    return copy(record, record.key(), value, record);
  }

  private static ProducerRecord<byte[], byte[]> underItsKey(
      ProducerRecord<byte[], byte[]> key, ProducerRecord<byte[], byte[]> record) {
    return copy(record, key.key(), record.value(), record);
  }

  private static ProducerRecord<byte[], byte[]> withSignatureOf(
      ProducerRecord<byte[], byte[]> record, ProducerRecord<byte[], byte[]> signed) {
    return copy(record, record.key(), record.value(), signed);
  }

  private static ProducerRecord<byte[], byte[]> copy(
      ProducerRecord<byte[], byte[]> like,
      byte[] key,
      byte[] value,
      ProducerRecord<byte[], byte[]> headers) {
    return new ProducerRecord<>(like.topic(), like.partition(), key, value, headers.headers());
  }

  private ProducerRecord<byte[], byte[]> encoded(EventCodec by, Lease lease) {
    return by.encode(
        Topics.LEASES,
        WEB.scope(),
        platform.partitions(),
        WEB.scope() + "/" + lease.getGrantId(),
        lease,
        none());
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  /** The sources of every rule that EC2 was asked to add. */
  private static List<String> opened(Ec2Simulator ec2) {
    return ec2.server().journal().entries().stream()
        .filter(e -> e.action().equals("AuthorizeSecurityGroupIngress"))
        .map(e -> new String(e.request().body(), StandardCharsets.UTF_8))
        .filter(body -> !body.contains("DryRun=true"))
        .flatMap(body -> CIDR.matcher(body).results())
        .map(r -> URLDecoder.decode(r.group(1), StandardCharsets.UTF_8))
        .toList();
  }

  private static Lease ended(Lease lease) {
    return Lease.newBuilder(lease)
        .setState(LeaseState.ENDED)
        .setEndReason(EndReason.USER_REQUESTED)
        .build();
  }
}
