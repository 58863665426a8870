package io.postern.azure;

import io.postern.azure.config.AzureEnforcerConfiguration;
import org.springframework.boot.SpringApplication;

/** Starts azure-enforcer. */
public final class AzureEnforcerApplication {
  private AzureEnforcerApplication() {}

  public static void main(String[] args) {
    System.setProperty("spring.config.name", "azure-enforcer");
    SpringApplication.run(AzureEnforcerConfiguration.class, args);
  }
}
