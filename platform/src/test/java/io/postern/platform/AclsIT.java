package io.postern.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.log.Acls;
import io.postern.log.KafkaSettings;
import io.postern.log.ProducerQuota;
import io.postern.log.Topic;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue's access control on a real broker with mutual TLS: who gets through, who not. */
class AclsIT {
  private static final String BOT = "ci-bot";
  private static final String OTHER_BOT = "other-bot";
  private static final String CHAT_BOT = "chat-bot";
  private static final String SIEM = "siem";

  @TempDir static Path home;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void start() throws Exception {
    Certificates authority = Certificates.in(home.resolve("authority"), Clock.systemUTC());
    authority.issue("kafka", List.of("127.0.0.1"), home.resolve("kafka"));
    List<String> principals = new ArrayList<>(Topics.SERVICES);
    principals.addAll(List.of("admin", BOT, OTHER_BOT, CHAT_BOT, SIEM));
    principals.forEach(p -> authority.issue(p, List.of(), home.resolve(p)));
    broker = EmbeddedBroker.startSecured(home.resolve("data"), 0, home.resolve("kafka"));
    try (Admin admin = Admin.create(as("admin").admin())) {
      TopicAdmin.ensure(admin, 1, (short) 1);
      List<NewTopic> own = new ArrayList<>();
      List<AclBinding> acls = new ArrayList<>(Acls.all());
      for (String bot : List.of(BOT, OTHER_BOT)) {
        own.add(new NewTopic(Topics.ofProducer(bot).name(), Optional.of(1), Optional.empty()));
        acls.addAll(Acls.ofProducer(bot));
      }
      acls.addAll(Acls.ofSigningProducer(CHAT_BOT));
      acls.addAll(Acls.ofFollower(SIEM, List.of(BOT)));
      admin.createTopics(own).all().get();
      admin.createAcls(acls).all().get();
      admin.alterClientQuotas(List.of(new ProducerQuota(20_000, 50).of(OTHER_BOT))).all().get();
    }
    assertThat(writable("admin")).contains("jit.requests", "jit.leases", "jit.requests.ci-bot");
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static KafkaSettings as(String principal) {
    return new KafkaSettings(
        broker.bootstrapServers(), Certificates.client(home.resolve(principal)));
  }

  @Test
  void aServiceWritesItsOwnTopicsAndDeadLettersAndNoOther() throws InterruptedException {
    for (String service : Topics.SERVICES) {
      TreeSet<String> own = new TreeSet<>();
      Acls.written(service).forEach(t -> own.add(t.name()));
      Acls.read(service).forEach(t -> own.add(t.deadLetter(service)));
      assertThat(writable(service)).as(service).isEqualTo(own);
    }
  }

  @Test
  void aServiceReadsTheTopicsThatListItAndNoOther() {
    for (String service : Topics.SERVICES) {
      TreeSet<String> listed = new TreeSet<>();
      Acls.read(service).forEach(t -> listed.add(t.name()));
      assertThat(readable(service)).as(service).isEqualTo(listed);
    }
  }

  private static Set<String> readable(String principal) {
    TreeSet<String> readable = new TreeSet<>();
    Map<String, Object> config = new HashMap<>(as(principal).consumer("acl-test"));
    // Behind what was read the broker keeps the next fetch for more, and the next topic waits.
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "10");
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
      for (Topic topic : Topics.ALL) {
        if (canRead(consumer, topic.name())) {
          readable.add(topic.name());
        }
      }
    }
    return readable;
  }

  @Test
  void aFollowerIsToldAllThatHappensInItsOwnGroupAndWritesNothing() throws InterruptedException {
    TreeSet<String> told = new TreeSet<>();
    Topics.TOLD.forEach(t -> told.add(t.name()));
    TreeSet<String> readable = new TreeSet<>(told);
    readable.add(Topics.MACHINES.name());
    assertThat(readable(SIEM)).isEqualTo(readable);
    assertThat(writable(SIEM)).isEmpty();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(as(SIEM).member(SIEM, Optional.empty()))) {
      consumer.subscribe(told);
      assertThat(consumer.poll(Duration.ofSeconds(30)).isEmpty()).isFalse();
      consumer.commitSync();
    }
    Map<String, Object> another = as(SIEM).member(Topics.AUDIT, Optional.empty());
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(another)) {
      consumer.subscribe(told);
      assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(20)))
          .isInstanceOf(GroupAuthorizationException.class);
    }
  }

  @Test
  void aSigningProducerWritesTheSharedDoorAndReadsWhatAnswersIt() throws InterruptedException {
    assertThat(writable(CHAT_BOT)).containsExactly(Topics.REQUESTS.name());
    assertThat(readable(CHAT_BOT))
        .containsExactlyInAnyOrder(
            Topics.DECISIONS.name(),
            Topics.EXPIRATIONS.name(),
            Topics.ENFORCEMENT.name(),
            Topics.MACHINES.name());
  }

  // A writer may see that its topic is there, so only a fetch tells.
  private static boolean canRead(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    TopicPartition partition = new TopicPartition(topic, 0);
    try {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      // Something is there: either it comes, or it is refused.
      return !consumer.poll(Duration.ofSeconds(30)).isEmpty();
    } catch (TopicAuthorizationException e) {
      return false;
    }
  }

  @Test
  void aProducerWritesItsOwnTopicOnly() throws InterruptedException {
    assertThat(writable(BOT)).containsExactly(Topics.ofProducer(BOT).name());
    assertThat(writable(OTHER_BOT)).containsExactly(Topics.ofProducer(OTHER_BOT).name());
  }

  @Test
  void aProducerThatFloodsIsMadeToWaitAndNobodyElse() {
    assertThat(flood(OTHER_BOT)).isPositive();
    assertThat(flood(BOT)).isZero();
  }

  /**
   * The longest that the broker made it wait for one answer, in ms, while it wrote 260 KB: 60 KB
   * more than the quota lets through in the ten seconds that the broker looks back at least.
   */
  private static double flood(String principal) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(as(principal).producer("acl-test"))) {
      List<Future<?>> sent = new ArrayList<>();
      for (int i = 0; i < 26; i++) {
        sent.add(
            producer.send(
                new ProducerRecord<>(Topics.ofProducer(principal).name(), new byte[10_000])));
        producer.flush();
      }
      assertThat(sent).allMatch(Future::isDone);
      return producer.metrics().entrySet().stream()
          .filter(e -> e.getKey().name().equals("produce-throttle-time-max"))
          .mapToDouble(e -> (double) e.getValue().metricValue())
          .max()
          .orElseThrow();
    }
  }

  private static Set<String> writable(String principal) throws InterruptedException {
    TreeSet<String> names = new TreeSet<>();
    for (Topic topic : Topics.ALL) {
      names.add(topic.name());
      topic.readers().forEach(r -> names.add(topic.deadLetter(r)));
    }
    names.add(Topics.ofProducer(BOT).name());
    names.add(Topics.ofProducer(OTHER_BOT).name());
    Map<String, Object> config = new HashMap<>(as(principal).producer("acl-test"));
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
    config.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, "5");
    // Who may write nowhere gets no producer id either, and an idempotent producer that learns this
    // first has failed for good: each topic is to be asked for itself.
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "false");
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      for (String name : List.copyOf(names)) {
        if (!canWrite(producer, name)) {
          names.remove(name);
        }
      }
    }
    return names;
  }

  private static boolean canWrite(KafkaProducer<byte[], byte[]> producer, String topic)
      throws InterruptedException {
    try {
      producer.send(new ProducerRecord<>(topic, new byte[] {1}, new byte[] {1})).get();
      return true;
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(AuthorizationException.class);
      return false;
    }
  }

  @Test
  void aServiceJoinsItsOwnGroupsOnly() {
    Map<String, Object> config =
        as(Topics.AZURE_ENFORCER).member(Topics.AWS_ENFORCER, Optional.empty());
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
      consumer.subscribe(List.of(Topics.LEASES.name()));
      assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(20)))
          .isInstanceOf(GroupAuthorizationException.class);
    }
  }

  @Test
  void onlyPolicyServiceMayUseTheDecisionsTransactions() {
    assertThat(canBegin(Topics.POLICY_SERVICE)).isTrue();
    assertThat(canBegin(Topics.AZURE_ENFORCER)).isFalse();
    assertThat(canBegin(BOT)).isFalse();
  }

  private static boolean canBegin(String principal) {
    Map<String, Object> config = new HashMap<>(as(principal).producer("acl-test"));
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, Acls.DECISION_STREAM + "-test-1");
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "60000");
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      producer.initTransactions();
      return true;
    } catch (TransactionalIdAuthorizationException e) {
      return false;
    }
  }

  @Test
  void whoeverHasNoCertificateOfTheAuthorityDoesNotGetIn() {
    Certificates.in(home.resolve("foreign"), Clock.systemUTC())
        .issue("admin", List.of(), home.resolve("foreign-admin"));
    Map<String, String> foreign = new HashMap<>(Certificates.client(home.resolve("admin")));
    foreign.put("ssl.keystore.location", home.resolve("foreign-admin/tls.pem").toString());
    Map<String, Object> config =
        new KafkaSettings(broker.bootstrapServers(), foreign).producer("acl-test");
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      assertThatThrownBy(
              () -> producer.send(new ProducerRecord<>("jit.decisions", new byte[] {1})).get())
          .hasRootCauseInstanceOf(Exception.class)
          .satisfiesAnyOf(
              e -> assertThat(e).hasCauseInstanceOf(SslAuthenticationException.class),
              e -> assertThat(e).isInstanceOf(SslAuthenticationException.class));
    }
  }
}
