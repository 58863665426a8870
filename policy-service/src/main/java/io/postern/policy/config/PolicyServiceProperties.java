package io.postern.policy.config;

import io.postern.log.LogConnection;
import io.postern.policy.kafka.Producers;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
 * @param subjectsIssuer whose subjects policies name where they do not say; anybody's of that name
 *     when it is not set
 * @param ticket where tickets are looked up; nowhere when it has no url
 * @param permissions how the clouds are asked who may; not at all when nothing is set
 */
@ConfigurationProperties("postern")
public record PolicyServiceProperties(
    LogConnection log,
    @DefaultValue("policy-service-0") String instance,
    @DefaultValue("data/policy-service") Path stateDirectory,
    @DefaultValue Bounds bounds,
    @DefaultValue("admins") Set<String> adminGroups,
    @DefaultValue("request-service") Set<String> policyAdmins,
    @DefaultValue Map<String, Producers.Mapping> producers,
    @Nullable String subjectsIssuer,
    @DefaultValue Ticket ticket,
    @DefaultValue Permissions permissions) {

  /**
   * A ticket system that answers a GET.
   *
   * @param url where a ticket is, with <code>{ticket}</code> in its path or query
   * @param statePointer JSON Pointer to the ticket's state in the answer; without it an answer is
   *     enough
   * @param openStates states in which a ticket counts
   * @param authorizationFile file of what the header Authorization says
   * @param timeout longest time of one call
   */
  public record Ticket(
      @Nullable String url,
      @Nullable String statePointer,
      @DefaultValue Set<String> openStates,
      @Nullable Path authorizationFile,
      @DefaultValue("PT2S") Duration timeout) {}

  /**
   * The clouds' own word on who may, as a second key.
   *
   * @param issuer whose subjects are known to the clouds; required where a cloud is asked
   * @param timeout longest time of one call
   */
  public record Permissions(
      @Nullable String issuer,
      @DefaultValue Azure azure,
      @DefaultValue Aws aws,
      @DefaultValue("PT3S") Duration timeout) {}

  /** Who we are to a cloud. */
  public enum Credential {
    /** The cloud is not asked. */
    NONE,
    /** Whatever the host offers. */
    DEFAULT,
    /** None: for a simulator on this machine. */
    SIMULATOR
  }

  /**
   * Azure's roles.
   *
   * @param principals object ids by subject
   * @param principal object id of everybody else, for example <code>{subject}</code>
   * @param actions what a requestor must be allowed to do at the machine
   */
  public record Azure(
      @DefaultValue("NONE") Credential credential,
      @DefaultValue("https://management.azure.com") URI endpoint,
      @DefaultValue Map<String, String> principals,
      @Nullable String principal,
      @DefaultValue({
            "Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action",
            "Microsoft.Compute/virtualMachines/read"
          })
          List<String> actions) {}

  /**
   * IAM's SimulatePrincipalPolicy.
   *
   * @param endpoint where IAM is; AWS's own when left out
   * @param principals ARNs by subject
   * @param principal ARN of everybody else, with <code>{account}</code> and <code>{subject}</code>
   * @param actions what a requestor must be allowed to do with the machine
   */
  public record Aws(
      @DefaultValue("NONE") Credential credential,
      @Nullable URI endpoint,
      @DefaultValue Map<String, String> principals,
      @Nullable String principal,
      @DefaultValue("ec2-instance-connect:SendSSHPublicKey") List<String> actions) {}

  /** Limits that no policy can widen. */
  public record Bounds(
      @DefaultValue("PT5M") Duration shortest,
      @DefaultValue("PT24H") Duration longest,
      @DefaultValue("PT10M") Duration oldestRequest,
      @DefaultValue("P5D") Duration latestStart) {}
}
