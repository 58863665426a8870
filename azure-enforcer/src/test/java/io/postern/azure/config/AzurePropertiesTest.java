package io.postern.azure.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.postern.azure.config.AzureProperties.Azure;
import io.postern.azure.config.AzureProperties.Credential;
import io.postern.azure.config.AzureProperties.Marking;
import io.postern.model.Scope;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AzurePropertiesTest {
  private static final String ID = "00000000-0000-0000-0000-000000000001";

  private static Azure azure(String endpoint, Credential credential, String... scopes) {
    return new Azure(
        URI.create(endpoint),
        List.of(scopes),
        credential,
        Duration.ofMinutes(1),
        Duration.ofMinutes(15),
        AzureProperties.RequestLimits.DOCUMENTED);
  }

  @Test
  void noCredentialIsOnlyForThisMachine() {
    for (String host : List.of("127.0.0.1", "localhost", "[::1]")) {
      azure("http://" + host + ":8090", Credential.SIMULATOR);
    }
    assertThatThrownBy(() -> azure("https://management.azure.com", Credential.SIMULATOR))
        .hasMessageContaining("postern.azure.credential=simulator is only for a simulator");
    assertThatThrownBy(() -> azure("http://127.0.0.1.evil.example", Credential.SIMULATOR))
        .hasMessageContaining("postern.azure.credential");
  }

  @Test
  void aTokenIsOnlySentOverHttps() {
    azure("https://management.azure.com", Credential.DEFAULT);
    assertThatThrownBy(() -> azure("http://management.azure.com", Credential.DEFAULT))
        .hasMessageContaining("postern.azure.endpoint must be https");
  }

  @Test
  void scopesAreSubscriptionsInBothSpellings() {
    Azure azure = azure("https://management.azure.com", Credential.DEFAULT, ID, "azure:" + ID);
    assertThat(azure.subscriptions()).containsExactly(Scope.azure(ID));
    assertThatThrownBy(
            () -> azure("https://management.azure.com", Credential.DEFAULT, "shop").subscriptions())
        .hasMessageStartingWith("postern.azure.scopes: ");
  }

  @Test
  void saysWhichKeyIsMissing() {
    assertThatThrownBy(() -> AzureCloudConfiguration.marks(new Marking(null, "postern")))
        .hasMessage("postern.marks.key is not set");
    assertThatThrownBy(
            () -> AzureCloudConfiguration.marks(new Marking(Path.of("no-such.jwk"), "postern")))
        .hasMessageStartingWith("postern.marks.key: cannot read");
  }
}
