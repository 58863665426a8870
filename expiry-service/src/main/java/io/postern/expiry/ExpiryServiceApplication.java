package io.postern.expiry;

import io.postern.expiry.config.ExpiryServiceConfiguration;
import io.postern.expiry.kafka.ExpiryService;
import io.postern.hosting.ServiceProcess;
import io.postern.log.Topics;

/** Starts expiry-service. */
public final class ExpiryServiceApplication {
  private ExpiryServiceApplication() {}

  public static void main(String[] args) {
    new ServiceProcess(
            Topics.EXPIRY_SERVICE,
            ExpiryServiceConfiguration.class,
            context -> context.getBean(ExpiryService.class)::isReady)
        .run(args);
  }
}
