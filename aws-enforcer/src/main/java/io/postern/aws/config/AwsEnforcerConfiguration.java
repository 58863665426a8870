package io.postern.aws.config;

import io.postern.aws.cloud.AwsCredentials;
import io.postern.aws.cloud.Ec2Adapter;
import io.postern.aws.cloud.Ec2Clients;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Step;
import io.postern.enforcement.WorkerSettings;
import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.kafka.Enforcer;
import io.postern.log.Topics;
import io.postern.model.Scope;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** Wires aws-enforcer. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AwsProperties.class)
public class AwsEnforcerConfiguration {
  private static final Logger LOGGER = LoggerFactory.getLogger(AwsEnforcerConfiguration.class);

  @Bean(destroyMethod = "close")
  Ec2Clients ec2Clients(AwsProperties properties) {
    return clients(properties.aws());
  }

  static Ec2Clients clients(AwsProperties.Aws aws) {
    return new Ec2Clients(aws.optionalEndpoint(), credentials(aws));
  }

  private static Function<Scope, AwsCredentialsProvider> credentials(AwsProperties.Aws aws) {
    AwsCredentialsProvider own;
    if (aws.usesSimulatorCredentials()) {
      LOGGER
          .atInfo()
          .addKeyValue("endpoint", aws.endpoint())
          .log("EC2 is on this host: calls carry the simulator's credentials");
      own = AwsCredentials.simulator();
    } else {
      LOGGER.atInfo().log("credentials come from AWS's default chain");
      own = AwsCredentials.defaultChain();
    }
    String role = aws.roleArnPattern();
    if (role == null || role.isBlank()) {
      return scope -> own;
    }
    URI sts = aws.stsEndpoint() == null ? aws.endpoint() : aws.stsEndpoint();
    return AwsCredentials.assuming(
        own, role, Optional.ofNullable(aws.externalId()), Optional.ofNullable(sts));
  }

  @Bean
  Ec2Adapter ec2Adapter(AwsProperties properties, Ec2Clients clients) {
    return new Ec2Adapter(
        clients,
        properties.marks().read(),
        properties.aws().limits(),
        properties.aws().requestLimits() == AwsProperties.RequestLimits.DOCUMENTED,
        properties.assessment().modeOrDefault());
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Enforcer<Observed, Step> awsEnforcer(AwsProperties properties, Ec2Adapter adapter) {
    return new Enforcer<>(
        Topics.AWS_ENFORCER,
        Optional.ofNullable(properties.instance()),
        properties.aws().parsedScopes(),
        adapter,
        properties.log(),
        Clock.systemUTC(),
        new WorkerSettings(
                properties.resyncInterval(),
                WorkerSettings.DEFAULT.parallelRuleSets(),
                Bounds.DEFAULT,
                properties.drift().limits())
            .with(properties.assessment()));
  }
}
