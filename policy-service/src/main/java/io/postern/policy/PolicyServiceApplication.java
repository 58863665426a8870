package io.postern.policy;

import io.postern.policy.config.PolicyServiceConfiguration;
import org.springframework.boot.SpringApplication;

/** Starts policy-service. */
public final class PolicyServiceApplication {
  private PolicyServiceApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", "policy-service");
    SpringApplication.run(PolicyServiceConfiguration.class, args);
  }
}
