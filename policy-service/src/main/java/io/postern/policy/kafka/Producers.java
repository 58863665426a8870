package io.postern.policy.kafka;

import io.postern.model.Requestor;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The registered producers and whom each may speak for. A producer vouches only for identities
 * mapped to it.
 */
public final class Producers {

  /**
   * Whom a producer may speak for: at least one of issuers, subjects and domains must hold, and all
   * groups that it states must be among {@code groups}, or a bot could state itself an admin.
   *
   * @param anybody everyone: for request-service, which has checked the person's token itself
   * @param issuers identities of these issuers
   * @param subjects these subjects
   * @param domains subjects that end in {@code @} and one of these
   * @param groups groups that it may state
   */
  public record Mapping(
      boolean anybody,
      Set<String> issuers,
      Set<String> subjects,
      Set<String> domains,
      Set<String> groups) {
    public static final Mapping ANYBODY = new Mapping(true, Set.of(), Set.of(), Set.of(), Set.of());

    public Mapping {
      issuers = issuers == null ? Set.of() : Set.copyOf(issuers);
      subjects = subjects == null ? Set.of() : Set.copyOf(subjects);
      domains = domains == null ? Set.of() : Set.copyOf(domains);
      groups = groups == null ? Set.of() : Set.copyOf(groups);
    }

    boolean covers(Requestor person) {
      return anybody
          || issuers.contains(person.issuer())
          || subjects.contains(person.subject())
          || domains.stream().anyMatch(d -> person.subject().endsWith("@" + d));
    }

    Optional<String> groupItMayNotState(Requestor person) {
      return anybody
          ? Optional.empty()
          : person.groups().stream().filter(g -> !groups.contains(g)).sorted().findFirst();
    }
  }

  private final Map<String, Mapping> mappings;

  public Producers(Map<String, Mapping> mappings) {
    this.mappings = Map.copyOf(mappings);
  }

  /** Whether somebody besides request-service speaks, who has people of an issuer of its own. */
  boolean vouchForSeveralIssuers() {
    return mappings.values().stream().anyMatch(m -> !m.anybody());
  }

  /** Why the producer may not speak for the person, or empty. */
  Optional<String> refusal(String producer, Requestor person) {
    Mapping mapping = mappings.get(producer);
    if (mapping == null) {
      return Optional.of(producer + " is not a registered producer");
    }
    if (!mapping.covers(person)) {
      return Optional.of(producer + " may not speak for " + person.subject());
    }
    return mapping
        .groupItMayNotState(person)
        .map(g -> producer + " may not state that somebody is in group " + g);
  }
}
