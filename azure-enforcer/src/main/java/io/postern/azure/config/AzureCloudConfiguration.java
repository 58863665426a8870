package io.postern.azure.config;

import com.azure.core.http.HttpPipeline;
import com.nimbusds.jose.jwk.JWK;
import io.postern.azure.cloud.ArmPipeline;
import io.postern.azure.cloud.AzureAdapter;
import io.postern.enforcement.domain.Marks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the way to Azure, which the enforcer and the sweeper share. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AzureProperties.class)
class AzureCloudConfiguration {

  @Bean
  AzureAdapter azureAdapter(AzureProperties properties) {
    return adapter(properties, marks(properties.marks()));
  }

  static AzureAdapter adapter(AzureProperties properties, Marks marks) {
    AzureProperties.Azure azure = properties.azure();
    Clock clock = Clock.systemUTC();
    boolean paced = azure.requestLimits() == AzureProperties.RequestLimits.DOCUMENTED;
    HttpPipeline pipeline =
        switch (azure.credential()) {
          case DEFAULT -> ArmPipeline.authenticated(azure.endpoint(), clock, paced);
          case SIMULATOR -> ArmPipeline.unauthenticated(clock, paced);
        };
    return new AzureAdapter(
        pipeline,
        azure.endpoint(),
        marks,
        clock,
        new AzureAdapter.Waiting(
            properties.pollInterval(), azure.operationTimeout(), azure.firewallTimeout()),
        properties.assessment().modeOrDefault());
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
