package io.postern.azure.domain;

import io.postern.model.Cidr;
import io.postern.model.InvalidValueException;
import java.util.List;
import java.util.Locale;

/**
 * A security rule, its singular and plural forms taken together.
 *
 * @param priority 100 to 4096, lower first; 0 while it has no place yet
 * @param protocol as ARM writes it: {@code Tcp}, {@code Udp}, {@code *} and others
 * @param sources addresses, networks or tags
 * @param sourceGroups ids of application security groups
 */
public record NsgRule(
    String name,
    boolean inbound,
    boolean allows,
    int priority,
    String protocol,
    List<String> sources,
    List<String> sourcePorts,
    List<String> destinations,
    List<String> destinationPorts,
    List<String> sourceGroups,
    List<String> destinationGroups,
    String description,
    State state) {

  /** Whether the rule is in force. */
  public enum State {
    IN_FORCE,
    CHANGING,
    BROKEN
  }

  public NsgRule {
    sources = List.copyOf(sources);
    sourcePorts = List.copyOf(sourcePorts);
    destinations = List.copyOf(destinations);
    destinationPorts = List.copyOf(destinationPorts);
    sourceGroups = List.copyOf(sourceGroups);
    destinationGroups = List.copyOf(destinationGroups);
  }

  /** Rule names are compared without regard to case. */
  public String key() {
    return key(name);
  }

  static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  NsgRule at(int newPriority) {
    return with(name, newPriority, sources, description);
  }

  NsgRule from(List<String> newSources) {
    return with(name, priority, newSources, description);
  }

  NsgRule named(String newName) {
    return with(newName, priority, sources, description);
  }

  NsgRule described(String newDescription) {
    return with(name, priority, sources, newDescription);
  }

  private NsgRule with(
      String newName, int newPriority, List<String> newSources, String newDescription) {
    return new NsgRule(
        newName,
        inbound,
        allows,
        newPriority,
        protocol,
        newSources,
        sourcePorts,
        destinations,
        destinationPorts,
        sourceGroups,
        destinationGroups,
        newDescription,
        state);
  }

  /**
   * All that the rule says about packets, its place among the others excepted, in one spelling: two
   * rules of equal content do the same at the same place. The marks cover it.
   */
  public String content() {
    return String.join(
        " ",
        inbound ? "in" : "out",
        allows ? "allow" : "deny",
        protocol.toLowerCase(Locale.ROOT),
        sorted(sources),
        sorted(sourcePorts),
        sorted(destinations),
        sorted(destinationPorts),
        sorted(sourceGroups),
        sorted(destinationGroups));
  }

  /** Whether it says what this one does, place excepted, and is in force or about to be. */
  boolean isRight(NsgRule wanted) {
    return state != State.BROKEN
        && content().equals(wanted.content())
        && description.equals(wanted.description);
  }

  /** Its content without its sources. */
  String shape() {
    return from(List.of()).content();
  }

  static String sorted(List<String> values) {
    return String.join(",", values.stream().map(NsgRule::canonical).sorted().toList());
  }

  private static String canonical(String value) {
    if (value.indexOf('.') < 0 && value.indexOf(':') < 0) {
      return value.toLowerCase(Locale.ROOT);
    }
    try {
      return Cidr.parse(value).toString();
    } catch (InvalidValueException e) {
      return value.toLowerCase(Locale.ROOT);
    }
  }
}
