package io.postern.aws.config;

import io.postern.aws.cloud.Ec2Adapter;
import io.postern.aws.cloud.Ec2Clients;
import io.postern.enforcement.assess.Assess;
import io.postern.enforcement.domain.Marks;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires one look at AWS: no log, no key, and nothing is written. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AssessProperties.class)
public class AssessConfiguration {

  @Bean(destroyMethod = "close")
  Ec2Clients ec2Clients(AssessProperties properties) {
    return AwsEnforcerConfiguration.clients(properties.aws());
  }

  @Bean
  Assess awsAssess(AssessProperties properties, Ec2Clients clients) {
    // Marks are only read, and whose grant a rule is for stands in it without the key.
    Marks marks = new Marks(properties.marks().installation(), new byte[32]);
    Ec2Adapter adapter =
        new Ec2Adapter(
            clients,
            marks,
            properties.aws().limits(),
            properties.aws().requestLimits() == AwsProperties.RequestLimits.DOCUMENTED,
            properties.assessment().modeOrDefault());
    return new Assess(adapter, () -> properties.aws().parsedScopes(), Clock.systemUTC());
  }
}
