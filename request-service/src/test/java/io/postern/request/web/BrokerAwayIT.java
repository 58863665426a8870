package io.postern.request.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.postern.event.RequestSubmitted;
import io.postern.log.Topics;
import io.postern.platform.EmbeddedBroker;
import io.postern.platform.LogProbe;
import io.postern.platform.Platform;
import io.postern.platform.RegistryProcess;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerAwayIT {
  private static final String REQUEST =
      """
      {"machines": ["arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890"],
       "ports": [{"port": 22}], "sources": ["203.0.113.7"], "duration": "PT15M"}""";

  @TempDir static Path home;

  @Test
  void withoutTheBrokerNothingIsAcceptedAndNothingHalfDoneAndItGoesOnWithoutARestart()
      throws Exception {
    Path data = home.resolve("kafka");
    RegistryProcess registry = RegistryProcess.start(home.resolve("registry"), 0);
    EmbeddedBroker broker = EmbeddedBroker.start(data, 0);
    int port = Integer.parseInt(broker.bootstrapServers().replaceAll(".*:", ""));
    Platform platform = Platform.assemble(broker, registry.awaitReady(), home.resolve("keys"), 2);
    try (Door door =
        Door.start(platform.connection(Topics.REQUEST_SERVICE), home, Map.of()).awaitReady()) {
      String before = id(ask(door, "before"));

      broker.close();
      HttpResponse<String> refused = ask(door, "meanwhile");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      // What is known is told all the same.
      assertThat(
              Door.body(door.call("GET", "/api/v1/requests", "", Door.as("alice")))
                  .path("items")
                  .size())
          .isEqualTo(1);

      EmbeddedBroker again = EmbeddedBroker.start(data, port);
      try (LogProbe probe = LogProbe.on(platform, Topics.REQUESTS.name())) {
        await().atMost(Duration.ofSeconds(60)).until(() -> ask(door, "after").statusCode() == 202);
        probe.await(RequestSubmitted.class, r -> !r.getRequestId().equals(before));
        // Of one machine, so in one partition, in order: what was refused is not before it.
        assertThat(
                probe.all(RequestSubmitted.class, r -> true).stream()
                    .map(RequestSubmitted::getRequestId)
                    .distinct())
            .containsExactly(before, id(ask(door, "after")));
        // The same key is the same request, so that whoever was refused may simply try again.
        assertThat(id(ask(door, "meanwhile"))).isEqualTo(id(ask(door, "meanwhile")));
      } finally {
        again.close();
      }
    } finally {
      registry.close();
    }
  }

  private static String id(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(202);
    return Door.body(answer).path("id").asString("");
  }

  private static HttpResponse<String> ask(Door door, String key) throws Exception {
    Map<String, String> headers = new HashMap<>(Door.as("alice", "sre"));
    headers.put("Idempotency-Key", key);
    return door.call("POST", "/api/v1/requests", REQUEST, headers);
  }
}
