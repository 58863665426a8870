package io.postern.azure.config;

import io.postern.azure.cloud.AzureAdapter;
import io.postern.enforcement.assess.Assess;
import io.postern.enforcement.domain.Marks;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires one look at Azure: no log, no key, and nothing is written. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AzureProperties.class)
public class AzureAssessConfiguration {

  @Bean
  Assess azureAssess(AzureProperties properties) {
    // Marks are only read, and whose grant a rule is for stands in it without the key.
    Marks marks = new Marks(properties.marks().installation(), new byte[32]);
    AzureAdapter adapter = AzureCloudConfiguration.adapter(properties, marks);
    return new Assess(adapter, () -> properties.azure().subscriptions(), Clock.systemUTC());
  }
}
