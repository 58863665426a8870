package io.postern.policy.kafka;

import static org.awaitility.Awaitility.await;

import io.postern.event.Assessment;
import io.postern.event.JitPolicy;
import io.postern.event.MachineAssessed;
import io.postern.event.Person;
import io.postern.event.PolicyPut;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.RequestSubmitted;
import io.postern.log.Convert;
import io.postern.log.EventCodec;
import io.postern.log.Headers;
import io.postern.log.LogConnection;
import io.postern.log.PoisonException;
import io.postern.log.Topic;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.MachineSelector;
import io.postern.model.Policy;
import io.postern.model.PolicyId;
import io.postern.model.PolicyTerms;
import io.postern.model.PortRule;
import io.postern.model.PortSpec;
import io.postern.platform.LogProbe;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import io.postern.policy.domain.Lookups;
import io.postern.policy.domain.OperatorBounds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** policy-service on a real broker, with one machine and a producer that may speak for anybody. */
final class PolicyHarness implements AutoCloseable {
  final MachineId machine;
  final Platform platform;
  final LogProbe probe;
  private final KafkaProducer<byte[], byte[]> producer;
  private final EventCodec requestService;
  private final PolicyService service;

  PolicyHarness(MachineId machine, Path state) throws Exception {
    this(machine, state, Clock.systemUTC());
  }

  PolicyHarness(MachineId machine, Path state, Clock clock) throws Exception {
    this(machine, state, Lookups.NONE, clock);
  }

  PolicyHarness(MachineId machine, Path state, Lookups lookups, Clock clock) throws Exception {
    this(machine, state, lookups, clock, Map.of());
  }

  /** With producers that are believed on topics of their own, which it creates. */
  PolicyHarness(MachineId machine, Path state, Map<String, Producers.Mapping> own)
      throws Exception {
    this(machine, state, Lookups.NONE, Clock.systemUTC(), own);
  }

  private PolicyHarness(
      MachineId machine,
      Path state,
      Lookups lookups,
      Clock clock,
      Map<String, Producers.Mapping> own)
      throws Exception {
    this.machine = machine;
    platform = SharedPlatform.get();
    own.keySet().forEach(this::addOwnTopic);
    Map<String, Producers.Mapping> producers = new HashMap<>(own);
    producers.put(Topics.REQUEST_SERVICE, Producers.Mapping.ANYBODY);
    producer = platform.kafka().newProducer("test");
    requestService = platform.codec(Topics.REQUEST_SERVICE);
    probe =
        LogProbe.on(
            platform,
            Topics.DECISIONS.name(),
            Topics.LEASES.name(),
            Topics.POLICIES.name(),
            Topics.REQUESTS.deadLetter(Topics.POLICY_SERVICE),
            Topics.VETTED.deadLetter(Topics.POLICY_SERVICE),
            Topics.POLICY_CHANGES.deadLetter(Topics.POLICY_SERVICE));
    see(machine);
    service =
        new PolicyService(
            believing(own.keySet()),
            new Producers(producers),
            new PolicyService.Settings(
                "it",
                state,
                OperatorBounds.DEFAULT,
                Set.of("admins"),
                Set.of(Topics.REQUEST_SERVICE)),
            lookups,
            clock);
    service.start();
    await().atMost(Duration.ofSeconds(60)).until(service::isReady);
  }

  private LogConnection believing(Set<String> own) {
    LogConnection c = platform.connection(Topics.POLICY_SERVICE);
    return new LogConnection(
        c.bootstrapServers(),
        c.kafka(),
        c.registryUrl(),
        c.signingKey(),
        c.trust(),
        c.partitions(),
        List.copyOf(own));
  }

  /** A topic on which a producer alone may write; that it is there does not make it believed. */
  void addOwnTopic(String bot) {
    try (Admin admin = Admin.create(platform.kafka().admin())) {
      TopicAdmin.ensureOwn(admin, bot, 1, (short) 1);
    }
    TopicAdmin.registerSchemas(
        platform.connection(Topics.POLICY_SERVICE).registry(), List.of(Topics.ofProducer(bot)));
  }

