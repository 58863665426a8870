package io.postern.request.sql;

import io.postern.model.Requestor;
import io.postern.model.Subject;

/**
 * How those who are asked to approve are kept: kind G is a group, S a subject, I one of an issuer.
 */
record Audience(String kind, String name) {
  static Audience group(String group) {
    return new Audience("G", group);
  }

  static Audience of(Subject subject) {
    return subject
        .issuer()
        .map(i -> new Audience("I", identity(i, subject.name())))
        .orElseGet(() -> new Audience("S", subject.name()));
  }

  /** The name under which somebody of an issuer is kept. */
  static String identity(Requestor person) {
    return identity(person.issuer(), person.subject());
  }

  private static String identity(String issuer, String subject) {
    return issuer.length() + ":" + issuer + subject;
  }
}
