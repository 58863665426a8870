package io.postern.platform;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import io.postern.log.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * A signing key for each service in a directory, and the public halves of all, and of the
 * registered producers, in {@code trust.json}: what an operator's own key management does in
 * production. Keys that are there are kept.
 */
public final class ServiceKeys {
  private static final List<String> SERVICES =
      List.of(
          Topics.REQUEST_SERVICE,
          Topics.POLICY_SERVICE,
          Topics.EXPIRY_SERVICE,
          Topics.AZURE_ENFORCER,
          Topics.AWS_ENFORCER,
          Topics.AUDIT);

  private final Path directory;

  private ServiceKeys(Path directory) {
    this.directory = directory;
  }

  /** Makes the keys that are missing. */
  public static ServiceKeys in(Path directory) {
    ServiceKeys keys = new ServiceKeys(directory);
    try {
      Files.createDirectories(directory);
      List<JWK> trusted = new ArrayList<>();
      for (String service : SERVICES) {
        Path file = keys.signingKey(service);
        if (!Files.exists(file)) {
          writeSecret(file, newKey(service).toJSONString());
        }
        trusted.add(JWK.parse(Files.readString(file)).toPublicJWK());
      }
      keys.producers().all().forEach(p -> trusted.add(p.publicKey()));
      Files.writeString(keys.trust(), new JWKSet(trusted).toString());
      if (!Files.exists(keys.markKey())) {
        writeSecret(
            keys.markKey(),
            new OctetSequenceKeyGenerator(256).keyID("marks/1").generate().toJSONString());
      }
      return keys;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep keys in " + directory, e);
    } catch (JOSEException | GeneralSecurityException | java.text.ParseException e) {
      throw new IllegalStateException("cannot make or read keys in " + directory, e);
    }
  }

  // Checkpoints are looked at for years by people with tools of their own: Ed25519 is in all of
  // them.
  private static JWK newKey(String service) throws JOSEException, GeneralSecurityException {
    String id = service + "/1";
    return service.equals(Topics.AUDIT)
        ? RegisteredProducers.ed25519(id)
        : new ECKeyGenerator(Curve.P_256).keyID(id).generate();
  }

  private static void writeSecret(Path file, String content) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }

  /** The private JWK of a service. */
  public Path signingKey(String service) {
    return directory.resolve(service + ".jwk");
  }

  /** The bots that are registered beside the services. */
  public RegisteredProducers producers() {
    return RegisteredProducers.in(directory);
  }

  /** The JWK set of all public keys. */
  public Path trust() {
    return directory.resolve("trust.json");
  }

  /** The symmetric key with which enforcers authenticate their marks in the cloud. */
  public Path markKey() {
    return directory.resolve("marks.jwk");
  }
}
