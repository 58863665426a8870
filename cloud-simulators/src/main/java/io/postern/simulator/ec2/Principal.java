package io.postern.simulator.ec2;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who calls.
 *
 * @param expiresAt until when his key is good; null for a key that does not end
 */
record Principal(String account, String arn, String accessKey, @Nullable Instant expiresAt) {
  static final String DEFAULT_ACCOUNT = "123456789012";

  static Principal ofKey(String accessKey) {
    return new Principal(
        DEFAULT_ACCOUNT, "arn:aws:iam::" + DEFAULT_ACCOUNT + ":user/" + accessKey, accessKey, null);
  }

  static Principal foreign(String account) {
    return new Principal(
        account, "arn:aws:iam::" + account + ":user/foreign-hand", "FOREIGN", null);
  }

  boolean isForeign() {
    return accessKey.equals("FOREIGN");
  }

  boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}
