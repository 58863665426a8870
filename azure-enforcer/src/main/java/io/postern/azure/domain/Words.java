package io.postern.azure.domain;

import io.postern.model.PortSpec;
import io.postern.model.Shortage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rules and steps in words, for people. */
public final class Words {
  private Words() {}

  /** The rules of a group, each under its name. */
  public static Map<String, String> describe(ObservedNsg nsg) {
    Map<String, String> words = new HashMap<>();
    nsg.rules().forEach(r -> words.put(r.name(), words(r)));
    return words;
  }

  /** The rules of a firewall, each under the names of its collection and its own. */
  public static Map<String, String> describe(ObservedFirewall firewall) {
    Map<String, String> words = new HashMap<>();
    for (FirewallCollection c : firewall.collections()) {
      for (FirewallRule r : c.rules()) {
        words.put(
            c.kind().name().toLowerCase(Locale.ROOT) + "/" + c.name() + "/" + r.name(),
            "%s at priority %d %s"
                .formatted(c.action().name().toLowerCase(Locale.ROOT), c.priority(), words(r)));
      }
    }
    return words;
  }

  /** What little room there is, in a sentence. */
  public static String room(Shortage shortage) {
    String ports =
        String.join(
            "; ",
            shortage.shared().stream()
                .flatMap(r -> r.ports().stream())
                .map(PortSpec::toString)
                .distinct()
                .toList());
    return "%s could be opened now%s: %s."
        .formatted(
            shortage.rulesLeft() == 0
                ? "No grant"
                : "At most %d rules of grants".formatted(shortage.rulesLeft()),
            ports.isEmpty() ? "" : ", but for those that share a rule that stands (" + ports + ")",
            shortage.reason());
  }

  /** What little room a firewall has for sources in the internet, in a sentence. */
  public static String publicRoom(Shortage shortage) {
    return "%s could be opened now for sources in the internet: %s."
        .formatted(
            shortage.rulesLeft() == 0
                ? "No port"
                : "At most %d ports".formatted(shortage.rulesLeft()),
            shortage.reason());
  }

  /** Steps, in order, a sentence each without its full stop. */
  public static List<String> explain(List<? extends AzureStep> steps) {
    return steps.stream().map(Words::explain).toList();
  }

  private static String explain(AzureStep step) {
    return switch (step) {
      case NsgStep.PutRule put ->
          "puts rule %s%s: %s"
              .formatted(
                  put.name(),
                  put.replaces().isEmpty()
                      ? ""
                      : " in place of " + String.join(", ", put.replaces()),
                  words(put.rule()));
      case NsgStep.DeleteRule delete -> "deletes rule " + delete.name();
      case FirewallStep.PlaceCollection place ->
          "places %s collection %s at priority %d"
              .formatted(
                  place.kind().name().toLowerCase(Locale.ROOT),
                  place.collection(),
                  place.priority());
      case FirewallStep.PutRule put ->
          "puts rule %s into collection %s: %s"
              .formatted(put.rule().name(), put.collection(), words(put.rule()));
      case FirewallStep.DeleteRule delete ->
          "deletes rule %s of collection %s".formatted(delete.name(), delete.collection());
      case FirewallStep.PutAgain again -> "puts the firewall again, whose last write failed";
    };
  }

  private static String words(FirewallRule rule) {
    String text =
        "%s from %s to %s ports %s"
            .formatted(
                joined(rule.protocols(), List.of()),
                joined(rule.sources(), List.of()),
                joined(rule.destinations(), List.of()),
                joined(rule.ports(), List.of()));
    if (!rule.translatedAddress().isEmpty()) {
      text += ", leads to " + rule.translatedAddress() + ":" + rule.translatedPort();
    }
    if (rule.unnamed()) {
      text += ", and groups or names";
    }
    return rule.description().isEmpty() ? text : text + " (\"" + rule.description() + "\")";
  }

  /** For example {@code allows inbound tcp 22 from 203.0.113.7/32 to 10.1.0.4 at priority 100}. */
  static String words(NsgRule rule) {
    String text =
        "%s %s %s %s from %s to %s at priority %d"
            .formatted(
                rule.allows() ? "allows" : "denies",
                rule.inbound() ? "inbound" : "outbound",
                Traffic.isAny(rule.protocol())
                    ? "any protocol, ports"
                    : rule.protocol().toLowerCase(Locale.ROOT),
                joined(rule.destinationPorts(), List.of()),
                joined(rule.sources(), rule.sourceGroups()),
                joined(rule.destinations(), rule.destinationGroups()),
                rule.priority());
    return rule.description().isEmpty() ? text : text + " (\"" + rule.description() + "\")";
  }

  private static String joined(List<String> values, List<String> groups) {
    List<String> all = new ArrayList<>(values);
    all.addAll(groups);
    return String.join(", ", all.stream().sorted().toList());
  }
}
