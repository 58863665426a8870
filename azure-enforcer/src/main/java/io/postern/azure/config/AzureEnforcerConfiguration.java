package io.postern.azure.config;

import io.postern.azure.cloud.AzureAdapter;
import io.postern.azure.cloud.Observation;
import io.postern.azure.domain.AzureStep;
import io.postern.enforcement.WorkerSettings;
import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.kafka.Enforcer;
import io.postern.log.Topics;
import java.time.Clock;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires azure-enforcer. */
@Configuration(proxyBeanMethods = false)
@Import(AzureCloudConfiguration.class)
public class AzureEnforcerConfiguration {

  @Bean(initMethod = "start", destroyMethod = "close")
  Enforcer<Observation, AzureStep> enforcer(AzureProperties properties, AzureAdapter adapter) {
    return new Enforcer<>(
        Topics.AZURE_ENFORCER,
        Optional.ofNullable(properties.instance()),
        properties.azure().subscriptions(),
        adapter,
        properties.requiredLog(),
        Clock.systemUTC(),
        new WorkerSettings(
                properties.resyncInterval(),
                WorkerSettings.DEFAULT.parallelRuleSets(),
                Bounds.DEFAULT,
                properties.drift().limits())
            .with(properties.assessment()));
  }
}
