package io.postern.policy.config;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.DefaultAzureCredentialBuilder;
import io.postern.policy.lookup.AwsPermissions;
import io.postern.policy.lookup.AzurePermissions;
import io.postern.policy.lookup.OutsideLookups;
import io.postern.policy.lookup.Principals;
import io.postern.policy.lookup.TicketSystem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** Makes what asks outside, as far as it is configured. */
final class LookupWiring {
  private LookupWiring() {}

  static OutsideLookups of(
      PolicyServiceProperties.Ticket ticket, PolicyServiceProperties.Permissions permissions) {
    PolicyServiceProperties.Azure azure = permissions.azure();
    PolicyServiceProperties.Aws aws = permissions.aws();
    boolean asks =
        azure.credential() != PolicyServiceProperties.Credential.NONE
            || aws.credential() != PolicyServiceProperties.Credential.NONE;
    String issuer = permissions.issuer() == null ? "" : permissions.issuer();
    if (asks && issuer.isBlank()) {
      throw new IllegalArgumentException(
          "postern.permissions.issuer is not set: whose subjects do the clouds know?");
    }
    return new OutsideLookups(
        tickets(ticket),
        azure(permissions),
        new Principals(issuer, azure.principals(), Optional.ofNullable(azure.principal())),
        aws(permissions),
        new Principals(issuer, aws.principals(), Optional.ofNullable(aws.principal())));
  }

  private static @Nullable TicketSystem tickets(PolicyServiceProperties.Ticket ticket) {
    return ticket.url() == null
        ? null
        : new TicketSystem(
            new TicketSystem.Settings(
                ticket.url(),
                Optional.ofNullable(ticket.statePointer()),
                ticket.openStates(),
                Optional.ofNullable(ticket.authorizationFile()),
                ticket.timeout()));
  }

  private static @Nullable AzurePermissions azure(PolicyServiceProperties.Permissions p) {
    AzurePermissions.Settings settings =
        new AzurePermissions.Settings(p.azure().endpoint(), p.azure().actions(), p.timeout());
    return switch (p.azure().credential()) {
      case NONE -> null;
      case SIMULATOR -> {
        requireLoopback("postern.permissions.azure.endpoint", p.azure().endpoint());
        yield new AzurePermissions(
            settings, () -> Map.of("x-ms-simulator-principal", "policy-service"));
      }
      case DEFAULT ->
          new AzurePermissions(settings, bearer(p.azure().endpoint(), azureOfTheHost()));
    };
  }

  /** Environment, workload identity, managed identity and so on; asked when a token is needed. */
  static TokenCredential azureOfTheHost() {
    return new DefaultAzureCredentialBuilder().build();
  }

  /** A token of the credential for the management API at an endpoint, as a header. */
  static AzurePermissions.Credential bearer(URI endpoint, TokenCredential credential) {
    String base = endpoint.toString();
    TokenRequestContext wanted =
        new TokenRequestContext()
            .addScopes(base.endsWith("/") ? base + ".default" : base + "/.default");
    return () -> {
      try {
        return Map.of("Authorization", "Bearer " + credential.getTokenSync(wanted).getToken());
      } catch (RuntimeException e) {
        throw new IOException("no token: " + e.getMessage(), e);
      }
    };
  }

  private static @Nullable AwsPermissions aws(PolicyServiceProperties.Permissions p) {
    Optional<URI> endpoint = Optional.ofNullable(p.aws().endpoint());
    AwsPermissions.Settings settings =
        new AwsPermissions.Settings(endpoint, p.aws().actions(), p.timeout());
    AwsCredentialsProvider credentials = awsCredentials(p.aws().credential(), endpoint);
    return credentials == null ? null : new AwsPermissions(settings, credentials);
  }

  /** Whoever we are to IAM; null where it is not asked. */
  static @Nullable AwsCredentialsProvider awsCredentials(
      PolicyServiceProperties.Credential credential, Optional<URI> endpoint) {
    return switch (credential) {
      case NONE -> null;
      case DEFAULT -> DefaultCredentialsProvider.builder().build();
      case SIMULATOR -> {
        requireLoopback(
            "postern.permissions.aws.endpoint",
            endpoint.orElse(URI.create("https://iam.amazonaws.com")));
        yield StaticCredentialsProvider.create(
            AwsBasicCredentials.create("simulator", "simulator"));
      }
    };
  }

  private static void requireLoopback(String property, URI endpoint) {
    try {
      if (InetAddress.getByName(endpoint.getHost()).isLoopbackAddress()) {
        return;
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(property + ": " + endpoint + " is not known", e);
    }
    throw new IllegalArgumentException(
        property + ": the simulator's credential goes to this machine only, not to " + endpoint);
  }
}
