package io.postern.audit.story;

import java.util.Locale;

/** Whose record is asked for. */
public sealed interface Subject {

  /**
   * A machine.
   *
   * @param id its id, or the end of it after a slash or colon
   */
  record Machine(String id) implements Subject {
    /** Whether a machine's whole id is meant. */
    boolean names(String machine) {
      String whole = machine.toLowerCase(Locale.ROOT);
      String part = id.toLowerCase(Locale.ROOT);
      return whole.equals(part) || whole.endsWith("/" + part) || whole.endsWith(":" + part);
    }
  }

  /**
   * A person or bot: what they did, and what became of what they asked for.
   *
   * @param subject as the issuer names them
   */
  record Person(String subject) implements Subject {}

  /**
   * A request, with all its grants.
   *
   * @param id UUID
   */
  record Request(String id) implements Subject {}

  /** Whether an event is about it by itself. */
  default boolean isIn(Facts facts) {
    return switch (this) {
      case Machine machine -> facts.machines().stream().anyMatch(machine::names);
      case Person(String subject) -> facts.persons().contains(subject);
      case Request(String id) -> facts.requestId().filter(id::equals).isPresent();
    };
  }
}
