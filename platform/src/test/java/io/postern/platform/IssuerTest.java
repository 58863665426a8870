package io.postern.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IssuerTest {
  @TempDir Path home;

  @Test
  void knowsItsOwnTokensWhileTheyAreGood() {
    Issuer issuer = Issuer.in(home.resolve("own"));
    Instant now = Instant.now();
    String token = issuer.token("alice", List.of("sre"));

    assertThat(issuer.validity(token, "alice", now))
        .hasValueSatisfying(
            d -> assertThat(d).isBetween(Duration.ofHours(11), Duration.ofHours(13)));
    assertThat(issuer.validity(token, "bob", now)).isEmpty();
    assertThat(issuer.validity(token, "alice", now.plus(Duration.ofHours(13)))).isEmpty();
    assertThat(issuer.validity("no.token.", "alice", now)).isEmpty();
    assertThat(issuer.validity("", "alice", now)).isEmpty();
    String foreign = Issuer.in(home.resolve("foreign")).token("alice", List.of("admins"));
    assertThat(issuer.validity(foreign, "alice", now)).as("another issuer's key").isEmpty();
    String altered =
        foreign.substring(0, foreign.lastIndexOf('.')) + token.substring(token.lastIndexOf('.'));
    assertThat(issuer.validity(altered, "alice", now)).as("another's claims").isEmpty();
  }
}
