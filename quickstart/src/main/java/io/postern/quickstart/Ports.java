package io.postern.quickstart;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Where the parts listen on 127.0.0.1.
 *
 * @param secureWeb the same pages and API over TLS, for clients that speak nothing else; empty for
 *     none
 */
public record Ports(int web, int arm, int ec2, int kafka, int registry, OptionalInt secureWeb) {
  private static final String SECURE = "POSTERN_WEB_TLS_PORT";

  public Ports(int web, int arm, int ec2, int kafka, int registry) {
    this(web, arm, ec2, kafka, registry, OptionalInt.empty());
  }

  /**
   * Reads {@code POSTERN_WEB_PORT} and the like.
   *
   * @throws StartException with a sentence when one is not a port
   */
  public static Ports from(Map<String, String> environment) {
    return new Ports(
        port(environment, "POSTERN_WEB_PORT", 8080),
        port(environment, "POSTERN_ARM_PORT", 8090),
        port(environment, "POSTERN_EC2_PORT", 8091),
        port(environment, "POSTERN_KAFKA_PORT", 9092),
        port(environment, "POSTERN_REGISTRY_PORT", 8081),
        environment.containsKey(SECURE)
            ? OptionalInt.of(port(environment, SECURE, 0))
            : OptionalInt.empty());
  }

  private static int port(Map<String, String> environment, String name, int otherwise) {
    String text = environment.getOrDefault(name, Integer.toString(otherwise));
    if (!text.matches("[0-9]{1,5}")
        || Integer.parseInt(text) < 1
        || Integer.parseInt(text) > 65535) {
      throw new StartException(name + " must be a port, 1 to 65535, not " + text);
    }
    return Integer.parseInt(text);
  }

  /**
   * Makes sure that all of them can be had.
   *
   * @throws StartException that names the first that is in use and the variable that moves it
   */
  void check() {
    check(web, "the web pages and the API", "POSTERN_WEB_PORT");
    check(arm, "the ARM simulator", "POSTERN_ARM_PORT");
    check(ec2, "the EC2 simulator", "POSTERN_EC2_PORT");
    check(kafka, "Kafka", "POSTERN_KAFKA_PORT");
    check(registry, "the schema registry", "POSTERN_REGISTRY_PORT");
    secureWeb.ifPresent(port -> check(port, "the web pages and the API over TLS", SECURE));
  }

  private static void check(int port, String whose, String variable) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      socket.getLocalPort();
    } catch (IOException e) {
      throw new StartException(
          "port %d, wanted for %s, is in use; set %s to another port"
              .formatted(port, whose, variable));
    }
  }
}
