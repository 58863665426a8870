package io.postern.log;

import com.nimbusds.jose.jwk.JWK;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a service reaches the log and proves who it is, as an operator configures it.
 *
 * @param bootstrapServers Kafka's host:port, comma-separated
 * @param kafka further Kafka client properties, for example of TLS and SASL
 * @param registryUrl base URL of the Confluent-compatible registry
 * @param signingKey file of the service's private JWK
 * @param trust file of the JWK set that is believed
 * @param partitions partitions of each topic; 0 means {@link Topics#DEFAULT_PARTITIONS}
 * @param producerTopics producers that are believed on a topic of their own, {@code
 *     jit.requests.<producer>}: only where the broker lets nobody else write it
 */
public record LogConnection(
    String bootstrapServers,
    Map<String, String> kafka,
    String registryUrl,
    Path signingKey,
    Path trust,
    int partitions,
    List<String> producerTopics) {

  public LogConnection(
      @Nullable String bootstrapServers,
      @Nullable Map<String, String> kafka,
      @Nullable String registryUrl,
      @Nullable Path signingKey,
      @Nullable Path trust,
      int partitions,
      @Nullable List<String> producerTopics) {
    this.bootstrapServers = required("bootstrap-servers", bootstrapServers);
    this.kafka = kafka == null ? Map.of() : Map.copyOf(kafka);
    this.registryUrl = required("registry-url", registryUrl);
    this.signingKey = required("signing-key", signingKey);
    this.trust = required("trust", trust);
    this.partitions = partitions == 0 ? Topics.DEFAULT_PARTITIONS : partitions;
    this.producerTopics = producerTopics == null ? List.of() : List.copyOf(producerTopics);
    requestTopics(this.producerTopics);
  }

  private static <T> T required(String name, @Nullable T value) {
    if (value == null || value.toString().isBlank()) {
      throw new IllegalArgumentException("postern.log." + name + " is not set");
    }
    return value;
  }

  /** Every topic that requests come on: the shared one, then the producers' own. */
  public List<Topic> requestTopics() {
    return requestTopics(producerTopics);
  }

  private static List<Topic> requestTopics(List<String> producers) {
    List<Topic> topics = new ArrayList<>(List.of(Topics.REQUESTS));
    try {
      producers.stream().distinct().map(Topics::ofProducer).forEach(topics::add);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("postern.log.producer-topics: " + e.getMessage(), e);
    }
    return topics;
  }

  public KafkaSettings settings() {
    return new KafkaSettings(bootstrapServers, kafka);
  }

  /** The service's private key. */
  public JWK readSigningKey() {
    try {
      return JWK.parse(Files.readString(signingKey));
    } catch (IOException | ParseException e) {
      throw new IllegalArgumentException(
          "postern.log.signing-key: cannot read " + signingKey + ": " + e.getMessage(), e);
    }
  }

  /**
   * A secret of the service's own, the same in each of its instances: 32 bytes from the private
   * key.
   *
   * @param purpose what it is for; another purpose has another secret
   */
  public byte[] deriveSecret(String purpose) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(
              (purpose + "\n" + readSigningKey().toJSONString()).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The registry, one or several URLs of it. */
  public SchemaRegistry registry() {
    return new SchemaRegistry(List.of(registryUrl.split("\\s*,\\s*", -1)), Optional.empty());
  }

  /** A codec that writes as the service. */
  public EventCodec codec(String service, Clock clock) {
    return new EventCodec(
        service,
        new AvroFraming(registry(), false),
        Signer.of(readSigningKey()),
        TrustStore.load(trust),
        clock);
  }
}
