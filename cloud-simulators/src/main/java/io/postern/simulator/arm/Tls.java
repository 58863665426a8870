package io.postern.simulator.arm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The key that the simulator shows when it speaks https. */
final class Tls {
  /** The password that keytool's users know; a key for 127.0.0.1 guards nothing. */
  static final String PASSWORD = "changeit";

  private Tls() {}

  static SSLContext context(Path keyStore) {
    try (InputStream in = Files.newInputStream(keyStore)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(factory.getKeyManagers(), null, null);
      return context;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the key store " + keyStore, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("cannot use the key store " + keyStore, e);
    }
  }
}
