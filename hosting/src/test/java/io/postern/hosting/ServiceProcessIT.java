package io.postern.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.postern.log.KafkaSettings;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import io.postern.platform.EmbeddedBroker;
import io.postern.platform.RegistryProcess;
import io.postern.platform.ServiceKeys;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A service that is started before everything that it needs. */
class ServiceProcessIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path home;
  private final HttpClient http = HttpClient.newHttpClient();
  private final int healthPort = EmbeddedBroker.freePort();
  private final int kafkaPort = EmbeddedBroker.freePort();
  private final int registryPort = EmbeddedBroker.freePort();

  @Configuration(proxyBeanMethods = false)
  static class Wired {
    @Bean
    AtomicBoolean works() {
      return new AtomicBoolean();
    }
  }

  private String[] arguments() {
    ServiceKeys keys = ServiceKeys.in(home.resolve("keys"));
    return new String[] {
      "--postern.log.bootstrap-servers=127.0.0.1:" + kafkaPort,
      "--postern.log.registry-url=http://127.0.0.1:" + registryPort + "/apis/ccompat/v7",
      "--postern.log.signing-key=" + keys.signingKey(Topics.EXPIRY_SERVICE),
      "--postern.log.trust=" + keys.trust(),
      "--postern.log.partitions=2",
      "--postern.health.port=" + healthPort
    };
  }

  private static ServiceProcess service() {
    return new ServiceProcess(
        Topics.EXPIRY_SERVICE, Wired.class, context -> context.getBean(AtomicBoolean.class)::get);
  }

  private HttpResponse<String> health(String what) {
    return get("/actuator/health/" + what);
  }

  private HttpResponse<String> get(String path) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void awaitWaitingFor(String what) {
    await().atMost(SOON).untilAsserted(() -> assertThat(health("readiness").body()).contains(what));
    assertThat(health("readiness").statusCode()).isEqualTo(503);
    assertThat(health("liveness").statusCode()).isEqualTo(200);
  }

  @Test
  void waitsForBrokerTopicsRegistryAndSchemasAndGetsOnByItself() throws Exception {
    CompletableFuture<ConfigurableApplicationContext> running =
        CompletableFuture.supplyAsync(() -> service().run(Map.of(), arguments()));
    awaitWaitingFor("Kafka at 127.0.0.1:" + kafkaPort);
    List<AutoCloseable> parts = new ArrayList<>();
    try {
      EmbeddedBroker broker = EmbeddedBroker.start(home.resolve("kafka"), kafkaPort);
      parts.add(broker);
      awaitWaitingFor("no topic [jit.expirations, jit.leases]");
      try (Admin admin =
          Admin.create(new KafkaSettings(broker.bootstrapServers(), Map.of()).admin())) {
        TopicAdmin.ensure(admin, 2, (short) 1);
      }
      awaitWaitingFor("the schema registry");
      RegistryProcess registry = RegistryProcess.start(home.resolve("registry"), registryPort);
      parts.addFirst(registry);
      registry.awaitReady();
      awaitWaitingFor("not every schema of this version is registered");
      TopicAdmin.registerSchemas(
          new io.postern.log.SchemaRegistry(List.of(registry.url()), Optional.empty()));
      try (ConfigurableApplicationContext context = running.join()) {
        assertThat(health("readiness").statusCode()).isEqualTo(503);
        context.getBean(AtomicBoolean.class).set(true);
        assertThat(health("readiness").statusCode()).isEqualTo(200);
        assertThat(health("readiness").body()).isEqualTo("{\"status\":\"UP\"}");
        assertFigures(broker);
      }
    } finally {
      for (AutoCloseable part : parts) {
        part.close();
      }
    }
  }

  /** Of the process, and of a consumer in it that has read all but what it was not given yet. */
  private void assertFigures(EmbeddedBroker broker) throws Exception {
    assertThat(get("/actuator/prometheus").headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain");
    assertThat(get("/actuator/prometheus").body())
        .containsPattern("jvm_memory_used_bytes\\{.*service=\"expiry-service\"")
        .contains("process_cpu_usage");
    KafkaSettings kafka =
        new KafkaSettings(
            broker.bootstrapServers(),
            Map.of("metric.reporters", LagMetrics.class.getName(), "max.poll.records", "1"));
    TopicPartition partition = new TopicPartition(Topics.LEASES.name(), 0);
    try (KafkaProducer<byte[], byte[]> producer = kafka.newProducer("probe");
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(kafka.consumer("behind"))) {
      for (int i = 0; i < 3; i++) {
        producer
            .send(new ProducerRecord<>(partition.topic(), 0, new byte[] {1}, new byte[] {2}))
            .get();
      }
      consumer.assign(List.of(partition));
      while (consumer.poll(Duration.ofSeconds(1)).isEmpty()) {
        assertThat(get("/actuator/prometheus").statusCode()).isEqualTo(200);
      }
      assertThat(get("/actuator/prometheus").body())
          .containsPattern("postern_log_lag\\{client=\"behind\".*} 2");
    }
    assertThat(get("/actuator/prometheus").body()).doesNotContain("client=\"behind\"");
  }

  @Test
  void doesNotWaitForTopicsThatWillNeverFit() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(home.resolve("kafka"), kafkaPort);
        Admin admin =
            Admin.create(new KafkaSettings(broker.bootstrapServers(), Map.of()).admin())) {
      TopicAdmin.ensure(admin, 3, (short) 1);
      assertThatThrownBy(() -> service().run(Map.of(), arguments()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has 3 partitions, but postern.log.partitions is 2");
      assertThatThrownBy(() -> new Socket("127.0.0.1", healthPort))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void saysWhichPropertyIsMissing() {
    assertThatThrownBy(() -> service().run(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("postern.log.bootstrap-servers is not set");
  }
}
