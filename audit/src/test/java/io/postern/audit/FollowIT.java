package io.postern.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.postern.audit.Commands.Ran;
import io.postern.event.Person;
import io.postern.event.RevocationRequested;
import io.postern.log.Topics;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What happens goes to a collector on HTTP, which is away, refuses, and comes back. */
class FollowIT {
  private static final Platform PLATFORM = SharedPlatform.get();
  @TempDir static Path directory;
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final ArrayDeque<Integer> statuses = new ArrayDeque<>();

  @Test
  void handsOverEachEventUntilItIsTakenAndGoesOnWhereItWas() throws Exception {
    HttpServer siem =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    siem.createContext(
        "/",
        exchange -> {
          bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
          Integer status = statuses.poll();
          exchange.sendResponseHeaders(status == null ? 200 : status, -1);
          exchange.close();
        });
    siem.start();
    try {
      String url = "http://127.0.0.1:" + siem.getAddress().getPort() + "/collect";
      String first = happens();

      statuses.add(403);
      Ran refused = follow(url);
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).contains("the collector answers 403");
      List<String> refusedThen = uids(bodies.getLast());

      bodies.clear();
      statuses.add(503);
      Ran ran = follow(url);
      assertThat(ran.exitCode()).as(ran.err()).isZero();
      assertThat(bodies.get(1)).as("the same again after a 503").isEqualTo(bodies.get(0));
      assertThat(taken()).as("what was refused was not past").containsAll(refusedThen);
      assertThat(taken()).contains(first);
      assertThat(authorizations).containsOnly("Splunk abc");

      bodies.clear();
      String second = happens();
      assertThat(follow(url).exitCode()).isZero();
      assertThat(taken()).contains(second).doesNotContain(first);
    } finally {
      siem.stop(0);
    }
  }

  private static Ran follow(String url) throws Exception {
    Path header = directory.resolve("header");
    Files.writeString(header, "Authorization: Splunk abc\n");
    return Commands.run(
        PLATFORM,
        "audit",
        "follow",
        "--group",
        "siem-it",
        "--to",
        url,
        "--header-file",
        header.toString(),
        "--until-idle",
        "PT3S");
  }

  private List<String> taken() {
    List<String> all = new ArrayList<>();
    bodies.forEach(b -> all.addAll(uids(b)));
    return all;
  }

  private static List<String> uids(String body) {
    return body.lines().map(l -> JsonMapper.shared().readTree(l)).map(FollowIT::uid).toList();
  }

  private static String uid(JsonNode event) {
    assertThat(event.path("metadata").path("version").asString("")).isEqualTo("1.5.0");
    return event.path("metadata").path("uid").asString("");
  }

  private static String happens() throws Exception {
    String id = UUID.randomUUID().toString();
    RevocationRequested event =
        RevocationRequested.newBuilder()
            .setEventId(id)
            .setOccurredAt(Instant.now())
            .setRequestor(new Person("alice", "https://idp", List.of("sre")))
            .setGrantId(UUID.randomUUID().toString())
            .setMachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-1")
            .setReason("done")
            .build();
    try (KafkaProducer<byte[], byte[]> producer = PLATFORM.kafka().newProducer("follow-it")) {
      producer
          .send(
              PLATFORM
                  .codec(Topics.REQUEST_SERVICE)
                  .encode(Topics.REQUESTS, event.getGrantId(), event, Optional.empty()))
          .get();
    }
    return id;
  }
}
