package io.postern.enforcement.domain;

import io.postern.model.GrantId;
import io.postern.model.InvalidValueException;
import io.postern.model.RuleSetId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Ownership marks: what each allow rule of ours says of itself in the cloud, so that it can be
 * closed without Kafka from the cloud's own data. {@code postern/1 <installation> <grant> <end,
 * epoch seconds> <MAC>}, at most 120 characters, of letters, digits and {@code / - _} and blanks.
 * The MAC (HMAC-SHA-256, 16 bytes) covers the rule set, the rule's content, the grant and the end:
 * a mark that was copied to another rule, or whose end was moved, is not ours.
 */
public final class Marks {
  private static final Pattern FORMAT =
      Pattern.compile(
          "postern/1 ([a-z0-9-]{1,24}) ([0-9a-f-]{36}) ([0-9]{1,12}) ([A-Za-z0-9_-]{22})");
  private static final Pattern INSTALLATION = Pattern.compile("[a-z0-9-]{1,24}");

  /**
   * What a mark says.
   *
   * @param authentic whether the MAC fits the rule that bears it
   */
  public record Mark(String installation, GrantId grant, Instant until, boolean authentic) {}

  private final String installation;
  private final SecretKeySpec key;

  /**
   * @param installation name of this installation, 1 to 24 lower-case letters, digits or dashes
   * @param key secret, at least 32 bytes
   */
  public Marks(String installation, byte[] key) {
    if (!INSTALLATION.matcher(installation).matches()) {
      throw new InvalidValueException(
          "an installation's name must be 1 to 24 lower-case letters, digits or dashes",
          installation);
    }
    if (key.length < 32) {
      throw new IllegalArgumentException("the key of the marks must have at least 32 bytes");
    }
    this.installation = installation;
    this.key = new SecretKeySpec(key, "HmacSHA256");
  }

  /** The name of this installation. */
  public String installation() {
    return installation;
  }

  /**
   * The mark of a rule.
   *
   * @param content the rule's own content in a form that does not change: protocol, ports, source
   * @param until the grant's end; fractions of a second are rounded down, so a sweep is never late
   */
  public String write(RuleSetId ruleSet, String content, GrantId grant, Instant until) {
    long end = until.getEpochSecond();
    return "postern/1 %s %s %d %s"
        .formatted(installation, grant, end, mac(ruleSet, content, installation, grant, end));
  }

  /** Reads a description; empty when it is no mark of any installation. */
  public Optional<Mark> read(RuleSetId ruleSet, String content, String description) {
    Matcher m = FORMAT.matcher(description);
    if (!m.matches()) {
      return Optional.empty();
    }
    GrantId grant = GrantId.parse(m.group(2));
    long end = Long.parseLong(m.group(3));
    String expected = mac(ruleSet, content, m.group(1), grant, end);
    boolean authentic =
        MessageDigest.isEqual(
            expected.getBytes(StandardCharsets.UTF_8), m.group(4).getBytes(StandardCharsets.UTF_8));
    return Optional.of(new Mark(m.group(1), grant, Instant.ofEpochSecond(end), authentic));
  }

  private String mac(
      RuleSetId ruleSet, String content, String ofInstallation, GrantId grant, long end) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      String covered =
          String.join("\n", ofInstallation, ruleSet.value(), content, grant.toString(), "" + end);
      byte[] full = mac.doFinal(covered.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(full, 16));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
