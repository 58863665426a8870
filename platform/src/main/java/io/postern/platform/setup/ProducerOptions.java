package io.postern.platform.setup;

import io.postern.platform.RegisteredProducers.KeyType;
import io.postern.platform.RegisteredProducers.SpeaksFor;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who a bot is, and whom it may speak for; the same words wherever one is registered. */
public final class ProducerOptions {
  @Parameters(paramLabel = "NAME", description = "the bot's name; the key's id is NAME/1")
  String name = "";

  @Option(
      names = "--subject",
      description = "it may speak for this subject; may be given several times")
  List<String> subjects = List.of();

  @Option(
      names = "--domain",
      description = "it may speak for subjects that end in @ and this domain")
  List<String> domains = List.of();

  @Option(names = "--issuer", description = "it may speak for whoever this issuer established")
  List<String> issuers = List.of();

  @Option(
      names = "--group",
      description = "it may state that those it speaks for are in this group")
  List<String> groups = List.of();

  @Option(
      names = "--key-type",
      description = "ED25519 (unless told otherwise) or P256: ${COMPLETION-CANDIDATES}")
  KeyType keyType = KeyType.ED25519;

  public String name() {
    return name;
  }

  public KeyType keyType() {
    return keyType;
  }

  /**
   * Whom it may speak for.
   *
   * @throws IllegalArgumentException when that is nobody
   */
  public SpeaksFor speaksFor() {
    SpeaksFor speaksFor = new SpeaksFor(subjects, domains, issuers, groups);
    if (speaksFor.isNobody()) {
      throw new IllegalArgumentException(
          name + " must speak for somebody: give --subject, --domain or --issuer");
    }
    return speaksFor;
  }
}
