package io.postern.azure;

import io.postern.azure.config.AzureEnforcerConfiguration;
import io.postern.azure.config.AzureSweeperConfiguration;
import java.util.List;
import org.springframework.boot.SpringApplication;

/** Starts azure-enforcer, or with {@code --sweep} the sweeper, which needs no log. */
public final class AzureEnforcerApplication {
  private AzureEnforcerApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", "azure-enforcer");
    SpringApplication application =
        new SpringApplication(
            List.of(args).contains("--sweep")
                ? AzureSweeperConfiguration.class
                : AzureEnforcerConfiguration.class);
    application.setKeepAlive(true);
    application.run(args);
  }
}
