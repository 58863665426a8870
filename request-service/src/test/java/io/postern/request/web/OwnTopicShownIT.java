package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.Person;
import io.postern.event.PortSelection;
import io.postern.event.Protocol;
import io.postern.event.RequestSubmitted;
import io.postern.log.Headers;
import io.postern.log.TopicAdmin;
import io.postern.log.Topics;
import io.postern.model.Ids;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a producer asks on its own topic, unsigned, is shown like any other request. */
class OwnTopicShownIT {
  private static final String BOT = "shown-bot";
  private static final String MACHINE =
      "arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890";

  @TempDir static Path home;

  @Test
  void aRequestOnAProducersOwnTopicIsShown() throws Exception {
    Platform platform = SharedPlatform.get();
    try (Admin admin = Admin.create(platform.kafka().admin())) {
      TopicAdmin.ensureOwn(admin, BOT, 2, (short) 1);
    }
    TopicAdmin.registerSchemas(
        platform.connection(Topics.REQUEST_SERVICE).registry(), List.of(Topics.ofProducer(BOT)));
    String id = UUID.randomUUID().toString();
    try (Door door =
            Door.start(
                    platform.connection(Topics.REQUEST_SERVICE),
                    home,
                    Map.of("postern.log.producer-topics", BOT))
                .awaitReady();
        KafkaProducer<byte[], byte[]> producer = platform.kafka().newProducer("test")) {
      producer.send(unsigned(platform, id)).get();
      await().atMost(Duration.ofSeconds(30)).until(() -> shown(door, id).statusCode() == 200);
      assertThat(Door.body(shown(door, id)).path("requestor").asString("")).isEqualTo("pipeline-7");
    }
  }

  private static java.net.http.HttpResponse<String> shown(Door door, String id) throws Exception {
    return door.call("GET", "/api/v1/requests/" + id, "", Door.as("root", "admins"));
  }

  private static ProducerRecord<byte[], byte[]> unsigned(Platform platform, String id) {
    RequestSubmitted event =
        RequestSubmitted.newBuilder()
            .setEventId(Ids.derived("submitted", id).toString())
            .setOccurredAt(Instant.now())
            .setRequestId(id)
            .setRequestor(new Person("pipeline-7", "https://ci.example", List.of("sre")))
            .setMachines(List.of(MACHINE))
            .setPorts(List.of(new PortSelection(22, 22, Protocol.TCP)))
            .setSources(List.of("203.0.113.7"))
            .setDurationMillis(Duration.ofMinutes(15).toMillis())
            .build();
    ProducerRecord<byte[], byte[]> record =
        platform
            .codec(Topics.REQUEST_SERVICE)
            .encode(Topics.ofProducer(BOT), id, event, Optional.empty());
    record.headers().remove(Headers.SIGNATURE);
    return record;
  }
}
