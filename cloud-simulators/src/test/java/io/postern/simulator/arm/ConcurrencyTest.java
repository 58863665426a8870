package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Read, add a rule, write the whole group: what several writers at once make of it. */
class ConcurrencyTest extends SmallScene {
  private static final String GROUP = Http.NSG + "web-02-nsg";
  private static final int WRITERS = 4;
  private static final int EACH = 8;

  private int rules() {
    return http.get(GROUP).json().path("properties").path("securityRules").size();
  }

  private static String withRule(Http.Answer read, int n) {
    ObjectNode group = (ObjectNode) read.json();
    ArrayNode rules = (ArrayNode) group.path("properties").path("securityRules");
    ObjectNode rule = (ObjectNode) Json.MAPPER.readTree(Http.rule("Allow", 400 + n, "*", "22"));
    rules.add(rule.put("name", "r" + n));
    return group.toString();
  }

  @Test
  void writersWithIfMatchLoseNothing() throws Exception {
    List<Callable<Boolean>> writers = new ArrayList<>();
    for (int w = 0; w < WRITERS; w++) {
      int writer = w;
      writers.add(
          () -> {
            for (int i = 0; i < EACH; i++) {
              int status = 412;
              while (status == 412) {
                Http.Answer read = http.get(GROUP);
                String etag = read.json().path("etag").asString();
                String body = withRule(read, writer * EACH + i);
                status = http.put(GROUP, body, "If-Match", etag).status();
              }
            }
            return true;
          });
    }
    int before = rules();
    try (ExecutorService pool = Executors.newFixedThreadPool(WRITERS)) {
      for (Future<Boolean> done : pool.invokeAll(writers)) {
        assertThat(done.get()).isTrue();
      }
    }
    assertThat(rules()).isEqualTo(before + WRITERS * EACH);
  }

  @Test
  void writeWithoutIfMatchOverwritesWhatItDidNotSee() {
    Http.Answer read = http.get(GROUP);
    int before = rules();
    assertThat(http.put(GROUP, withRule(read, 1)).status()).isEqualTo(200);
    assertThat(http.put(GROUP, withRule(read, 2)).status()).isEqualTo(200);
    assertThat(rules()).isEqualTo(before + 1);
  }
}
