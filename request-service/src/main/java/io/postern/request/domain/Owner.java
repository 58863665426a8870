package io.postern.request.domain;

import io.postern.model.Requestor;

/**
 * Whose request something is: a name counts together with who established it.
 *
 * @param issuer an OIDC issuer, or the producer's own name
 */
public record Owner(String subject, String issuer) {
  /** Nobody that a person could be. */
  public static final Owner UNKNOWN = new Owner("", "");

  public static Owner of(Requestor person) {
    return new Owner(person.subject(), person.issuer());
  }

  /** Whether it is this person. */
  public boolean is(Requestor person) {
    return equals(of(person));
  }
}
