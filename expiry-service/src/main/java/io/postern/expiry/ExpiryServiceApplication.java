package io.postern.expiry;

import io.postern.expiry.config.ExpiryServiceConfiguration;
import org.springframework.boot.SpringApplication;

/** Starts expiry-service. */
public final class ExpiryServiceApplication {
  private ExpiryServiceApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", "expiry-service");
    SpringApplication application = new SpringApplication(ExpiryServiceConfiguration.class);
    // Every thread of the service is a daemon; without it the process would end at once.
    application.setKeepAlive(true);
    application.run(args);
  }
}
