package io.postern.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatesTest {
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

  @TempDir Path home;

  private Path issue(Instant now) {
    Path directory = home.resolve("service");
    Certificates.in(home.resolve("authority"), Clock.fixed(now, ZoneOffset.UTC))
        .issue("service", List.of("kafka", "127.0.0.1"), directory);
    return directory.resolve("tls.pem");
  }

  @Test
  void keepsACertificateUntilItsRenewalIsDue() throws IOException {
    String first = Files.readString(issue(NOW));
    assertThat(Files.readString(issue(NOW.plus(Duration.ofDays(300))))).isEqualTo(first);
    assertThat(Files.readString(issue(NOW.plus(Duration.ofDays(310))))).isNotEqualTo(first);
  }

  @Test
  void replacesWhatAnotherAuthorityHasSigned() throws IOException {
    String first = Files.readString(issue(NOW));
    Files.delete(home.resolve("authority/ca.pem"));
    Files.delete(home.resolve("authority/ca-key.pem"));
    assertThat(Files.readString(issue(NOW))).isNotEqualTo(first);
  }

  @Test
  void onlyItsOwnerReadsAKey() throws IOException {
    assertThat(Files.getPosixFilePermissions(issue(NOW)).toString())
        .doesNotContain("GROUP", "OTHERS");
    assertThat(Files.getPosixFilePermissions(home.resolve("authority/ca-key.pem")).toString())
        .doesNotContain("GROUP", "OTHERS");
  }
}
