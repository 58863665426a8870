package io.postern.platform;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.postern.log.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.text.ParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Bots that may write to {@code jit.requests}: a file for each in a directory, with its public key
 * and whom it may speak for. The private key is handed out once and not kept.
 */
public final class RegisteredProducers {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  /** Owners of keys that a producer must not pass for. */
  private static final Set<String> RESERVED =
      Set.of(
          Topics.REQUEST_SERVICE,
          Topics.POLICY_SERVICE,
          Topics.EXPIRY_SERVICE,
          Topics.AZURE_ENFORCER,
          Topics.AWS_ENFORCER,
          Topics.AUDIT,
          Topics.ANYONE);

  /** Kinds of keys that a signature may be made with. */
  public enum KeyType {
    ED25519,
    P256
  }

  /** Whom a producer may speak for, one of the three must hold; and the groups it may state. */
  public record SpeaksFor(
      List<String> subjects, List<String> domains, List<String> issuers, List<String> groups) {
    public SpeaksFor {
      subjects = List.copyOf(subjects);
      domains = List.copyOf(domains);
      issuers = List.copyOf(issuers);
      groups = List.copyOf(groups);
    }

    /** Whether nobody is named. */
    public boolean isNobody() {
      return subjects.isEmpty() && domains.isEmpty() && issuers.isEmpty();
    }
  }

  /** A producer as it is kept. */
  public record Registered(String name, JWK publicKey, SpeaksFor speaksFor) {}

  private final Path directory;

  private RegisteredProducers(Path directory) {
    this.directory = directory;
  }

  /** The producers that are kept below the directory of the services' keys. */
  public static RegisteredProducers in(Path keyDirectory) {
    return new RegisteredProducers(keyDirectory.resolve("producers"));
  }

  /**
   * Makes a key pair with the id {@code <name>/1}; nothing is kept yet.
   *
   * @throws IllegalArgumentException with a sentence when the name cannot be had
   */
  public JWK newKey(String name, KeyType type) {
    checkName(name);
    if (Files.exists(file(name))) {
      throw new IllegalArgumentException(
          name + " is registered already; remove " + file(name) + " to register it anew");
    }
    try {
      String id = name + "/1";
      return switch (type) {
        case P256 -> new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        case ED25519 -> ed25519(id);
      };
    } catch (JOSEException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a key for " + name, e);
    }
  }

  // Nimbus makes Ed25519 keys with a library of its own only; the JDK's encodings end in the 32 raw
  // bytes.
  static JWK ed25519(String id) throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    return new OctetKeyPair.Builder(Curve.Ed25519, lastBytes(pair.getPublic().getEncoded()))
        .d(lastBytes(pair.getPrivate().getEncoded()))
        .keyID(id)
        .build();
  }

  private static Base64URL lastBytes(byte[] encoded) {
    return Base64URL.encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
  }

  private static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a producer's name must be 1 to 63 lower-case letters, digits and dashes, not " + name);
    }
    if (RESERVED.contains(name)) {
      throw new IllegalArgumentException(name + " is a name of Postern's own");
    }
  }

  /**
   * Keeps the public half of a key with whom its owner may speak for; believed from the next start.
   *
   * @throws IllegalArgumentException when the producer could speak for nobody
   */
  public void add(String name, JWK key, SpeaksFor speaksFor) {
    checkName(name);
    if (speaksFor.isNobody()) {
      throw new IllegalArgumentException(
          name + " must speak for somebody: name a subject, a domain or an issuer");
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("key", key.toPublicJWK().toJSONObject());
    json.put("subjects", speaksFor.subjects());
    json.put("domains", speaksFor.domains());
    json.put("issuers", speaksFor.issuers());
    json.put("groups", speaksFor.groups());
    try {
      Files.createDirectories(directory);
      // A start that reads along sees the whole file or none.
      Path draft = Files.createTempFile(directory, name, ".draft");
      Files.writeString(draft, JSONObjectUtils.toJSONString(json));
      Files.move(draft, file(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep producers in " + directory, e);
    }
  }

  private Path file(String name) {
    return directory.resolve(name + ".json");
  }

  /**
   * All that are kept, by name.
   *
   * @throws IllegalArgumentException that names the file when one cannot be believed
   */
  public List<Registered> all() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(f -> f.toString().endsWith(".json"))
          .sorted()
          .map(RegisteredProducers::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the producers in " + directory, e);
    }
  }

  private static Registered read(Path file) {
    try {
      Map<String, Object> json = JSONObjectUtils.parse(Files.readString(file));
      String name = JSONObjectUtils.getString(json, "name");
      JWK key = JWK.parse(JSONObjectUtils.getJSONObject(json, "key"));
      checkName(name);
      checkKey(name, key);
      return new Registered(
          name,
          key,
          new SpeaksFor(
              JSONObjectUtils.getStringList(json, "subjects"),
              JSONObjectUtils.getStringList(json, "domains"),
              JSONObjectUtils.getStringList(json, "issuers"),
              JSONObjectUtils.getStringList(json, "groups")));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    } catch (ParseException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the producer in " + file + " cannot be registered: " + e.getMessage(), e);
    }
  }

  // Whoever the id names is believed: a file must not speak for another than its producer.
  private static void checkKey(String name, JWK key) {
    if (key.getKeyID() == null || !key.getKeyID().startsWith(name + "/")) {
      throw new IllegalArgumentException("its key's kid must begin with " + name + "/");
    }
    if (!(key instanceof OctetKeyPair || key instanceof ECKey) || key.isPrivate()) {
      throw new IllegalArgumentException("its key must be a public one, Ed25519 or P-256");
    }
  }

  /** What policy-service is told of them: {@code postern.producers[NAME].*}. */
  public static Map<String, String> properties(List<Registered> producers) {
    Map<String, String> properties = new HashMap<>();
    for (Registered producer : producers) {
      String prefix = "postern.producers[" + producer.name() + "].";
      put(properties, prefix + "subjects", producer.speaksFor().subjects());
      put(properties, prefix + "domains", producer.speaksFor().domains());
      put(properties, prefix + "issuers", producer.speaksFor().issuers());
      put(properties, prefix + "groups", producer.speaksFor().groups());
    }
    return properties;
  }

  private static void put(Map<String, String> properties, String name, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      properties.put(name + "[" + i + "]", values.get(i));
    }
  }
}
