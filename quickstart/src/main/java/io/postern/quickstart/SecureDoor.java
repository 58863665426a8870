package io.postern.quickstart;

import io.postern.platform.Certificates;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/**
 * The web port once more, over TLS, with a certificate of the quickstart's own authority: some
 * clients send a token over nothing else.
 */
final class SecureDoor implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
  private final int port;
  private final Path directory;

  private SecureDoor(int port, Path directory) {
    this.port = port;
    this.directory = directory;
  }

  /**
   * A door on a port of 127.0.0.1.
   *
   * @param keys where authority and certificate are kept; what is there is used again
   */
  static SecureDoor at(int port, Path keys) {
    Path directory = keys.resolve("tls");
    Certificates.in(directory.resolve("authority"), Clock.systemUTC())
        .issue("postern-web", List.of("127.0.0.1", "localhost"), directory);
    return new SecureDoor(port, directory);
  }

  /** The certificate of the authority, as PEM. */
  private Path authority() {
    return directory.resolve("ca.pem");
  }

  /** A sentence for people. */
  String summary() {
    return "The same over TLS: https://127.0.0.1:%d, with the authority in %s"
        .formatted(port, authority());
  }

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    Path pem = directory.resolve("tls.pem");
    SSLHostConfig host = new SSLHostConfig();
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
    certificate.setCertificateFile(pem.toString());
    certificate.setCertificateKeyFile(pem.toString());
    host.addCertificate(certificate);
    Connector connector = new Connector();
    connector.setPort(port);
    connector.setProperty("address", "127.0.0.1");
    connector.setSecure(true);
    connector.setScheme("https");
    connector.setProperty("SSLEnabled", "true");
    connector.addSslHostConfig(host);
    factory.addAdditionalConnectors(connector);
  }
}
