package io.postern.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Apicurio Registry from its Maven distribution as a child process on 127.0.0.1. It ends with this
 * process, however this one ends: the child watches its standard input, which is ours to hold open.
 */
public final class RegistryProcess implements AutoCloseable {
  /** System property that names the unpacked distribution. */
  public static final String HOME_PROPERTY = "postern.registry.home";

  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  private final Process process;
  private final int port;
  private final int managementPort;
  private final Path log;

  private RegistryProcess(Process process, int port, int managementPort, Path log) {
    this.process = process;
    this.port = port;
    this.managementPort = managementPort;
    this.log = log;
  }

  /**
   * Starts the registry; {@link #awaitReady} waits for it.
   *
   * @param directory where it keeps schemas and its log; created when it is missing
   * @param port port on 127.0.0.1; 0 for any free one
   * @throws IllegalStateException when the distribution is not where {@link #HOME_PROPERTY} says
   */
  public static RegistryProcess start(Path directory, int port) {
    Path home = Path.of(System.getProperty(HOME_PROPERTY, "platform/target/registry"));
    Path jar = home.resolve("quarkus-run.jar").toAbsolutePath();
    if (!Files.exists(jar)) {
      throw new IllegalStateException(
          "the registry's distribution is not in %s; build the platform module, or set -D%s"
              .formatted(home.toAbsolutePath(), HOME_PROPERTY));
    }
    int web = port == 0 ? EmbeddedBroker.freePort() : port;
    int management = EmbeddedBroker.freePort();
    try {
      Files.createDirectories(directory);
      Path log = directory.resolve("registry.log");
      Process process =
          new ProcessBuilder(command(jar, directory.toAbsolutePath(), web, management))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      return new RegistryProcess(process, web, management, log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the registry", e);
    }
  }

  private static List<String> command(Path jar, Path directory, int web, int management) {
    return List.of(
        ProcessHandle.current().info().command().orElse("java"),
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-Dquarkus.http.host=127.0.0.1",
        "-Dquarkus.http.port=" + web,
        "-Dquarkus.management.host=127.0.0.1",
        "-Dquarkus.management.port=" + management,
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        "-Dapicurio.rules.global.compatibility=FULL_TRANSITIVE",
        "-Dapicurio.storage.kind=sql",
        "-Dapicurio.storage.sql.kind=h2",
        // Without WRITE_DELAY=0 an acknowledged registration is lost by a kill.
        "-Dapicurio.datasource.url=jdbc:h2:file:" + directory.resolve("schemas") + ";WRITE_DELAY=0",
        "-cp",
        ownClasses() + java.io.File.pathSeparator + jar,
        RegistryChild.class.getName());
  }

  private static Path ownClasses() {
    try {
      return Path.of(
          RegistryProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Waits until it answers.
   *
   * @throws IllegalStateException when it ends, or the time is up, before it does
   */
  public RegistryProcess awaitReady() throws InterruptedException {
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest probe =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/health/ready"))
            .timeout(Duration.ofSeconds(2))
            .build();
    Instant limit = Instant.now().plus(START_LIMIT);
    while (Instant.now().isBefore(limit)) {
      if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            "the registry ended with " + process.exitValue() + "; its log is " + log);
      }
      try {
        if (http.send(probe, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return this;
        }
      } catch (IOException e) {
        // Not listening yet.
      }
    }
    throw new IllegalStateException(
        "the registry is not ready after " + START_LIMIT + "; its log is " + log);
  }

  /** Base URL of its Confluent-compatible API. */
  public String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
