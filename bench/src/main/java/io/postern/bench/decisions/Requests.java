package io.postern.bench.decisions;

import io.postern.event.AccessDenied;
import io.postern.event.AccessGranted;
import io.postern.event.Assessment;
import io.postern.event.JitPolicy;
import io.postern.event.MachineAssessed;
import io.postern.event.Person;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.RequestSubmitted;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.Topics;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.model.RequestId;
import io.postern.platform.Issuer;
import io.postern.platform.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Signed requests that are granted, of many machines in several scopes. */
public final class Requests {
  /** How many machines are asked for. */
  public static final int MACHINES = 400;

  /** How many people, person-0 and on, ask. */
  public static final int PEOPLE = 97;

  private static final int SCOPES = 16;

  // As one selects many.
  private static final List<MachineSelector> BY_TAG =
      List.of(
          new MachineSelector.Aws(
              Optional.empty(), Optional.empty(), Map.of("env", "prod"), Optional.empty()));

  private final Platform platform;
  private final int machines;
  private final EventCodec codec;
  private int serial;

  public Requests(Platform platform) {
    this(platform, MACHINES);
  }

  /** Of so many machines. */
  public Requests(Platform platform, int machines) {
    this.platform = platform;
    this.machines = machines;
    this.codec = platform.codec(Topics.REQUEST_SERVICE);
  }

  /**
   * A request as it goes on the log.
   *
   * @param grant the grant's id, by which its decision is told
   */
  public record Asked(String request, String grant, ProducerRecord<byte[], byte[]> record) {

    /** The same record for a topic. */
    public ProducerRecord<byte[], byte[]> on(String topic) {
      return new ProducerRecord<>(topic, null, record.key(), record.value(), record.headers());
    }
  }

  /** A machine, the same again after so many. */
  public static MachineId machine(int number) {
    return new MachineId(
        "arn:aws:ec2:eu-west-1:1234567890%02d:instance/i-%017x".formatted(number % SCOPES, number));
  }

  /** Has enforcers see the machines, and puts the policy that covers them. */
  void prepare(KafkaProducer<byte[], byte[]> producer) {
    EventCodec enforcer = platform.codec(Topics.AWS_ENFORCER);
    List<MachineSelector> all = new ArrayList<>();
    for (int i = 0; i < machines; i++) {
      MachineId m = machine(i);
      MachineAssessed seen =
          MachineAssessed.newBuilder()
              .setMachineId(m.value())
              .setScope(m.scope().value())
              .setName("web-" + i)
              .setTags(Map.of("env", "prod"))
              .setPrivateAddresses(List.of("10.2.0.10"))
              .setPublicAddresses(List.of())
              .setRunning(true)
              .setRuleSets(List.of())
              .setAssessment(Assessment.UNKNOWN)
              .setReason("bench")
              .setAssessedAt(Instant.now())
              .build();
      send(producer, enforcer, Topics.MACHINES, m, seen);
      all.add(new MachineSelector.ById(m));
    }
    Policy policy =
        new Policy(
            new PolicyId("bench"),
            1,
            machines > MACHINES ? BY_TAG : all,
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128);
    producer.send(
        platform
            .codec(Topics.POLICY_SERVICE)
            .encode(
                Topics.POLICIES,
                "bench",
                new JitPolicy(
                    "bench", 1L, Convert.toEvent(policy), "bench", "bench", Instant.now()),
                Optional.empty()));
    producer.flush();
  }

  private void send(
      KafkaProducer<byte[], byte[]> producer,
      EventCodec by,
      io.postern.log.Topic topic,
      MachineId m,
      SpecificRecord event) {
    producer.send(
        by.encode(topic, m.scope(), platform.partitions(), m.value(), event, Optional.empty()));
  }

  /** New requests, signed now; they must be on the log within minutes. */
  public List<Asked> sign(int count) {
    return sign(count, "sre", Duration.ofMinutes(15));
  }

  /**
   * Likewise.
   *
   * @param group of those who ask; the policy is for {@code sre}
   */
  List<Asked> sign(int count, String group, Duration duration) {
    List<Asked> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int number = serial++;
      String id = UUID.randomUUID().toString();
      MachineId machine = machine(number % machines);
      RequestSubmitted request =
          RequestSubmitted.newBuilder()
              .setEventId(Ids.derived("submitted", id).toString())
              .setOccurredAt(Instant.now())
              .setRequestId(id)
              .setRequestor(new Person("person-" + number % PEOPLE, Issuer.NAME, List.of(group)))
              .setMachines(List.of(machine.value()))
              .setPorts(List.of(new PortSelection(22, 22, Protocol.TCP)))
              .setSources(List.of("203.0.113." + (number / machines) % 250))
              .setDurationMillis(duration.toMillis())
              .build();
      all.add(
          new Asked(
              id,
              GrantId.of(RequestId.parse(id), machine).toString(),
              codec.encode(Topics.REQUESTS, id, request, Optional.empty())));
    }
    return all;
  }

  /** The grant that a decision is on; a denial would leave its request unanswered here. */
  static Optional<String> decision(ConsumerRecord<byte[], byte[]> record) {
    String type = String.valueOf(Headers.text(record.headers(), Headers.TYPE));
    if (type.equals(AccessDenied.class.getName())) {
      throw new IllegalStateException(
          "denied: " + new String(record.key(), StandardCharsets.UTF_8));
    }
    return type.equals(AccessGranted.class.getName())
        ? Optional.ofNullable(Headers.text(record.headers(), Headers.SUBJECT))
        : Optional.empty();
  }
}
