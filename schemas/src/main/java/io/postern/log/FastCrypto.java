package io.postern.log;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Amazon Corretto Crypto Provider for P-256, when it is on the class path and its native library
 * loads on this machine; otherwise the JDK's own provider serves. The same signatures, some ten
 * times as many a second.
 */
final class FastCrypto {
  private static final Logger LOGGER = LoggerFactory.getLogger(FastCrypto.class);
  private static final String PROVIDER =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
  private static final Optional<Provider> FOUND = find();

  private FastCrypto() {}

  /** The provider to ask first; empty for the JDK's own choice. */
  static Optional<Provider> provider() {
    return FOUND;
  }

  /**
   * The key as the provider holds it itself. Any other of P-256 is read anew for each signature,
   * which takes twice as long as signing.
   */
  static PrivateKey ownKey(PrivateKey key) {
    if (FOUND.isEmpty()) {
      return key;
    }
    try {
      return KeyFactory.getInstance("EC", FOUND.get())
          .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    } catch (GeneralSecurityException e) {
      LOGGER.atDebug().setCause(e).log("a key is read anew for each signature");
      return key;
    }
  }

  private static Optional<Provider> find() {
    try {
      Provider provider = (Provider) Class.forName(PROVIDER).getDeclaredConstructor().newInstance();
      // Not offered when the native library did not load.
      return Optional.ofNullable(provider.getService("Signature", "SHA256withECDSA"))
          .map(s -> provider);
    } catch (ReflectiveOperationException | LinkageError e) {
      LOGGER.atDebug().setCause(e).log("signatures are made by the JDK's own provider");
      return Optional.empty();
    }
  }
}
