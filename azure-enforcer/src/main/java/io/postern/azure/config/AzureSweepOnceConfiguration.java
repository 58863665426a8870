package io.postern.azure.config;

import io.postern.azure.cloud.AzureAdapter;
import io.postern.azure.cloud.Sweeper;
import java.time.Clock;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires a sweeper that does nothing by itself. */
@Configuration(proxyBeanMethods = false)
@Import(AzureCloudConfiguration.class)
public class AzureSweepOnceConfiguration {

  @Bean
  Sweeper azureSweeper(AzureProperties properties, AzureAdapter adapter) {
    return new Sweeper(adapter, Set.of(), properties.sweepInterval(), Clock.systemUTC());
  }
}
