package io.postern.azure.config;

import io.postern.enforcement.AssessmentSettings;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.log.LogConnection;
import io.postern.model.Scope;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of azure-enforcer.
 *
 * @param instance name of this instance, unique and the same after a restart, so that it takes up
 *     its work at once
 * @param resyncInterval how often everything is looked at without a reason
 * @param log the log; not needed to sweep
 * @param pollInterval first pause between two looks at a running operation of Azure's
 * @param sweepInterval how often a sweeper looks for overdue rules
 * @param assessment how machines are found and assessed
 */
@ConfigurationProperties("postern")
public record AzureProperties(
    @Nullable String instance,
    @Nullable LogConnection log,
    @DefaultValue Azure azure,
    @DefaultValue Marking marks,
    @DefaultValue("PT1M") Duration resyncInterval,
    @DefaultValue("PT0.5S") Duration pollInterval,
    @DefaultValue("PT3S") Duration sweepInterval,
    @DefaultValue Drift drift,
    @DefaultValue AssessmentSettings assessment) {

  /**
   * What is done when others change what we wrote. Closing is repeated for ever.
   *
   * @param reopenings how often a live grant is opened again that others closed; 0 for never
   * @param within the time in which these are counted
   */
  public record Drift(@DefaultValue("3") int reopenings, @DefaultValue("PT10M") Duration within) {
    public Drift {
      if (reopenings < 0) {
        throw new IllegalArgumentException("postern.drift.reopenings must not be negative");
      }
      if (within.isNegative() || within.isZero()) {
        throw new IllegalArgumentException("postern.drift.within must be longer than zero");
      }
    }

    DriftLimits limits() {
      return new DriftLimits(reopenings, within);
    }
  }

  /** Who the enforcer is to Azure. */
  public enum Credential {
    /** Whatever identity the host offers, as Microsoft's DefaultAzureCredential finds it. */
    DEFAULT,
    /** None: for a simulator on this machine. */
    SIMULATOR
  }

  /** Request limits. */
  public enum RequestLimits {
    /** Those that Azure documents, per subscription. */
    DOCUMENTED,
    /** None: for a simulator without them. */
    NONE
  }

  /**
   * The cloud, and who we are to it.
   *
   * @param endpoint base URL of Azure Resource Manager
   * @param scopes subscription ids, with or without {@code azure:}
   * @param requestLimits which request limits are kept beforehand
   * @param operationTimeout how long an operation is waited for before the group is read again
   * @param firewallTimeout likewise for an Azure Firewall, whose operations take minutes
   */
  public record Azure(
      @DefaultValue("https://management.azure.com") URI endpoint,
      @DefaultValue List<String> scopes,
      @DefaultValue("default") Credential credential,
      @DefaultValue("PT1M") Duration operationTimeout,
      @DefaultValue("PT15M") Duration firewallTimeout,
      @DefaultValue("documented") RequestLimits requestLimits) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    public Azure {
      scopes = List.copyOf(scopes);
      String host = endpoint.getHost();
      if (host == null) {
        throw new IllegalArgumentException(
            "postern.azure.endpoint must be a URL with a host: " + endpoint);
      }
      if (credential == Credential.SIMULATOR && !LOOPBACK.contains(host)) {
        throw new IllegalArgumentException(
            "postern.azure.credential=simulator is only for a simulator on this machine, but"
                + " postern.azure.endpoint is "
                + endpoint);
      }
      if (credential == Credential.DEFAULT && !"https".equalsIgnoreCase(endpoint.getScheme())) {
        throw new IllegalArgumentException(
            "postern.azure.endpoint must be https, or the token could be read on its way: "
                + endpoint);
      }
    }

    /** The subscriptions that this enforcer looks after. */
    public Set<Scope> subscriptions() {
      Set<Scope> found = new LinkedHashSet<>();
      for (String scope : scopes) {
        try {
          found.add(scope.startsWith("azure:") ? new Scope(scope) : Scope.azure(scope.strip()));
        } catch (io.postern.model.InvalidValueException e) {
          throw new IllegalArgumentException("postern.azure.scopes: " + e.getMessage(), e);
        }
      }
      return found;
    }
  }

  /**
   * How rules of ours are marked.
   *
   * @param key file of the symmetric JWK that authenticates the marks in the cloud
   * @param installation name of this installation in the marks
   */
  public record Marking(@Nullable Path key, @DefaultValue("postern") String installation) {}

  public AzureProperties {
    if (!resyncInterval.isPositive()) {
      throw new IllegalArgumentException(
          "postern.resync-interval must be longer than zero: " + resyncInterval);
    }
    if (!pollInterval.isPositive()) {
      throw new IllegalArgumentException(
          "postern.poll-interval must be longer than zero: " + pollInterval);
    }
    if (!sweepInterval.isPositive()) {
      throw new IllegalArgumentException(
          "postern.sweep-interval must be longer than zero: " + sweepInterval);
    }
  }

  LogConnection requiredLog() {
    if (log == null) {
      throw new IllegalArgumentException("postern.log is not set");
    }
    return log;
  }
}
