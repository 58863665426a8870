package io.postern.model;

import java.util.Set;

/**
 * Who asks, as a producer vouches for it.
 *
 * @param issuer who established the subject: an OIDC issuer, or the producer's own name
 */
public record Requestor(String subject, String issuer, Set<String> groups) {
  public Requestor {
    if (subject.isBlank() || subject.length() > 256) {
      throw new InvalidValueException("must name a subject of 1 to 256 characters", subject);
    }
    groups = Set.copyOf(groups);
  }
}
