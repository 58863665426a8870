package io.postern.azure.config;

import io.postern.azure.cloud.AzureAdapter;
import io.postern.azure.cloud.Sweeper;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the sweeper: Azure only, no log. */
@Configuration(proxyBeanMethods = false)
@Import(AzureCloudConfiguration.class)
public class AzureSweeperConfiguration {

  @Bean(initMethod = "start", destroyMethod = "close")
  Sweeper azureSweeper(AzureProperties properties, AzureAdapter adapter) {
    return new Sweeper(
        adapter, properties.azure().subscriptions(), properties.sweepInterval(), Clock.systemUTC());
  }
}
