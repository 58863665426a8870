package io.postern.policy.config;

import io.postern.log.LogConnection;
import io.postern.policy.kafka.Producers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of policy-service.
 *
 * @param instance name of this instance, unique and the same after a restart
 * @param stateDirectory scratch space of the decision
 * @param adminGroups groups whose members may end anybody's grant
 * @param policyAdmins producers that may change policies
 * @param producers registered producers by name, and whom each may speak for
 */
@ConfigurationProperties("postern")
public record PolicyServiceProperties(
    LogConnection log,
    @DefaultValue("policy-service-0") String instance,
    @DefaultValue("data/policy-service") Path stateDirectory,
    @DefaultValue Bounds bounds,
    @DefaultValue("admins") Set<String> adminGroups,
    @DefaultValue("request-service") Set<String> policyAdmins,
    @DefaultValue Map<String, Producers.Mapping> producers) {

  /** Limits that no policy can widen. */
  public record Bounds(
      @DefaultValue("PT5M") Duration shortest,
      @DefaultValue("PT24H") Duration longest,
      @DefaultValue("PT10M") Duration oldestRequest,
      @DefaultValue("P5D") Duration latestStart) {}
}
