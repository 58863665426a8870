package io.postern.policy.kafka;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.postern.event.JitPolicy;
import io.postern.event.MachineAssessed;
import io.postern.log.Acls;
import io.postern.log.AvroFraming;
import io.postern.log.Convert;
import io.postern.log.DeadLetters;
import io.postern.log.EventCodec;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.Signer;
import io.postern.log.StateTable;
import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.log.TrustStore;
import io.postern.model.MachineFacts;
import io.postern.policy.domain.Lookups;
import io.postern.policy.domain.OperatorBounds;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** policy-service on the log: vetting, policy changes and the decision. */
public final class PolicyService implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(PolicyService.class);
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  /**
   * What an operator sets.
   *
   * @param instance name of this instance, unique among its kind and the same after a restart
   * @param stateDirectory scratch space of the decision; it may be lost
   * @param adminGroups groups whose members may end anybody's grant
   * @param policyAdmins producers that may change policies
   * @param subjectsIssuer whose subjects policies name where they do not say; empty for anybody of
   *     that name
   */
  public record Settings(
      String instance,
      Path stateDirectory,
      OperatorBounds bounds,
      Set<String> adminGroups,
      Set<String> policyAdmins,
      Optional<String> subjectsIssuer) {

    /** Where one issuer is trusted. */
    public Settings(
        String instance,
        Path stateDirectory,
        OperatorBounds bounds,
        Set<String> adminGroups,
        Set<String> policyAdmins) {
      this(instance, stateDirectory, bounds, adminGroups, policyAdmins, Optional.empty());
    }
  }

  private final KafkaProducer<byte[], byte[]> producer;
  private final StateTable<PolicyInForce> policies;
  private final StateTable<MachineFacts> machines;
  private final UsageTail usage;
  private final List<VettingListener> vetting;
  private final TopicListener policyChanges;
  private final KafkaStreams decision;
  private final Map<TaskId, Long> unreviewed = new ConcurrentHashMap<>();
  private final Gauge unreviewedGauge = gauge(unreviewed);

  /** Without anybody outside to ask. */
  public PolicyService(LogConnection log, Producers producers, Settings settings, Clock clock) {
    this(log, producers, settings, Lookups.NONE, clock);
  }

  /**
   * Does not start yet.
   *
   * @param lookups asks outside; is not closed
   */
  public PolicyService(
      LogConnection log, Producers producers, Settings settings, Lookups lookups, Clock clock) {
    KafkaSettings kafka = log.settings();
    EventCodec codec = log.codec(Topics.POLICY_SERVICE, clock);
    EventCodec internal = internal(log, codec);
    producer = new KafkaProducer<>(vetting(kafka));
    DeadLetters deadLetters = new DeadLetters(codec, producer);
    PlainSubjects plain =
        new PlainSubjects(settings.subjectsIssuer(), producers.vouchForSeveralIssuers());
    policies =
        new StateTable<>(
            "policy-service-policies",
            kafka,
            Topics.POLICIES,
            codec,
            deadLetters,
            e -> PolicyInForce.of((JitPolicy) e, plain));
    machines =
        new StateTable<>(
            "policy-service-machines",
            kafka,
            Topics.MACHINES,
            codec,
            deadLetters,
            e -> Convert.toModel((MachineAssessed) e));
    usage = new UsageTail(kafka, codec, deadLetters, clock);
    policies.onChange(this::countUsage);
    Vetting step =
        new Vetting(
            codec,
            internal,
            producers,
            () -> policies.all().stream().map(PolicyInForce::policy).toList(),
            m -> machines.get(m.value()).orElseGet(() -> MachineFacts.unseen(m)),
            lookups,
            log.partitions(),
            clock);
    vetting =
        log.requestTopics().stream()
            .map(
                topic ->
                    new VettingListener(
                        group(topic),
                        settings.instance(),
                        topic,
                        kafka,
                        producer,
                        deadLetters,
                        step::vet))
            .toList();
    policyChanges =
        new TopicListener(
            "policy-service-changes",
            settings.instance(),
            Topics.POLICY_CHANGES,
            kafka,
            producer,
            deadLetters,
            new PolicyChangeStep(
                codec,
                policies,
                machines,
                settings.policyAdmins(),
                settings.bounds(),
                new Rehearsals(codec, machines, log.partitions(), clock),
                clock));
    DecisionProcessor.Tools tools =
        new DecisionProcessor.Tools(
            codec,
            internal,
            new AvroFraming(log.registry(), false),
            policies,
            machines,
            usage,
            changes(),
            settings.bounds(),
            new CelConditions(),
            settings.adminGroups(),
            unreviewed,
            log.partitions(),
            clock);
    decision =
        new KafkaStreams(
            DecisionTopology.build(tools), streams(kafka, settings), new PacedClients(clock));
    decision.setUncaughtExceptionHandler(
        e -> {
          LOGGER.atError().setCause(e).log("a decision thread failed and is replaced");
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
  }

  // A group for each topic: a member that comes back under its old name within its session is given
  // what it had before, whatever it subscribes to now, so that a new topic in a group would wait.
  private static String group(Topic topic) {
    return topic.isProducersOwn()
        ? "policy-service-vetting-" + topic.writer()
        : "policy-service-vetting";
  }

  private void countUsage() {
    if (policies.all().stream().anyMatch(p -> !p.policy().terms().quotas().isEmpty())) {
      usage.start();
    }
  }

  private AtomicLong changes() {
    AtomicLong count = new AtomicLong();
    policies.onChange(count::incrementAndGet);
    machines.onChange(count::incrementAndGet);
    return count;
  }

  private static Gauge gauge(Map<TaskId, Long> unreviewed) {
    return Gauge.builder(
            "postern.breakglass.unreviewed",
            unreviewed,
            m -> m.values().stream().mapToLong(Long::longValue).sum())
        .description("uses of break-glass that nobody has reviewed")
        .register(Metrics.globalRegistry);
  }

  // Only policy-service reads what it vetted, so a symmetric key of its own will do, and is quick.
  private static EventCodec internal(LogConnection log, EventCodec codec) {
    OctetSequenceKey derived =
        new OctetSequenceKey.Builder(log.deriveSecret("vetted"))
            .keyID(Topics.POLICY_SERVICE + "/vetted")
            .build();
    return codec.withKeys(Signer.of(derived), new TrustStore(List.of(derived)));
  }

  private static Map<String, Object> vetting(KafkaSettings kafka) {
    Map<String, Object> config = kafka.producer(Topics.POLICY_SERVICE);
    // A record that comes alone leaves at once; what comes while it is on its way leaves together.
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, "65536");
    return config;
  }

  private static Properties streams(KafkaSettings kafka, Settings settings) {
    Properties p = new Properties();
    p.putAll(kafka.admin());
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, Acls.DECISION_STREAM);
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    p.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
    p.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    p.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "-1");
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "1");
    // The processor asks for each commit itself.
    p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
    p.put(StreamsConfig.POLL_MS_CONFIG, "10");
    // The topics have no order between them: waiting for one would only cost time.
    p.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, "-1");
    // A static member: a restart resumes in seconds, not after the old session's end.
    p.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), settings.instance());
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), "6000");
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), "1500");
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    // The default of 100 ms is paid whenever a transaction meets the end of the one before it.
    p.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), "2");
    // The commit that follows each batch flushes. Until then everything waits for company: each
    // partition that joins a transaction by itself costs a round trip through its coordinator.
    p.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), "100");
    // What shares a transaction under load goes in one request to each partition.
    p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), "262144");
    return p;
  }

  /** Starts; returns once it knows all policies and machines on the log. */
  public void start() {
    policies.start();
    machines.start();
    try {
      policies.awaitCaughtUp(START_LIMIT);
      machines.awaitCaughtUp(START_LIMIT);
      countUsage();
      usage.awaitCaughtUp(START_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting", e);
    }
    policyChanges.start();
    vetting.forEach(VettingListener::start);
    decision.start();
  }

  /** Whether requests are being vetted and decided. */
  public boolean isReady() {
    return vetting.stream().allMatch(VettingListener::isReady)
        && policyChanges.isReady()
        && decision.state() == KafkaStreams.State.RUNNING;
  }

  /** Whether it is known how much of policies with quotas is used; until then they deny. */
  boolean countsForQuotas() {
    return usage.isCaughtUp();
  }

  @Override
  public void close() {
    Metrics.globalRegistry.remove(unreviewedGauge);
    vetting.forEach(VettingListener::close);
    policyChanges.close();
    decision.close(Duration.ofSeconds(10));
    policies.close();
    machines.close();
    usage.close();
    producer.close(Duration.ofSeconds(5));
  }
}
