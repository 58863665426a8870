package io.postern.expiry.config;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.postern.expiry.kafka.ExpiryService;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires expiry-service. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ExpiryServiceProperties.class)
public class ExpiryServiceConfiguration {

  @Bean(initMethod = "start", destroyMethod = "close")
  ExpiryService expiryService(
      ExpiryServiceProperties properties, ObjectProvider<MeterRegistry> registry) {
    return new ExpiryService(
        properties.log(),
        properties.settings(),
        Clock.systemUTC(),
        registry.getIfAvailable(() -> Metrics.globalRegistry));
  }
}
