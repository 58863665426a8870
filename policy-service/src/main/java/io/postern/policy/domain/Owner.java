package io.postern.policy.domain;

import io.postern.model.Requestor;

/** Whose something is: the same subject of another issuer is somebody else. */
public record Owner(String subject, String issuer) {
  public static Owner of(Requestor person) {
    return new Owner(person.subject(), person.issuer());
  }
}
