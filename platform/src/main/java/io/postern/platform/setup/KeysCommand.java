package io.postern.platform.setup;

import io.postern.log.Topics;
import io.postern.platform.Certificates;
import io.postern.platform.Issuer;
import io.postern.platform.ServiceKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code postern-setup keys}: a directory for each service that holds what that service may know,
 * and one, {@code authority}, with all the rest, which no service gets.
 */
@Command(
    name = "keys",
    mixinStandardHelpOptions = true,
    description =
        "Make certificates, signing keys and passwords that are missing, a directory for each"
            + " principal, and `authority`, which stays with the operator.")
final class KeysCommand implements Callable<Integer> {
  /** The principals that administer the broker. */
  private static final String BROKER = "kafka";

  static final String ADMIN = "admin";
  private static final SecureRandom RANDOM = new SecureRandom();

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "where all goes")
  Path out = Path.of("");

  @Option(
      names = "--broker-host",
      paramLabel = "NAME",
      description = "a name under which the broker is reached; may be given several times")
  List<String> brokerHosts = List.of("kafka", "localhost", "127.0.0.1");

  @Option(
      names = "--producer",
      paramLabel = "NAME",
      description = "a certificate for this bot too; may be given several times")
  List<String> producers = List.of();

  @Option(
      names = "--follower",
      paramLabel = "NAME",
      description =
          "a certificate for this program that is told all that happens, and whose signatures to"
              + " believe; may be given several times")
  List<String> followers = List.of();

  @Option(
      names = "--owners",
      description = "give each directory to the user of its container; only root can")
  boolean owners;

  @Override
  public Integer call() throws IOException {
    Path authority = Files.createDirectories(out.resolve("authority"));
    Certificates certificates = Certificates.in(authority, Clock.systemUTC());
    ServiceKeys keys = ServiceKeys.in(authority);
    Path issuer = Issuer.in(authority).publicKeys();
    String readModel = password(authority.resolve("read-model-password"));
    String registry = password(authority.resolve("registry-password"));

    certificates.issue(BROKER, brokerHosts, out.resolve(BROKER));
    certificates.issue(ADMIN, List.of(), out.resolve(ADMIN));
    for (String producer : producers) {
      certificates.issue(Topics.outsider(producer), List.of(), out.resolve("producer-" + producer));
    }
    for (String follower : followers) {
      Path its = out.resolve(follower(Topics.outsider(follower)));
      certificates.issue(follower, List.of(), its);
      give(keys.trust(), its.resolve("trust.json"));
    }
    for (String service : Topics.SERVICES) {
      Path mine = out.resolve(service);
      certificates.issue(service, List.of(), mine);
      give(keys.signingKey(service), mine.resolve("signing.jwk"));
      give(keys.trust(), mine.resolve("trust.json"));
    }
    give(keys.markKey(), out.resolve(Topics.AZURE_ENFORCER).resolve("marks.jwk"));
    give(keys.markKey(), out.resolve(Topics.AWS_ENFORCER).resolve("marks.jwk"));
    Path door = out.resolve(Topics.REQUEST_SERVICE);
    give(issuer, door.resolve("issuer-public.json"));
    write(door.resolve("database-password"), readModel);
    Path database = Files.createDirectories(out.resolve("postgres"));
    write(database.resolve("password"), password(authority.resolve("postgres-password")));
    write(database.resolve("read-model-password"), readModel);
    write(database.resolve("registry-password"), registry);
    Path schemas = Files.createDirectories(out.resolve("registry"));
    write(
        schemas.resolve("registry.properties"),
        "apicurio.datasource.username=registry\napicurio.datasource.password=" + registry + "\n");
    if (owners) {
      own();
    }
    System.out.println("keys and certificates are in " + out);
    return 0;
  }

  private static String follower(String name) {
    return "follower-" + name;
  }

  private static String password(Path file) throws IOException {
    if (!Files.exists(file)) {
      byte[] random = new byte[24];
      RANDOM.nextBytes(random);
      write(file, HexFormat.of().formatHex(random));
    }
    return Files.readString(file);
  }

  static void give(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
  }

  static void write(Path file, String content) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }

  private void own() throws IOException {
    own(out.resolve(BROKER), 1000);
    own(out.resolve("postgres"), 999);
    own(out.resolve("registry"), 1001);
    own(out.resolve(ADMIN), 10001);
    for (String service : Topics.SERVICES) {
      own(out.resolve(service), 10001);
    }
    for (String follower : followers) {
      own(out.resolve(follower(follower)), 10001);
    }
  }

  private static void own(Path directory, int user) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.toList()) {
        Files.setAttribute(file, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }
}
