package io.postern.platform;

import java.nio.file.Path;

/** A broker that is there for as long as it is not closed: the one home from which tests get it. */
public interface Broker extends AutoCloseable {
  /**
   * System property that names an image, for example {@code apache/kafka:4.2.2}: brokers are then
   * containers. The Maven profile {@code containers} sets it.
   */
  String IMAGE_PROPERTY = "postern.broker.image";

  /** Kafka's host:port. */
  String bootstrapServers();

  @Override
  void close();

  /**
   * Starts a broker: in this JVM, or in a container when {@link #IMAGE_PROPERTY} says so.
   *
   * @param directory where one in this JVM keeps its data; a container keeps none
   * @param port port on 127.0.0.1 of one in this JVM, 0 for any free one; a container has its own
   */
  static Broker start(Path directory, int port) {
    String image = System.getProperty(IMAGE_PROPERTY, "");
    return image.isEmpty() ? EmbeddedBroker.start(directory, port) : ContainerBroker.start(image);
  }
}
