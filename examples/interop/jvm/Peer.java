import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A peer on the JVM with Confluent's own serializer and nothing of Postern; settings in the environment (check.sh). */
public final class Peer {
  private static final String TOPIC = "jit.requests";
  private static final String TYPE = "io.postern.event.RequestSubmitted";
  private static final Base64.Encoder URL = Base64.getUrlEncoder().withoutPadding();

  private final Map<String, GenericRecord> read = new HashMap<>();
  private final Map<String, Integer> ids = new HashMap<>();

  public static void main(String[] args) throws Exception {
    new Peer().run();
    System.exit(0);
  }

  private static String env(String name) {
    return System.getenv(name);
  }

  private void run() throws Exception {
    // The schema is looked up by its content; nothing is registered.
    Map<String, Object> registry =
        Map.of(
            "schema.registry.url", env("REGISTRY"),
            "auto.register.schemas", false,
            "value.subject.name.strategy", "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy");
    KafkaAvroSerializer serializer = new KafkaAvroSerializer();
    serializer.configure(registry, false);
    KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();
    deserializer.configure(registry, false);
    String requestId = UUID.randomUUID().toString();
    byte[] key = requestId.getBytes(StandardCharsets.UTF_8);
    byte[] value = serializer.serialize(TOPIC, request(schema(), requestId));

    Map<String, Object> kafka = Map.of("bootstrap.servers", env("BOOTSTRAP"));
    Map<String, Object> committed = new HashMap<>(kafka);
    committed.put("isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(committed, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : List.of("jit.decisions", "jit.enforcement")) {
        for (PartitionInfo p : consumer.partitionsFor(topic)) {
          partitions.add(new TopicPartition(topic, p.partition()));
        }
      }
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(TOPIC, key, value);
      record.headers().add("ce_type", TYPE.getBytes(StandardCharsets.UTF_8));
      record.headers().add("postern-signature", signature(key, value).getBytes(StandardCharsets.UTF_8));
      producer.send(record).get();
      while (!read.containsKey("AccessDenied") && !(read.containsKey("AccessGranted") && read.containsKey("AccessOpened"))) {
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofSeconds(1))) {
          take(deserializer, requestId, r);
        }
      }
    }
    tell(value);
  }

  private void take(KafkaAvroDeserializer deserializer, String requestId, ConsumerRecord<byte[], byte[]> r) {
    GenericRecord event = (GenericRecord) deserializer.deserialize(r.topic(), r.value());
    String type = event.getSchema().getName();
    if (List.of("AccessGranted", "AccessDenied", "AccessOpened").contains(type) && event.get("requestId").toString().equals(requestId)) {
      read.put(type, event);
      ids.put(type, ByteBuffer.wrap(r.value()).getInt(1));
    }
  }

  private void tell(byte[] value) {
    if (read.containsKey("AccessDenied")) {
      throw new IllegalStateException("denied: " + read.get("AccessDenied"));
    }
    GenericRecord granted = read.get("AccessGranted");
    GenericRecord there = (GenericRecord) ((List<?>) read.get("AccessOpened").get("connect")).get(0);
    System.out.printf(
        "wrote=%d granted=%d opened=%d for=%s from=%s why=%s seconds=%d connect=%s:%s/%s%n",
        ByteBuffer.wrap(value).getInt(1),
        ids.get("AccessGranted"),
        ids.get("AccessOpened"),
        ((GenericRecord) granted.get("requestor")).get("subject"),
        ((List<?>) granted.get("sources")).get(0),
        granted.get("justification"),
        ((long) granted.get("expiresAt") - (long) granted.get("startsAt")) / 1_000_000,
        there.get("address"),
        there.get("port"),
        there.get("protocol"));
  }

  private static Schema schema() throws Exception {
    String url = env("REGISTRY") + "/subjects/" + TOPIC + "-" + TYPE + "/versions/latest/schema";
    return new Schema.Parser()
        .parse(HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString()).body());
  }

  private static GenericRecord request(Schema schema, String requestId) {
    GenericRecord person =
        new GenericRecordBuilder(schema.getField("requestor").schema())
            .set("subject", env("SUBJECT"))
            .set("issuer", env("SUBJECT"))
            .build();
    Schema portSchema = schema.getField("ports").schema().getElementType();
    GenericRecord port =
        new GenericRecordBuilder(portSchema)
            .set("fromPort", 22)
            .set("toPort", 22)
            .set("protocol", new GenericData.EnumSymbol(portSchema.getField("protocol").schema(), "TCP"))
            .build();
    return new GenericRecordBuilder(schema)
        .set("eventId", UUID.randomUUID().toString())
        .set("occurredAt", System.currentTimeMillis() * 1000)
        .set("requestId", requestId)
        .set("requestor", person)
        .set("machines", List.of(env("MACHINE")))
        .set("ports", List.of(port))
        .set("sources", List.of(env("SOURCE")))
        .set("durationMillis", 600_000L)
        .set("justification", "Zürich ✓")
        .build();
  }

  /** A detached JWS with Ed25519, by what the JDK has. */
  private static String signature(byte[] key, byte[] value) throws Exception {
    String jwk = Files.readString(Path.of(env("KEY_FILE")));
    PrivateKey secret =
        KeyFactory.getInstance("Ed25519")
            .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Base64.getUrlDecoder().decode(field(jwk, "d"))));
    byte[] topic = TOPIC.getBytes(StandardCharsets.UTF_8);
    byte[] content =
        ByteBuffer.allocate(8 + topic.length + key.length + value.length)
            .putInt(topic.length).put(topic).putInt(key.length).put(key).put(value).array();
    String header =
        URL.encodeToString(
            "{\"alg\":\"EdDSA\",\"kid\":\"%s\",\"iat\":%d}"
                .formatted(field(jwk, "kid"), Instant.now().getEpochSecond())
                .getBytes(StandardCharsets.UTF_8));
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(secret);
    signer.update((header + "." + URL.encodeToString(content)).getBytes(StandardCharsets.US_ASCII));
    return header + ".." + URL.encodeToString(signer.sign());
  }

  private static String field(String json, String name) {
    Matcher m = Pattern.compile("\"" + name + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
    if (!m.find()) {
      throw new IllegalArgumentException("the key has no " + name);
    }
    return m.group(1);
  }
}
