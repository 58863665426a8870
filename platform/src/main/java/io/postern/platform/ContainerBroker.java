package io.postern.platform;

import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** The public image of Kafka in a container, for tests that want the broker that is shipped. */
final class ContainerBroker implements Broker {
  private final KafkaContainer container;

  private ContainerBroker(KafkaContainer container) {
    this.container = container;
  }

  /**
   * Starts one.
   *
   * @throws TestAbortedException where no Docker engine answers: the test that asked is skipped
   */
  static Broker start(String image) {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      throw new TestAbortedException("no Docker engine, so no broker of image " + image);
    }
    KafkaContainer container =
        new KafkaContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("apache/kafka"))
            .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
            .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
    container.start();
    return new ContainerBroker(container);
  }

  @Override
  public String bootstrapServers() {
    return container.getBootstrapServers();
  }

  @Override
  public void close() {
    container.stop();
  }
}