  @Override
  public void close() {
    service.close();
    probe.close();
    producer.close();
  }

  /** Has an enforcer say that there is such a machine. */
  void see(MachineId there) throws Exception {
    MachineAssessed seen =
        MachineAssessed.newBuilder()
            .setMachineId(there.value())
            .setScope(there.scope().value())
            .setName("web-01")
            .setTags(Map.of("env", "prod"))
            .setPrivateAddresses(List.of("10.2.0.10"))
            .setPublicAddresses(List.of())
            .setRunning(true)
            .setRuleSets(List.of())
            .setAssessment(Assessment.UNKNOWN)
            .setReason("test")
            .setAssessedAt(Instant.now())
            .build();
    send(
        platform
            .codec(Topics.AWS_ENFORCER)
            .encode(
                Topics.MACHINES,
                there.scope(),
                platform.partitions(),
                there.value(),
                seen,
                Optional.empty()));
  }

  Policy policy(String name, PolicyTerms terms) {
    return policy(name, terms, machine);
  }

  static Policy policy(String name, PolicyTerms terms, MachineId... machines) {
    return new Policy(
            new PolicyId(name),
            0,
            List.of(machines).stream().<MachineSelector>map(MachineSelector.ById::new).toList(),
            List.of(new PortRule(PortSpec.tcp(22), List.of(), Duration.ofHours(3))),
            Set.of("sre"),
            Set.of(),
            false,
            Optional.empty(),
            Policy.ExistingRules.PRIORITY,
            Policy.SharedGroups.REFUSE,
            32,
            128)
        .withTerms(terms);
  }

  /** Puts a policy and waits until it is in force. */
  void put(Policy policy) throws Exception {
    PolicyPut put = putEvent(policy);
    send(encode(Topics.POLICY_CHANGES, put.getPolicyId(), put));
    probe.await(JitPolicy.class, p -> p.getChangeId().equals(put.getEventId()));
    if (!policy.terms().quotas().isEmpty()) {
      await().atMost(Duration.ofSeconds(30)).until(service::countsForQuotas);
    }
  }

  PolicyPut putEvent(Policy policy) {
    return new PolicyPut(
        UUID.randomUUID().toString(),
        Instant.now(),
        policy.id().value(),
        new Person("root", "https://issuer", List.of("admins")),
        Convert.toEvent(policy),
        null,
        false);
  }

  RequestSubmitted request(Person who, String source) {
    return request(who, source, machine);
  }

  static RequestSubmitted request(Person who, String source, MachineId... machines) {
    String id = UUID.randomUUID().toString();
    return RequestSubmitted.newBuilder()
        .setEventId(Ids.derived("submitted", id).toString())
        .setOccurredAt(Instant.now())
        .setRequestId(id)
        .setRequestor(who)
        .setMachines(List.of(machines).stream().map(MachineId::value).toList())
        .setPorts(List.of(new PortSelection(22, 22, Protocol.TCP)))
        .setSources(List.of(source))
        .setDurationMillis(Duration.ofMinutes(15).toMillis())
        .build();
  }

  /** Sends as request-service. */
  void say(String key, SpecificRecord event) throws Exception {
    send(encode(Topics.REQUESTS, key, event));
  }

  ProducerRecord<byte[], byte[]> encode(Topic topic, String key, SpecificRecord event) {
    return requestService.encode(topic, key, event, Optional.empty());
  }

  void send(ProducerRecord<byte[], byte[]> record) throws Exception {
    producer.send(record).get();
  }

  void awaitDeadLetter(Topic topic, String key, PoisonException.Cause why) throws Exception {
    probe.awaitSeen(
        "dead letter " + why,
        s ->
            s.record().topic().equals(topic.deadLetter(Topics.POLICY_SERVICE))
                && new String(s.record().key(), StandardCharsets.UTF_8).equals(key)
                && why.name().equals(Headers.text(s.record().headers(), Headers.DLT_REASON)));
  }
}
