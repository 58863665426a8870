package io.postern.platform;

import io.postern.log.EventCodec;
import io.postern.log.KafkaSettings;
import io.postern.log.LogConnection;
import io.postern.log.SchemaRegistry;
import io.postern.log.TopicAdmin;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/** Broker, registry and keys together, topics and schemas in place: all that the services need. */
public final class Platform implements AutoCloseable {
  private final Broker broker;
  private final RegistryProcess registry;
  private final ServiceKeys keys;
  private final int partitions;

  private Platform(Broker broker, RegistryProcess registry, ServiceKeys keys, int partitions) {
    this.broker = broker;
    this.registry = registry;
    this.keys = keys;
    this.partitions = partitions;
  }

  /**
   * Puts topics and schemas in place on a broker and a registry that are ready, and takes both
   * over.
   *
   * @param keyDirectory where the services' keys are kept
   */
  public static Platform assemble(
      Broker broker, RegistryProcess registry, Path keyDirectory, int partitions) {
    ServiceKeys keys = ServiceKeys.in(keyDirectory);
    try (Admin admin = Admin.create(settings(broker).admin())) {
      TopicAdmin.ensure(admin, partitions, (short) 1);
    }
    TopicAdmin.registerSchemas(new SchemaRegistry(List.of(registry.url()), Optional.empty()));
    return new Platform(broker, registry, keys, partitions);
  }

  /** Starts everything on free ports below a directory and waits until it is ready. */
  public static Platform start(Path directory, int partitions) throws InterruptedException {
    RegistryProcess registry = RegistryProcess.start(directory.resolve("registry"), 0);
    Broker broker = Broker.start(directory.resolve("kafka"), 0);
    return assemble(broker, registry.awaitReady(), directory.resolve("keys"), partitions);
  }

  private static KafkaSettings settings(Broker broker) {
    return new KafkaSettings(broker.bootstrapServers(), Map.of());
  }

  public KafkaSettings kafka() {
    return settings(broker);
  }

  public String registryUrl() {
    return registry.url();
  }

  public ServiceKeys keys() {
    return keys;
  }

  public int partitions() {
    return partitions;
  }

  /** How a service reaches this platform. */
  public LogConnection connection(String service) {
    return new LogConnection(
        broker.bootstrapServers(),
        Map.of(),
        registry.url(),
        keys.signingKey(service),
        keys.trust(),
        partitions,
        List.of());
  }

  /** A codec that writes as the service and trusts all services' keys. */
  public EventCodec codec(String service) {
    return connection(service).codec(service, Clock.systemUTC());
  }

  @Override
  public void close() {
    registry.close();
    broker.close();
  }
}
