package io.postern.expiry.config;

import io.postern.expiry.kafka.ExpiryService;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires expiry-service. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ExpiryServiceProperties.class)
public class ExpiryServiceConfiguration {

  @Bean(initMethod = "start", destroyMethod = "close")
  ExpiryService expiryService(ExpiryServiceProperties properties) {
    return new ExpiryService(
        properties.log(), properties.replica(), properties.stagger(), Clock.systemUTC());
  }
}
