package io.postern.log;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates or verifies what the catalogue says, on the broker and in the registry. */
public final class TopicAdmin {
  private static final Duration KNOWN_LIMIT = Duration.ofSeconds(20);
  private static final String DAY_MILLIS = "86400000";
  private static final String WEEK_MILLIS = "604800000";
  private static final String QUARTER_MILLIS = "7776000000";

  private TopicAdmin() {}

  /**
   * The name that a Kafka cluster has given itself, the same for as long as it keeps its data.
   *
   * @throws IllegalStateException when the cluster does not answer in 10 s
   */
  public static String clusterId(KafkaSettings kafka) {
    try (Admin admin = Admin.create(kafka.admin())) {
      return admin.describeCluster().clusterId().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the Kafka cluster does not say its name", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * The producers' own topics that the cluster has, and the caller may know of.
   *
   * @throws IllegalStateException when the cluster does not answer in 10 s
   */
  public static List<Topic> producersOwn(KafkaSettings kafka) {
    try (Admin admin = Admin.create(kafka.admin())) {
      return Topics.producersOwn(admin.listTopics().names().get(10, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the Kafka cluster does not say its topics", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Creates a producer's own topic when it is missing.
   *
   * @throws IllegalStateException when it cannot be created
   */
  public static void ensureOwn(
      Admin admin, String producer, int partitions, short replicationFactor) {
    admin
        .createTopics(List.of(newTopic(Topics.ofProducer(producer), partitions, replicationFactor)))
        .values()
        .forEach(TopicAdmin::ignoreExisting);
  }

  /**
   * Creates the topics that are missing, dead-letter topics included, and checks the ones that are
   * there.
   *
   * @return the number of partitions that all topics have
   * @throws IllegalStateException when a topic that is there has another number of partitions
   */
  public static int ensure(Admin admin, int partitions, short replicationFactor) {
    List<NewTopic> wanted = new ArrayList<>();
    for (Topic topic : Topics.ALL) {
      wanted.add(newTopic(topic, partitions, replicationFactor));
      for (String reader : topic.readers()) {
        wanted.add(
            new NewTopic(topic.deadLetter(reader), Optional.of(1), Optional.of(replicationFactor))
                .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, QUARTER_MILLIS)));
      }
    }
    admin.createTopics(wanted).values().forEach((name, created) -> ignoreExisting(name, created));
    verify(admin, partitions);
    return partitions;
  }

  private static void ignoreExisting(
      String name, org.apache.kafka.common.KafkaFuture<Void> created) {
    try {
      created.get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException("cannot create topic " + name + ": " + e.getCause(), e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topic " + name, e);
    }
  }

  private static void verify(Admin admin, int partitions) {
    try {
      Map<String, TopicDescription> there = describe(admin);
      there.forEach(
          (name, topic) -> {
            if (topic.partitions().size() != partitions) {
              throw new IllegalStateException(
                  "topic %s has %d partitions, not %d: topics partitioned by scope must agree"
                      .formatted(name, topic.partitions().size(), partitions));
            }
          });
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot describe the topics: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while describing the topics", e);
    }
  }

  // A topic that was created just now may not be known to the broker that is asked.
  private static Map<String, TopicDescription> describe(Admin admin)
      throws ExecutionException, InterruptedException {
    List<String> names = Topics.ALL.stream().map(Topic::name).toList();
    long limit = System.nanoTime() + KNOWN_LIMIT.toNanos();
    while (true) {
      try {
        return admin.describeTopics(names).allTopicNames().get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() > limit) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private static NewTopic newTopic(Topic topic, int partitions, short replicationFactor) {
    Map<String, String> config =
        topic.cleanup() == Topic.Cleanup.COMPACT
            // Tombstones outlive the longest grant, or a replay would reopen a closed port.
            ? Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.DELETE_RETENTION_MS_CONFIG,
                WEEK_MILLIS,
                TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG,
                DAY_MILLIS,
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime")
            : Map.of(
                TopicConfig.RETENTION_MS_CONFIG,
                QUARTER_MILLIS,
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime");
    return new NewTopic(topic.name(), Optional.of(partitions), Optional.of(replicationFactor))
        .configs(config);
  }

  /**
   * Registers every type of every topic, each subject under FULL_TRANSITIVE.
   *
   * @throws RegistryException with status 409 when a schema is not compatible with an earlier one
   */
  public static void registerSchemas(SchemaRegistry registry) {
    registerSchemas(registry, Topics.ALL);
  }

  /** Likewise, of some topics. */
  public static void registerSchemas(SchemaRegistry registry, List<Topic> topics) {
    for (Topic topic : topics) {
      for (Class<? extends SpecificRecord> type : topic.events()) {
        Schema schema = EventTypes.schemaOf(type);
        registry.register(AvroFraming.subject(topic.name(), schema), schema);
      }
    }
  }

  /**
   * Finds every type of the topics in the registry.
   *
   * @throws RegistryException with status 404 when one is not registered
   */
  public static void lookUpSchemas(SchemaRegistry registry, List<Topic> topics) {
    for (Topic topic : topics) {
      for (Class<? extends SpecificRecord> type : topic.events()) {
        Schema schema = EventTypes.schemaOf(type);
        registry.lookUp(AvroFraming.subject(topic.name(), schema), schema);
      }
    }
  }
}
