package io.postern.request.defender;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArmLoginTest {
  @ParameterizedTest
  @CsvSource({
    "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0,"
        + "https://login.microsoftonline.com,72f988bf-86f1-41af-91ab-2d7cd011db47,AAD",
    "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/,"
        + "https://login.microsoftonline.com,72f988bf-86f1-41af-91ab-2d7cd011db47,AAD",
    "https://adfs.example.org/adfs/services/trust,https://adfs.example.org/adfs,adfs,ADFS",
    "https://127.0.0.1:8443/adfs,https://127.0.0.1:8443/adfs,adfs,ADFS",
    "https://sso.example.org/realms/postern,https://sso.example.org/realms/postern,common,AAD"
  })
  void isReadOffTheIssuer(String issuer, String endpoint, String tenant, String provider) {
    ArmLogin login = ArmLogin.of(URI.create(issuer));
    assertThat(login).isEqualTo(new ArmLogin(endpoint, tenant));
    assertThat(login.identityProvider()).isEqualTo(provider);
  }

  @Test
  void anIssuerWithoutAPathIsNamedAsItIs() {
    assertThat(ArmLogin.of(URI.create("http://issuer")))
        .isEqualTo(new ArmLogin("http://issuer", "common"));
  }
}
