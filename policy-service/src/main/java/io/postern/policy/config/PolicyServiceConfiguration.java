package io.postern.policy.config;

import io.postern.log.Topics;
import io.postern.policy.domain.OperatorBounds;
import io.postern.policy.kafka.PolicyService;
import io.postern.policy.kafka.Producers;
import io.postern.policy.lookup.OutsideLookups;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires policy-service. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PolicyServiceProperties.class)
public class PolicyServiceConfiguration {

  @Bean(destroyMethod = "close")
  OutsideLookups outsideLookups(PolicyServiceProperties properties) {
    return LookupWiring.of(properties.ticket(), properties.permissions());
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  PolicyService policyService(PolicyServiceProperties properties, OutsideLookups lookups) {
    Map<String, Producers.Mapping> producers = new HashMap<>(properties.producers());
    // request-service has checked the person's token itself.
    producers.putIfAbsent(Topics.REQUEST_SERVICE, Producers.Mapping.ANYBODY);
    PolicyServiceProperties.Bounds bounds = properties.bounds();
    return new PolicyService(
        properties.log(),
        new Producers(producers),
        new PolicyService.Settings(
            properties.instance(),
            properties.stateDirectory(),
            new OperatorBounds(
                bounds.shortest(), bounds.longest(), bounds.oldestRequest(), bounds.latestStart()),
            properties.adminGroups(),
            properties.policyAdmins(),
            Optional.ofNullable(properties.subjectsIssuer()).filter(i -> !i.isBlank())),
        lookups,
        Clock.systemUTC());
  }
}
