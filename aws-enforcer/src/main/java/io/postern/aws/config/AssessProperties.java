package io.postern.aws.config;

import io.postern.enforcement.AssessmentSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Configuration of one look at AWS: no log and no key. */
@ConfigurationProperties("postern")
public record AssessProperties(
    AwsProperties.Aws aws, @DefaultValue AssessmentSettings assessment, @DefaultValue Marks marks) {

  /**
   * How rules of ours are marked.
   *
   * @param installation name of this installation
   */
  public record Marks(@DefaultValue("postern") String installation) {}

  public AssessProperties {
    if (aws == null) {
      throw new IllegalArgumentException("postern.aws.scopes is not set");
    }
  }
}
