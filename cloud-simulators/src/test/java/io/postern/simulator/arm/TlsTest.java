package io.postern.simulator.arm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  @TempDir Path directory;

  @Test
  void speaksHttpsAndLinksToIt() throws Exception {
    Path store = directory.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "arm",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=IP:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                Tls.PASSWORD)
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    try (ArmSimulator simulator =
            ArmSimulator.start(ArmSimulator.Options.defaults().withKeyStore(store));
        HttpClient client = HttpClient.newBuilder().sslContext(trusting(store)).build()) {
      assertThat(simulator.url()).startsWith("https://");
      URI endpoints = URI.create(simulator.url() + "/metadata/endpoints?api-version=2022-09-01");
      String body =
          client.send(HttpRequest.newBuilder(endpoints).build(), BodyHandlers.ofString()).body();
      assertThat(Json.MAPPER.readTree(body).at("/0/resourceManager").asString())
          .isEqualTo(simulator.url() + "/");
    }
  }

  private static SSLContext trusting(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(Files.newInputStream(store), Tls.PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("arm", keys.getCertificate("arm"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
