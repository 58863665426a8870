package io.postern.expiry.config;

import io.postern.log.LogConnection;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of expiry-service.
 *
 * @param replica this replica's number, from 0
 * @param stagger how long each further replica waits for the one before it
 */
@ConfigurationProperties("postern")
public record ExpiryServiceProperties(
    LogConnection log, @DefaultValue("0") int replica, @DefaultValue("PT0.5S") Duration stagger) {
  public ExpiryServiceProperties {
    if (replica < 0) {
      throw new IllegalArgumentException("postern.replica must not be negative: " + replica);
    }
  }
}
