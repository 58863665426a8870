package io.postern.policy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.azure.core.credential.AccessToken;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.DefaultAzureCredential;
import io.postern.model.Cloud;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.Requestor;
import io.postern.policy.config.PolicyServiceProperties.Credential;
import io.postern.policy.domain.Finding;
import io.postern.policy.lookup.AzurePermissions;
import io.postern.policy.lookup.OutsideLookups;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/** Who we are to the clouds, as it is configured; nobody is called. */
class LookupWiringTest {
  private static final PolicyServiceProperties.Ticket NO_TICKET =
      new PolicyServiceProperties.Ticket(null, null, Set.of(), null, Duration.ofSeconds(1));
  private static final URI MANAGEMENT = URI.create("https://management.azure.com");

  private static PolicyServiceProperties.Permissions permissions(
      @Nullable String issuer, Credential azure, URI azureEndpoint, Credential aws) {
    return new PolicyServiceProperties.Permissions(
        issuer,
        new PolicyServiceProperties.Azure(
            azure, azureEndpoint, Map.of(), "{subject}", List.of("Some/read")),
        new PolicyServiceProperties.Aws(
            aws, azureEndpoint, Map.of(), "arn:aws:iam::{account}:user/{subject}", List.of("a:B")),
        Duration.ofSeconds(1));
  }

  @Test
  void theHostsOwnCredentialIsAskedForAToken() {
    assertThat(LookupWiring.azureOfTheHost()).isInstanceOf(DefaultAzureCredential.class);
    assertThat(LookupWiring.awsCredentials(Credential.DEFAULT, Optional.empty()))
        .isInstanceOf(DefaultCredentialsProvider.class);
    assertThat(LookupWiring.awsCredentials(Credential.NONE, Optional.empty())).isNull();
  }

  @Test
  void wiringTheHostsCredentialsConnectsToNobody() throws Exception {
    try (ServerSocket cloud = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      cloud.setSoTimeout(1);
      URI endpoint = URI.create("http://127.0.0.1:" + cloud.getLocalPort());
      OutsideLookups lookups =
          LookupWiring.of(
              NO_TICKET,
              permissions("https://issuer", Credential.DEFAULT, endpoint, Credential.DEFAULT));
      try (lookups) {
        assertThat(lookups).isNotNull();
      }
      assertThatIOException().isThrownBy(cloud::accept).withMessageContaining("timed out");
    }
  }

  @Test
  void theTokenIsForTheManagementApiAtTheEndpoint() throws Exception {
    List<String> scopes = new ArrayList<>();
    for (String base : List.of("https://management.azure.com", "https://management.azure.com/")) {
      AzurePermissions.Credential credential =
          LookupWiring.bearer(
              URI.create(base),
              (TokenRequestContext wanted) -> {
                scopes.addAll(wanted.getScopes());
                return Mono.just(new AccessToken("secret", OffsetDateTime.now().plusHours(1)));
              });
      assertThat(credential.headers()).containsEntry("Authorization", "Bearer secret");
    }
    assertThat(scopes)
        .containsExactly(
            "https://management.azure.com/.default", "https://management.azure.com/.default");
  }

  @Test
  void noTokenIsAnErrorThatTheLookupUnderstands() {
    AzurePermissions.Credential credential =
        LookupWiring.bearer(
            MANAGEMENT, wanted -> Mono.error(new IllegalStateException("nobody is signed in")));
    assertThatIOException()
        .isThrownBy(credential::headers)
        .withMessageContaining("nobody is signed in");
  }

  @Test
  void cloudsAreNotAskedWithoutAnIssuer() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LookupWiring.of(
                    NO_TICKET, permissions(null, Credential.DEFAULT, MANAGEMENT, Credential.NONE)))
        .withMessageContaining("postern.permissions.issuer");
  }

  @Test
  void theSimulatorsCredentialLeavesThisMachineForNobody() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LookupWiring.of(
                    NO_TICKET,
                    permissions(
                        "https://issuer",
                        Credential.SIMULATOR,
                        URI.create("https://192.0.2.1"),
                        Credential.NONE)))
        .withMessageContaining("postern.permissions.azure.endpoint");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LookupWiring.awsCredentials(
                    Credential.SIMULATOR, Optional.of(URI.create("https://192.0.2.1"))))
        .withMessageContaining("postern.permissions.aws.endpoint");
  }

  @Test
  void aCloudThatIsNotConfiguredIsUnavailable() {
    try (OutsideLookups lookups =
        LookupWiring.of(
            NO_TICKET, permissions(null, Credential.NONE, MANAGEMENT, Credential.NONE))) {
      MachineId machine =
          new MachineId("arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890");
      assertThat(machine.cloud()).isEqualTo(Cloud.AWS);
      assertThat(
              lookups
                  .cloudPermission(
                      new Requestor("alice", "https://issuer", Set.of()),
                      MachineFacts.unseen(machine))
                  .result())
          .isEqualTo(Finding.Result.UNAVAILABLE);
    }
  }
}
