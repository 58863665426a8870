package io.postern.policy;

import io.postern.policy.config.PolicyServiceConfiguration;
import org.springframework.boot.SpringApplication;

/** Starts policy-service. */
public final class PolicyServiceApplication {
  private PolicyServiceApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", "policy-service");
    SpringApplication application = new SpringApplication(PolicyServiceConfiguration.class);
    // Every thread of the service is a daemon; without it the process would end at once.
    application.setKeepAlive(true);
    application.run(args);
  }
}
