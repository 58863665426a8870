package io.postern.audit;

import io.postern.event.Person;
import io.postern.event.RevocationRequested;
import io.postern.log.Topics;
import io.postern.platform.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Something that happens: wishes on {@code jit.requests}, over its partitions. */
final class Revocations {
  private Revocations() {}

  /** Of some grant, now. */
  static RevocationRequested event(String id) {
    return RevocationRequested.newBuilder()
        .setEventId(id)
        .setOccurredAt(Instant.now())
        .setRequestor(new Person("alice", "https://idp", List.of("sre")))
        .setGrantId(UUID.randomUUID().toString())
        .setMachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-1")
        .setReason("done")
        .build();
  }

  /** Writes some, and tells where each stands, by its event's id. */
  static Map<String, RecordMetadata> happen(Platform platform, int howMany) throws Exception {
    List<String> ids = new ArrayList<>();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("revocations")) {
      for (int i = 0; i < howMany; i++) {
        RevocationRequested event = event(UUID.randomUUID().toString());
        ids.add(event.getEventId());
        sent.add(
            producer.send(
                platform
                    .codec(Topics.REQUEST_SERVICE)
                    .encode(Topics.REQUESTS, event.getGrantId(), event, Optional.empty())));
      }
    }
    Map<String, RecordMetadata> places = new LinkedHashMap<>();
    for (int i = 0; i < howMany; i++) {
      places.put(ids.get(i), sent.get(i).get());
    }
    return places;
  }
}
