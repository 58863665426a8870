package io.postern.platform;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority in a directory, for mutual TLS with the broker: what an operator's own
 * does in production. Each principal gets {@code tls.pem} (key and certificate, as Kafka's key
 * store of type PEM wants them) and {@code ca.pem} (its trust store). What is there and good for
 * longer than {@link #RENEWAL} is kept.
 */
public final class Certificates {
  /** A certificate that ends sooner than this is replaced. */
  public static final Duration RENEWAL = Duration.ofDays(60);

  private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
  private static final Duration LIFE = Duration.ofDays(365);
  private static final Duration CLOCKS = Duration.ofMinutes(5);
  private static final X500Name AUTHORITY = new X500Name("CN=Postern CA");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final PrivateKey key;
  private final X509Certificate certificate;
  private final Clock clock;

  private Certificates(PrivateKey key, X509Certificate certificate, Clock clock) {
    this.key = key;
    this.certificate = certificate;
    this.clock = clock;
  }

  /** The authority of a directory; the first call makes it. */
  public static Certificates in(Path directory, Clock clock) {
    Path keyFile = directory.resolve("ca-key.pem");
    Path certificateFile = directory.resolve("ca.pem");
    try {
      Files.createDirectories(directory);
      if (!Files.exists(certificateFile)) {
        KeyPair pair = newPair();
        writeSecret(keyFile, pem(pair.getPrivate()));
        Files.writeString(certificateFile, pem(authority(pair, clock.instant())));
      }
      return new Certificates(
          readKey(Files.readString(keyFile)), read(Files.readString(certificateFile)), clock);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep a certificate authority in " + directory, e);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot make or read the authority in " + directory, e);
    }
  }

  private static KeyPair newPair() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509Certificate authority(KeyPair pair, Instant now)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            AUTHORITY,
            serial(),
            Date.from(now.minus(CLOCKS)),
            Date.from(now.plus(AUTHORITY_LIFE)),
            AUTHORITY,
            pair.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    return signed(builder, pair.getPrivate());
  }

  /**
   * Sees to it that a principal has a key and a certificate.
   *
   * @param principal what Kafka knows it as: the certificate's common name
   * @param hosts names under which others reach it; empty for a mere client
   * @param directory gets {@code tls.pem} and {@code ca.pem}
   */
  public void issue(String principal, List<String> hosts, Path directory) {
    Path file = directory.resolve("tls.pem");
    try {
      Files.createDirectories(directory);
      if (!Files.exists(file) || !isGood(Files.readString(file))) {
        KeyPair pair = newPair();
        String content =
            pem(pair.getPrivate()) + pem(leaf(principal, hosts, pair)) + pem(certificate);
        Files.deleteIfExists(file);
        writeSecret(file, content);
      }
      Files.writeString(directory.resolve("ca.pem"), pem(certificate));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the certificate of " + principal, e);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("cannot make a certificate for " + principal, e);
    }
  }

  private boolean isGood(String pem) {
    try {
      X509Certificate there = read(pem);
      there.verify(certificate.getPublicKey());
      return there.getNotAfter().toInstant().isAfter(clock.instant().plus(RENEWAL));
    } catch (GeneralSecurityException | IOException e) {
      return false;
    }
  }

  private X509Certificate leaf(String principal, List<String> hosts, KeyPair pair)
      throws GeneralSecurityException, OperatorCreationException, IOException {
    Instant now = clock.instant();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            AUTHORITY,
            serial(),
            Date.from(now.minus(CLOCKS)),
            Date.from(now.plus(LIFE)),
            new X500Name("CN=" + principal),
            pair.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(
        Extension.extendedKeyUsage,
        false,
        hosts.isEmpty()
            ? new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth)
            : new ExtendedKeyUsage(
                new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
    if (!hosts.isEmpty()) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(hosts.stream().map(Certificates::name).toArray(GeneralName[]::new)));
    }
    return signed(builder, key);
  }

  private static GeneralName name(String host) {
    boolean isAddress = host.contains(":") || host.matches("[0-9.]+");
    return new GeneralName(isAddress ? GeneralName.iPAddress : GeneralName.dNSName, host);
  }

  private static BigInteger serial() {
    return new BigInteger(127, RANDOM);
  }

  private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws OperatorCreationException, GeneralSecurityException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private static String pem(PrivateKey key) throws IOException {
    return written(new JcaPKCS8Generator(key, null));
  }

  private static String pem(X509Certificate certificate) throws IOException {
    return written(certificate);
  }

  private static String written(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  private static PrivateKey readKey(String pem) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      if (parser.readObject() instanceof PrivateKeyInfo info) {
        return new JcaPEMKeyConverter().getPrivateKey(info);
      }
      throw new IOException("no private key in the authority's file");
    }
  }

  private static X509Certificate read(String pem) throws IOException, GeneralSecurityException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      for (Object o = parser.readObject(); o != null; o = parser.readObject()) {
        if (o instanceof X509CertificateHolder holder) {
          return new JcaX509CertificateConverter().getCertificate(holder);
        }
      }
    }
    throw new IOException("no certificate in the file");
  }

  private static void writeSecret(Path file, String content) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content);
  }

  /** Kafka's client properties of whoever has the files of {@link #issue}. */
  public static java.util.Map<String, String> client(Path directory) {
    return java.util.Map.of(
        "security.protocol", "SSL",
        "ssl.keystore.type", "PEM",
        "ssl.keystore.location", directory.resolve("tls.pem").toString(),
        "ssl.truststore.type", "PEM",
        "ssl.truststore.location", directory.resolve("ca.pem").toString());
  }
}
