package io.postern.azure.config;

import com.azure.core.http.HttpPipeline;
import com.nimbusds.jose.jwk.JWK;
import io.postern.azure.cloud.ArmPipeline;
import io.postern.azure.cloud.AzureAdapter;
import io.postern.azure.cloud.Observation;
import io.postern.azure.domain.NsgStep;
import io.postern.enforcement.WorkerSettings;
import io.postern.enforcement.domain.Bounds;
import io.postern.enforcement.domain.Marks;
import io.postern.enforcement.kafka.Enforcer;
import io.postern.log.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires azure-enforcer. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AzureProperties.class)
public class AzureEnforcerConfiguration {

  @Bean
  AzureAdapter azureAdapter(AzureProperties properties) {
    AzureProperties.Azure azure = properties.azure();
    Clock clock = Clock.systemUTC();
    HttpPipeline pipeline =
        switch (azure.credential()) {
          case DEFAULT -> ArmPipeline.authenticated(azure.endpoint(), clock);
          case SIMULATOR -> ArmPipeline.unauthenticated(clock);
        };
    return new AzureAdapter(
        pipeline,
        azure.endpoint(),
        marks(properties.marks()),
        clock,
        new AzureAdapter.Waiting(properties.pollInterval(), azure.operationTimeout()));
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Enforcer<Observation, NsgStep> enforcer(AzureProperties properties, AzureAdapter adapter) {
    return new Enforcer<>(
        Topics.AZURE_ENFORCER,
        properties.azure().subscriptions(),
        adapter,
        properties.log(),
        Clock.systemUTC(),
        new WorkerSettings(
            properties.resyncInterval(),
            WorkerSettings.DEFAULT.parallelRuleSets(),
            Bounds.DEFAULT));
  }

  static Marks marks(AzureProperties.Marking marking) {
    Path file = marking.key();
    if (file == null) {
      throw new IllegalArgumentException("postern.marks.key is not set");
    }
    try {
      byte[] key = JWK.parse(Files.readString(file)).toOctetSequenceKey().toByteArray();
      return new Marks(marking.installation(), key);
    } catch (IOException | ParseException | ClassCastException e) {
      throw new IllegalArgumentException(
          "postern.marks.key: cannot read a symmetric JWK from " + file + ": " + e.getMessage(), e);
    }
  }
}
