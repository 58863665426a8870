package io.postern.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.audit.Commands.Ran;
import io.postern.event.Assessment;
import io.postern.event.DecidingRule;
import io.postern.event.ExposedSources;
import io.postern.event.MachineAssessed;
import io.postern.event.PortExposure;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.log.EventCodec;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ReachIT {
  private static final String GRANT = "8a1f2c1e-0000-4000-8000-000000000001";

  private static Platform platform;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void start() {
    platform = SharedPlatform.get();
    producer = platform.kafka().newProducer("it");
  }

  @AfterAll
  static void stop() {
    producer.close();
  }

  private static MachineId machine(String instance) {
    return new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/" + instance);
  }

  private static ExposedSources from(String source, String... grants) {
    return new ExposedSources(
        List.of(source), 0, List.of(new DecidingRule("sg-0a", "sgr-0b")), List.of(grants));
  }

  private static void assessed(
      String writer, MachineId machine, String at, ExposedSources... reachedBy) throws Exception {
    MachineAssessed event =
        MachineAssessed.newBuilder()
            .setMachineId(machine.value())
            .setScope(machine.scope().value())
            .setName("web-01")
            .setTags(Map.of())
            .setPrivateAddresses(List.of())
            .setPublicAddresses(List.of())
            .setRunning(true)
            .setRuleSets(List.of())
            .setAssessment(Assessment.HEALTHY)
            .setReason("just-in-time access is on")
            .setAssessedAt(Instant.parse(at))
            .setExposure(
                List.of(
                    new PortExposure(
                        new PortSelection(22, 22, Protocol.TCP), true, List.of(reachedBy)),
                    new PortExposure(new PortSelection(5985, 5986, Protocol.TCP), true, List.of())))
            .build();
    EventCodec codec = platform.codec(writer);
    producer
        .send(
            codec.encode(
                Topics.MACHINES,
                machine.scope(),
                platform.partitions(),
                machine.value(),
                event,
                Optional.empty()))
        .get();
  }

  private static Ran reach(String machine, String... more) {
    String[] all = new String[4 + more.length];
    System.arraycopy(new String[] {"audit", "reach", "--machine", machine}, 0, all, 0, 4);
    System.arraycopy(more, 0, all, 4, more.length);
    return Commands.run(platform, all);
  }

  @Test
  void tellsWhoCouldReachAPortAtTwelvePastThree() throws Exception {
    MachineId machine = machine("i-0aced000000000001");
    assessed(Topics.AWS_ENFORCER, machine, "2026-01-31T02:00:00Z");
    assessed(Topics.AWS_ENFORCER, machine, "2026-01-31T03:10:00Z", from("203.0.113.7/32", GRANT));
    assessed(Topics.AWS_ENFORCER, machine, "2026-01-31T03:30:00Z");
    // Somebody else's word on it does not count, however well it is signed.
    assessed(Topics.REQUEST_SERVICE, machine, "2026-01-31T03:11:00Z", from("0.0.0.0/0"));

    Ran then = reach("i-0aced000000000001", "--at", "2026-01-31T03:12:00Z", "--port", "22");
    assertThat(then.exitCode()).as(then.err()).isZero();
    assertThat(then.out())
        .contains("web-01 (" + machine.value() + ")")
        .contains("22/TCP: 203.0.113.7/32 (sgr-0b in sg-0a; grant " + GRANT + ")")
        .doesNotContain("0.0.0.0/0")
        .doesNotContain("5985");
    assertThat(then.err()).contains("signed by no enforcer");

    assertThat(reach("i-0aced000000000001", "--at", "2026-01-31T03:30:00Z").out())
        .contains("22/TCP: nobody")
        .contains("5985-5986/TCP: nobody");
    assertThat(reach("i-0aced000000000001", "--at", "2026-01-31T03:12:00Z", "--json").out())
        .contains("\"203.0.113.7/32\"");
    assertThat(reach("i-0aced000000000001", "--at", "2026-01-31T03:12:00Z", "--port", "443").out())
        .contains("443: nobody looked");

    Ran early = reach("i-0aced000000000001", "--at", "2026-01-31T01:00:00Z");
    assertThat(early.exitCode()).isEqualTo(1);
    assertThat(early.err()).contains("nothing is known of it before 2026-01-31T02:00:00Z");
    assertThat(reach("i-0aced000000000001", "--at", "last night").exitCode()).isEqualTo(2);
    assertThat(reach("i-0aced000000000003").err())
        .contains("no enforcer has told of such a machine");
  }

  @Test
  void readsOnlyThePartitionOfAMachineWhoseWholeIdIsGiven() throws Exception {
    MachineId here = machine("i-0aced000000000004");
    MachineId elsewhere =
        Stream.of("us-east-1", "us-west-2", "eu-north-1", "ap-south-1")
            .map(r -> new MachineId("arn:aws:ec2:" + r + ":123456789012:instance/i-0aced0000005"))
            .filter(m -> partition(m) != partition(here))
            .findFirst()
            .orElseThrow();
    assessed(Topics.AWS_ENFORCER, here, "2026-01-31T02:00:00Z");
    assessed(Topics.REQUEST_SERVICE, here, "2026-01-31T02:00:00Z");
    assessed(Topics.REQUEST_SERVICE, elsewhere, "2026-01-31T02:00:00Z");
    assessed(Topics.AWS_ENFORCER, elsewhere, "2026-01-31T03:00:00Z", from("203.0.113.9/32"));

    Ran whole = reach(elsewhere.value());
    assertThat(whole.out()).contains("22/TCP: 203.0.113.9/32");
    assertThat(whole.err()).as("of its own partition").contains(" 1 records are signed by no");
    assertThat(reach("i-0aced0000005").err())
        .as("of all partitions")
        .contains("signed by no")
        .doesNotContain(" 1 records");
  }

  private static int partition(MachineId machine) {
    return Topics.partition(machine.scope(), platform.partitions());
  }

  @Test
  void saysThatAMachineWasGoneWhenItsEnforcerSaidSo() throws Exception {
    MachineId machine = machine("i-0aced000000000002");
    assessed(Topics.AWS_ENFORCER, machine, "2026-01-31T02:00:00Z", from("198.51.100.0/24"));
    producer
        .send(
            platform
                .codec(Topics.REQUEST_SERVICE)
                .tombstone(
                    Topics.MACHINES, machine.scope(), platform.partitions(), machine.value()))
        .get();
    assertThat(reach("i-0aced000000000002").out()).contains("22/TCP: 198.51.100.0/24");
    producer
        .send(
            platform
                .codec(Topics.AWS_ENFORCER)
                .tombstone(
                    Topics.MACHINES, machine.scope(), platform.partitions(), machine.value()))
        .get();
    assertThat(reach("i-0aced000000000002").out())
        .contains("was gone since")
        .doesNotContain("198.51");
    assertThat(reach("i-0aced000000000002", "--at", "2026-01-31T03:00:00Z").out())
        .contains("22/TCP: 198.51.100.0/24");
  }
}
