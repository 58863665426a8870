package io.postern.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.postern.audit.Commands.Ran;
import io.postern.audit.Siem.Delivery;
import io.postern.platform.Platform;
import io.postern.platform.SharedPlatform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What happens goes to a collector on HTTP, which is away, refuses, and comes back. */
class FollowIT {
  private static final Platform PLATFORM = SharedPlatform.get();
  @TempDir static Path directory;
  private final ArrayDeque<Integer> statuses = new ArrayDeque<>();

  @Test
  void handsOverEachEventUntilItIsTakenAndGoesOnWhereItWas() throws Exception {
    try (Siem siem = new Siem(n -> statuses.isEmpty() ? 200 : statuses.poll())) {
      String first = happens();

      statuses.add(403);
      Ran refused = follow(siem);
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).contains("the collector answers 403");
      List<String> refusedThen = siem.deliveries().getLast().lines();

      siem.forget();
      statuses.add(503);
      Ran ran = follow(siem);
      assertThat(ran.exitCode()).as(ran.err()).isZero();
      List<Delivery> deliveries = siem.deliveries();
      assertThat(deliveries.get(1).lines())
          .as("the same again after a 503")
          .isEqualTo(deliveries.get(0).lines());
      assertThat(siem.taken()).as("what was refused was not past").containsAll(refusedThen);
      assertThat(uids(siem)).contains(first);
      assertThat(deliveries).extracting(Delivery::authorization).containsOnly("Splunk abc");

      siem.forget();
      String second = happens();
      assertThat(follow(siem).exitCode()).isZero();
      assertThat(uids(siem)).contains(second).doesNotContain(first);
    }
  }

  private static Ran follow(Siem siem) throws Exception {
    Path header = directory.resolve("header");
    Files.writeString(header, "Authorization: Splunk abc\n");
    return Commands.run(
        PLATFORM,
        "audit",
        "follow",
        "--group",
        "siem-it",
        "--to",
        siem.url().toString(),
        "--header-file",
        header.toString(),
        "--until-idle",
        "PT3S");
  }

  private static List<String> uids(Siem siem) {
    return siem.taken().stream()
        .map(l -> JsonMapper.shared().readTree(l))
        .map(FollowIT::uid)
        .toList();
  }

  private static String uid(JsonNode event) {
    assertThat(event.path("metadata").path("version").asString("")).isEqualTo("1.5.0");
    return event.path("metadata").path("uid").asString("");
  }

  private static String happens() throws Exception {
    return Revocations.happen(PLATFORM, 1).keySet().iterator().next();
  }
}
