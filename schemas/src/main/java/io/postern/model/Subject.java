package io.postern.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * A person or bot as a policy names it.
 *
 * @param issuer who established the name; empty where the policy does not say, and then whoever did
 */
public record Subject(Optional<String> issuer, String name) implements Comparable<Subject> {
  private static final int LONGEST = 256;

  /**
   * @throws InvalidValueException when it names nobody
   */
  public Subject {
    if (name.isBlank() || name.length() > LONGEST) {
      throw new InvalidValueException("must name a subject of 1 to 256 characters", name);
    }
    issuer.ifPresent(
        i -> {
          if (i.isBlank()) {
            throw new InvalidValueException("must name an issuer", i);
          }
        });
  }

  /** Somebody of this name, whoever established it. */
  public static Subject plain(String name) {
    return new Subject(Optional.empty(), name);
  }

  /** Somebody of this issuer. */
  public static Subject of(String issuer, String name) {
    return new Subject(Optional.of(issuer), name);
  }

  public boolean isPlain() {
    return issuer.isEmpty();
  }

  public boolean matches(Requestor person) {
    return name.equals(person.subject())
        && issuer.filter(i -> !i.equals(person.issuer())).isEmpty();
  }

  /** The same, of this issuer if none is said. */
  public Subject orOf(String other) {
    return isPlain() ? of(other, name) : this;
  }

  static boolean anyMatches(Collection<Subject> subjects, Requestor person) {
    return subjects.stream().anyMatch(s -> s.matches(person));
  }

  @Override
  public int compareTo(Subject other) {
    return Comparator.comparing(Subject::name)
        .thenComparing(s -> s.issuer().orElse(""))
        .compare(this, other);
  }

  @Override
  public String toString() {
    return name + issuer.map(i -> " of " + i).orElse("");
  }
}
