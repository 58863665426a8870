package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ThrottleTest extends SmallScene {
  private static final String RULE = Http.NSG + "web-02-nsg/securityRules/r";

  @BeforeEach
  void throttle() {
    simulator.server().clock().freeze();
    http.simulator("settings", "{\"throttling\":true}");
  }

  private Http.Answer write(String principal) {
    return http.put(
        RULE, Http.rule("Allow", 100, "*", "22"), "x-ms-simulator-principal", principal);
  }

  @Test
  void writesHaveABucketPerPrincipal() {
    assertThat(write("a").header("x-ms-ratelimit-remaining-subscription-writes")).isEqualTo("199");
    for (int i = 1; i < 200; i++) {
      assertThat(write("a").status()).isLessThan(300);
    }
    Http.Answer refused = write("a");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.code()).isEqualTo("SubscriptionRequestsThrottled");
    assertThat(refused.header("Retry-After")).isEqualTo("1");
    assertThat(write("b").status()).isEqualTo(200);

    simulator.server().clock().advance(Duration.ofMillis(500));
    assertThat(write("a").status()).isEqualTo(429);
    simulator.server().clock().advance(Duration.ofMillis(500));
    assertThat(write("a").status()).isEqualTo(200);
  }

  @Test
  void networkProviderCountsAllPrincipalsTogether() {
    for (int i = 0; i < 1000; i++) {
      assertThat(write("p" + i % 10).status()).isLessThan(300);
    }
    Http.Answer refused = write("p1");
    assertThat(refused.code()).isEqualTo("TooManyRequests");
    assertThat(http.get(RULE).status()).isEqualTo(200);
    assertThat(http.get(RULE).header("x-ms-ratelimit-remaining-subscription-reads"))
        .isEqualTo("248");
  }
}
