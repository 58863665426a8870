package io.postern.azure.cloud;

import static io.postern.azure.Samples.MARKS;
import static io.postern.azure.Samples.NOW;
import static io.postern.azure.Samples.OUTSIDE;
import static io.postern.azure.Samples.SCOPE;
import static io.postern.azure.Samples.grant;
import static io.postern.azure.Samples.lock;
import static io.postern.azure.Samples.nsgId;
import static org.assertj.core.api.Assertions.assertThat;

import io.postern.azure.AzureEnforcerApplication;
import io.postern.azure.config.AzureSweeperConfiguration;
import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.model.PortSpec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

class SweeperTest extends SimulatedAzure {
  private static final Optional<Lock> LOCK = Optional.of(lock(true, PortSpec.tcp(22)));
  private static final Instant END = NOW.plusSeconds(900);

  private final Grant grant = grant("web-01", OUTSIDE, PortSpec.tcp(22));
  private final Grant second = grant("web-01", "198.51.100.9", PortSpec.tcp(22));

  @BeforeEach
  void open() {
    settle(intent("web-01-nsg", "web-01", LOCK, grant, second));
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isTrue();
  }

  private int sweepAt(Instant now) throws Exception {
    return new Sweeper(
            azure, Set.of(SCOPE), Duration.ofSeconds(1), Clock.fixed(now, ZoneOffset.UTC))
        .sweep(SCOPE);
  }

  private void put(String name, String description) {
    foreign(
        "PUT",
        nsgId("web-01-nsg") + "/securityRules/" + name,
        rule("Allow", 150, "203.0.113.99", "22")
            .replace("\"protocol\"", "\"description\":\"%s\",\"protocol\"".formatted(description)));
  }

  @Test
  void closesWhatIsOverdueAndKeepsTheLockDown() throws Exception {
    assertThat(sweepAt(END.minusSeconds(1))).isZero();
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isTrue();
    assertThat(sweepAt(END.plusSeconds(3))).isEqualTo(2);
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isFalse();
    assertThat(document(nsgId("web-01-nsg")).toString())
        .contains("postern-deny-", "customer-allow-ssh");
  }

  @Test
  void aCopiedMarkIsOverdueWithItsEnd() throws Exception {
    String mark = MARKS.write(nsgId("other"), "other", grant.id(), END);
    put("postern-allow-copy", mark);
    assertThat(sweepAt(END.minusSeconds(1))).isZero();
    assertThat(sweepAt(END.plusSeconds(3))).isEqualTo(3);
  }

  @Test
  void aRuleOfOursWithoutAnEndDoesNotStay() throws Exception {
    put("postern-allow-broken", "postern/1 postern nonsense");
    assertThat(sweepAt(NOW)).isEqualTo(1);
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isTrue();
  }

  @Test
  void leavesOthersAlone() throws Exception {
    put("postern-allow-other", "postern/1 other " + grant.id() + " 1 AAAAAAAAAAAAAAAAAAAAAA");
    put("postern-allow-not", "opened by hand");
    assertThat(sweepAt(NOW)).isZero();
  }

  @Test
  void aLostRaceIsForTheNextLook() throws Exception {
    simulator(
        "faults",
        """
        {"action":"PUT networkSecurityGroups","kind":"ERROR_BEFORE","status":412,"code":"PreconditionFailed"}""");
    assertThat(sweepAt(END.plusSeconds(3))).isZero();
    assertThat(sweepAt(END.plusSeconds(3))).isEqualTo(2);
  }

  private static java.nio.file.Path markKey() throws Exception {
    java.nio.file.Path key = java.nio.file.Files.createTempFile("marks", ".jwk");
    java.nio.file.Files.writeString(
        key,
        new com.nimbusds.jose.jwk.OctetSequenceKey.Builder(new byte[32]).build().toJSONString());
    return key;
  }

  @Test
  void sweepsOnceFromTheCommandLineAndSaysWhat() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String unknown = "azure:00000000-0000-0000-0000-0000000000ff";
    int exit =
        AzureEnforcerApplication.sweepOnce(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            "--postern.marks.key=" + markKey(),
            "--postern.azure.endpoint=" + simulator.url(),
            "--postern.azure.credential=simulator",
            "--postern.azure.scopes=" + SCOPE + "," + unknown);
    assertThat(isReachable(OUTSIDE, "web-01", 22)).isFalse();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(SCOPE + ": 2 overdue rules taken away\n");
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(unknown + " cannot be swept, what is over there may be open: ");
    assertThat(exit).isEqualTo(1);
  }

  @Test
  void startsWithoutALog() throws Exception {
    try (var context =
        new SpringApplicationBuilder(AzureSweeperConfiguration.class)
            .web(WebApplicationType.NONE)
            .properties(
                "postern.marks.key=" + markKey(),
                "postern.azure.endpoint=" + simulator.url(),
                "postern.azure.credential=simulator",
                "postern.azure.scopes=" + SCOPE)
            .run()) {
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> !isReachable(OUTSIDE, "web-01", 22));
      assertThat(context.getBean(Sweeper.class)).isNotNull();
    }
  }

  @Test
  void sweepsByItselfWithoutTheLog() {
    try (Sweeper sweeper =
        new Sweeper(azure, Set.of(SCOPE), Duration.ofMillis(50), Clock.systemUTC())) {
      sweeper.start();
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> !isReachable(OUTSIDE, "web-01", 22));
    }
  }
}
