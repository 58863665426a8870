package io.postern.aws;

import io.postern.aws.config.AwsEnforcerConfiguration;
import org.springframework.boot.SpringApplication;

/** Starts aws-enforcer. */
public final class AwsEnforcerApplication {
  private AwsEnforcerApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", "aws-enforcer");
    SpringApplication.run(AwsEnforcerConfiguration.class, args);
  }
}
