package io.postern.request.config;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.postern.request.defender.ArmDiscoveryController;
import io.postern.request.defender.ArmErrorAdvice;
import io.postern.request.defender.DefenderController;
import io.postern.request.defender.JitPolicies;
import io.postern.request.defender.JitRequests;
import io.postern.request.kafka.RequestLog;
import io.postern.request.pages.AddressPages;
import io.postern.request.pages.ApprovalPages;
import io.postern.request.pages.AskPages;
import io.postern.request.pages.EveryPage;
import io.postern.request.pages.MachinePages;
import io.postern.request.pages.MissingPage;
import io.postern.request.pages.OpenPages;
import io.postern.request.pages.PageErrors;
import io.postern.request.pages.PolicyPages;
import io.postern.request.pages.RecordPages;
import io.postern.request.pages.RequestPages;
import io.postern.request.pages.SignInPages;
import io.postern.request.pages.Visitor;
import io.postern.request.sql.SqlStore;
import io.postern.request.web.AddressLinkController;
import io.postern.request.web.AddressLinks;
import io.postern.request.web.AsOfHeader;
import io.postern.request.web.BodyLimit;
import io.postern.request.web.BreakGlassController;
import io.postern.request.web.Caller;
import io.postern.request.web.EventController;
import io.postern.request.web.EventStreams;
import io.postern.request.web.GrantController;
import io.postern.request.web.MachineController;
import io.postern.request.web.Policies;
import io.postern.request.web.PolicyController;
import io.postern.request.web.ProblemAdvice;
import io.postern.request.web.RateLimit;
import io.postern.request.web.RequestController;
import io.postern.request.web.Submissions;
import io.postern.request.web.TraceFilter;
import io.postern.request.web.WhoamiController;
import io.postern.request.web.Wishes;
import java.io.IOException;
import java.text.ParseException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/** Wires request-service. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(RequestServiceProperties.class)
@Import({
  AsOfHeader.class,
  BodyLimit.class,
  AddressLinkController.class,
  AddressLinks.class,
  AddressPages.class,
  ApprovalPages.class,
  AskPages.class,
  EveryPage.class,
  MachinePages.class,
  MissingPage.class,
  OpenPages.class,
  PageErrors.class,
  PolicyPages.class,
  RecordPages.class,
  RequestPages.class,
  SignInPages.class,
  Visitor.class,
  OpenApiConfiguration.class,
  SecurityConfiguration.class,
  Submissions.class,
  BreakGlassController.class,
  Caller.class,
  ArmDiscoveryController.class,
  ArmErrorAdvice.class,
  DefenderController.class,
  EventController.class,
  EventStreams.class,
  JitPolicies.class,
  JitRequests.class,
  Policies.class,
  ProblemAdvice.class,
  RateLimit.class,
  RequestController.class,
  TraceFilter.class,
  GrantController.class,
  PolicyController.class,
  MachineController.class,
  WhoamiController.class,
  Wishes.class
})
public class RequestServiceConfiguration {
  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  RequestLog requestLog(RequestServiceProperties properties, SqlStore store, Clock clock) {
    return new RequestLog(properties.log(), store.reader(), store.writer(), clock);
  }

  @Bean
  SqlStore readModel(RequestServiceProperties properties, DataSource source) {
    return SqlStore.in(source, properties.readModel().rebuild());
  }

  @Bean(destroyMethod = "close")
  ReadModelMetrics readModelMetrics(SqlStore store, Clock clock) {
    return new ReadModelMetrics(store, clock);
  }

  @Bean
  ReadinessCheck logReadiness(RequestLog log) {
    return new ReadinessCheck("read model", log::isReady);
  }

  /** Part of the readiness group: down while anything is not ready. */
  @Bean
  HealthIndicator postern(ObjectProvider<ReadinessCheck> checks) {
    return () -> {
      List<String> waiting =
          checks.stream()
              .filter(c -> !c.isReady().getAsBoolean())
              .map(ReadinessCheck::name)
              .toList();
      return waiting.isEmpty()
          ? Health.up().build()
          : Health.outOfService().withDetail("waitingFor", waiting).build();
    };
  }

  @Bean
  @ConditionalOnProperty("postern.issuer-keys")
  JwtDecoder fileKeysDecoder(RequestServiceProperties properties)
      throws IOException, ParseException {
    JWKSet keys = JWKSet.load(Objects.requireNonNull(properties.issuerKeys()).toFile());
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            Set.of(JWSAlgorithm.ES256, JWSAlgorithm.RS256), new ImmutableJWKSet<>(keys)));
    // Times and issuer are checked by the validator below.
    processor.setJWTClaimsSetVerifier((claims, context) -> {});
    NimbusJwtDecoder decoder = new NimbusJwtDecoder(processor);
    decoder.setJwtValidator(
        properties.issuer() == null
            ? JwtValidators.createDefault()
            : JwtValidators.createDefaultWithIssuer(properties.issuer()));
    return decoder;
  }
}
