package io.postern.aws.config;

import io.postern.aws.cloud.Ec2Clients;
import io.postern.aws.cloud.Ec2Sweeper;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the sweeper. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SweepProperties.class)
public class SweepConfiguration {

  @Bean(destroyMethod = "close")
  Ec2Clients ec2Clients(SweepProperties properties) {
    return AwsEnforcerConfiguration.clients(properties.aws());
  }

  @Bean
  Ec2Sweeper ec2Sweeper(SweepProperties properties, Ec2Clients clients) {
    return new Ec2Sweeper(
        clients, properties.aws().parsedScopes(), properties.marks().read(), Clock.systemUTC());
  }
}
