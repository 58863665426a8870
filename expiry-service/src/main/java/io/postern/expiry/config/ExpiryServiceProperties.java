package io.postern.expiry.config;

import io.postern.expiry.kafka.ExpirySettings;
import io.postern.log.LogConnection;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of expiry-service.
 *
 * @param replica this replica's number, from 0
 * @param stagger how long each further replica waits for the one before it
 * @param clockStep a step of the host's clock beyond which the broker's is asked
 * @param clockTolerance a difference between host's and broker's clock beyond which it is an alarm
 * @param spill directory for a cache of the log; the system's directory for temporary files if left
 *     out
 */
@ConfigurationProperties("postern")
public record ExpiryServiceProperties(
    LogConnection log,
    @DefaultValue("0") int replica,
    @DefaultValue("PT0.5S") Duration stagger,
    @DefaultValue("PT0.05S") Duration clockStep,
    @DefaultValue("PT1S") Duration clockTolerance,
    @Nullable Path spill) {
  public ExpiryServiceProperties {
    if (replica < 0) {
      throw new IllegalArgumentException("postern.replica must not be negative: " + replica);
    }
    positive("stagger", stagger);
    positive("clock-step", clockStep);
    positive("clock-tolerance", clockTolerance);
  }

  private static void positive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException("postern." + name + " must be positive: " + value);
    }
  }

  ExpirySettings settings() {
    return new ExpirySettings(
        replica,
        stagger,
        clockStep,
        clockTolerance,
        spill == null ? Path.of(System.getProperty("java.io.tmpdir", "/tmp")) : spill);
  }
}
