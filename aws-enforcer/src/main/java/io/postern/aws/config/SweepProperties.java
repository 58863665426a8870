package io.postern.aws.config;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of the sweeper: no log.
 *
 * @param sweepInterval pause between two sweeps; zero sweeps once
 */
@ConfigurationProperties("postern")
public record SweepProperties(
    AwsProperties.Aws aws,
    AwsProperties.MarkKey marks,
    @DefaultValue("PT30S") Duration sweepInterval) {
  public SweepProperties {
    if (aws == null) {
      throw new IllegalArgumentException("postern.aws.scopes is not set");
    }
    if (marks == null) {
      throw new IllegalArgumentException("postern.marks.key is not set");
    }
  }
}
