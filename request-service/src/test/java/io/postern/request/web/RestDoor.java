package io.postern.request.web;

import io.postern.log.Topic;
import io.postern.log.Topics;
import io.postern.model.MachineId;
import io.postern.platform.LogProbe;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A door of request-service for tests of REST: its log, and what is called and said there. */
abstract class RestDoor {
  static final JsonMapper JSON = JsonMapper.shared();

  static final MachineId MACHINE =
      new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");

  static final String GOOD =
      """
      {"machines": ["%s"], "ports": [{"port": 22, "protocol": "TCP"}],
       "sources": ["203.0.113.7/32"], "duration": "PT15M", "justification": "INC-42"}"""
          .formatted(MACHINE);

  @TempDir static Path home;

  static Platform platform;

  static Door door;

  static LogProbe probe;

  static KafkaProducer<byte[], byte[]> producer;

  static String base;

  @BeforeAll
  static void start() throws Exception {
    platform = SharedPlatform.get();
    producer = platform.kafka().newProducer("test");
    probe = LogProbe.on(platform, Topics.REQUESTS.name(), Topics.POLICY_CHANGES.name());
    // What is tried here many times over is not to be refused for that.
    door =
        Door.start(
                platform.connection(Topics.REQUEST_SERVICE),
                home,
                Map.of("postern.rate.burst", "1000000"))
            .awaitReady();
    base = door.url();
  }

  @AfterAll
  static void stop() {
    door.close();
    probe.close();
    producer.close();
  }

  static Map<String, String> as(String subject, String... groups) {
    return Door.as(subject, groups);
  }

  static HttpResponse<String> call(
      String method, String path, String body, Map<String, String> headers) throws Exception {
    return door.call(method, path, body, headers);
  }

  static JsonNode body(HttpResponse<String> answer) {
    return Door.body(answer);
  }

  static String location(HttpResponse<String> answer) {
    return answer.headers().firstValue("Location").orElseThrow();
  }

  static void send(String writer, Topic topic, SpecificRecord event) throws Exception {
    producer
        .send(
            platform
                .codec(writer)
                .encode(
                    topic,
                    MACHINE.scope(),
                    platform.partitions(),
                    MACHINE.scope().value(),
                    event,
                    Optional.empty()))
        .get();
  }
}
