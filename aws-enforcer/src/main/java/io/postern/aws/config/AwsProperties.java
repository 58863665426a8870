package io.postern.aws.config;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import io.postern.aws.domain.Limits;
import io.postern.enforcement.AssessmentSettings;
import io.postern.enforcement.domain.DriftLimits;
import io.postern.enforcement.domain.Marks;
import io.postern.log.LogConnection;
import io.postern.model.InvalidValueException;
import io.postern.model.Scope;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of aws-enforcer.
 *
 * @param instance name of this instance, unique and the same after a restart, so that it takes up
 *     its work at once
 * @param resyncInterval how often everything is looked at without a reason
 * @param assessment how machines are found and assessed
 */
@ConfigurationProperties("postern")
public record AwsProperties(
    @Nullable String instance,
    LogConnection log,
    Aws aws,
    MarkKey marks,
    @DefaultValue("PT1M") Duration resyncInterval,
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

  /** Where credentials come from. */
  public enum Credentials {
    /** AWS's default chain: environment, profile, container or instance role. */
    DEFAULT_CHAIN,
    /** A fixed pair that means nothing, for a simulator on this host. */
    SIMULATOR
  }

  /** Request limits. */
  public enum RequestLimits {
    /** EC2's documented buckets. */
    DOCUMENTED,
    /** None: for a simulator without them. */
    NONE
  }

  /**
   * Accounts and regions, and how they are reached.
   *
   * @param endpoint where EC2 is; absent for AWS's own
   * @param scopes {@code account:region} or {@code aws:account:region}, at least one
   * @param credentials absent means the simulator's pair for an endpoint on this host, else the
   *     default chain
   * @param roleArnPattern role to assume in each account, {@code {account}} in it stands for the
   *     account; absent for none
   * @param externalId what the role's trust policy asks for
   * @param stsEndpoint where STS is; absent for the endpoint if there is one, else AWS's own
   * @param rulesPerGroup the account's quota of rules of a group
   * @param groupsPerInterface the account's quota of groups of a network interface
   * @param otherProtocols protocols that a lock-down keeps of a rule for all protocols, beside TCP,
   *     UDP and ICMP
   * @param requestLimits which request limits are kept beforehand
   */
  public record Aws(
      @Nullable URI endpoint,
      List<String> scopes,
      @Nullable Credentials credentials,
      @Nullable String roleArnPattern,
      @Nullable String externalId,
      @Nullable URI stsEndpoint,
      @DefaultValue("60") int rulesPerGroup,
      @DefaultValue("5") int groupsPerInterface,
      @DefaultValue({"47", "50", "51", "132"}) List<String> otherProtocols,
      @DefaultValue("documented") RequestLimits requestLimits) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

    public Aws {
      if (scopes == null || scopes.isEmpty()) {
        throw new IllegalArgumentException(
            "postern.aws.scopes must name at least one account:region");
      }
      if (credentials == Credentials.SIMULATOR && !isLoopback(endpoint)) {
        throw new IllegalArgumentException(
            "postern.aws.credentials is simulator, but postern.aws.endpoint is not on this host: "
                + endpoint);
      }
      if (rulesPerGroup < 1 || groupsPerInterface < 1) {
        throw new IllegalArgumentException(
            "postern.aws.rules-per-group and postern.aws.groups-per-interface must be positive");
      }
    }

    private static boolean isLoopback(@Nullable URI endpoint) {
      return endpoint != null
          && endpoint.getHost() != null
          && LOOPBACK.contains(endpoint.getHost());
    }

    /** Whether calls carry the simulator's pair. */
    boolean usesSimulatorCredentials() {
      return credentials == Credentials.SIMULATOR || (credentials == null && isLoopback(endpoint));
    }

    Set<Scope> parsedScopes() {
      Set<Scope> parsed = new LinkedHashSet<>();
      for (String text : scopes) {
        try {
          Scope scope = new Scope(text.startsWith("aws:") ? text : "aws:" + text);
          parsed.add(scope);
        } catch (InvalidValueException e) {
          throw new IllegalArgumentException(
              "postern.aws.scopes: "
                  + text
                  + " is not account:region, for example"
                  + " 123456789012:eu-west-1",
              e);
        }
      }
      return parsed;
    }

    Limits limits() {
      return new Limits(rulesPerGroup, groupsPerInterface, otherProtocols);
    }

    Optional<URI> optionalEndpoint() {
      return Optional.ofNullable(endpoint);
    }
  }

  /**
   * What authenticates the marks on our rules.
   *
   * @param key file of a symmetric JWK of at least 256 bits
   * @param installation name of this installation, in every mark
   */
  public record MarkKey(Path key, @DefaultValue("postern") String installation) {
    public MarkKey {
      if (key == null) {
        throw new IllegalArgumentException("postern.marks.key is not set");
      }
    }

    Marks read() {
      try {
        byte[] secret = OctetSequenceKey.parse(Files.readString(key)).toByteArray();
        return new Marks(installation, secret);
      } catch (IOException | ParseException | IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "postern.marks: cannot use the symmetric JWK in " + key + ": " + e.getMessage(), e);
      }
    }
  }

  public AwsProperties {
    if (log == null) {
      throw new IllegalArgumentException("postern.log is not set");
    }
    if (aws == null) {
      throw new IllegalArgumentException("postern.aws.scopes is not set");
    }
    if (marks == null) {
      throw new IllegalArgumentException("postern.marks.key is not set");
    }
    if (resyncInterval.isNegative() || resyncInterval.isZero()) {
      throw new IllegalArgumentException("postern.resync-interval must be longer than zero");
    }
  }
}
