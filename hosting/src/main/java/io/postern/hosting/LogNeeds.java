package io.postern.hosting;

import io.postern.log.Acls;
import io.postern.log.LogConnection;
import io.postern.log.RegistryException;
import io.postern.log.TopicAdmin;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What a service of the log needs: its topics on the broker, and its schemas in the registry. */
final class LogNeeds {
  private static final String PATIENCE_MILLIS = "3000";

  private LogNeeds() {}

  /** Both, for a service; the broker first. */
  static List<Need> of(String service, LogConnection log) {
    return List.of(new Broker(service, log), new Registry(service, log));
  }

  /** The topics that the service reads or writes, and the right to see them. */
  private record Broker(String service, LogConnection log) implements Need {
    @Override
    public String name() {
      return "Kafka at " + log.bootstrapServers();
    }

    @Override
    public Optional<String> missing() {
      Map<String, Object> config = new HashMap<>(log.settings().admin());
      config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
      config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
      try (Admin admin = Admin.create(config)) {
        return missing(admin);
      } catch (KafkaException e) {
        return Optional.of(reason(e));
      }
    }

    private Optional<String> missing(Admin admin) {
      TreeSet<String> names = new TreeSet<>();
      Acls.read(service).forEach(t -> names.add(t.name()));
      Acls.written(service).forEach(t -> names.add(t.name()));
      TreeSet<String> unknown = new TreeSet<>();
      for (Map.Entry<String, KafkaFuture<TopicDescription>> answer :
          admin.describeTopics(names).topicNameValues().entrySet()) {
        try {
          checkPartitions(answer.getValue().get());
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
            return Optional.of(reason(e.getCause() == null ? e : e.getCause()));
          }
          unknown.add(answer.getKey());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return Optional.of("interrupted");
        }
      }
      return unknown.isEmpty() ? Optional.empty() : Optional.of("no topic " + unknown);
    }

    private void checkPartitions(TopicDescription topic) {
      if (topic.partitions().size() != log.partitions()) {
        throw new IllegalStateException(
            "topic %s has %d partitions, but postern.log.partitions is %d"
                .formatted(topic.name(), topic.partitions().size(), log.partitions()));
      }
    }

    private static String reason(Throwable e) {
      if (e instanceof AuthorizationException) {
        return "access is refused: " + e.getMessage();
      }
      if (e instanceof AuthenticationException) {
        return "it does not believe who we are: " + e.getMessage();
      }
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
  }

  /** The schemas of what the service writes. */
  private record Registry(String service, LogConnection log) implements Need {
    @Override
    public String name() {
      return "the schema registry at " + log.registryUrl();
    }

    @Override
    public Optional<String> missing() {
      try {
        TopicAdmin.lookUpSchemas(log.registry(), Acls.written(service));
        return Optional.empty();
      } catch (RegistryException e) {
        return Optional.of(
            e.isNotFound()
                ? "not every schema of this version is registered"
                : "it does not answer");
      }
    }
  }
}
