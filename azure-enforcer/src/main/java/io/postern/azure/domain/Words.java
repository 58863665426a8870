package io.postern.azure.domain;

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

  /** Steps, in order, a sentence each without its full stop. */
  public static List<String> explain(List<NsgStep> steps) {
    return steps.stream()
        .map(
            s ->
                switch (s) {
                  case NsgStep.PutRule put ->
                      "puts rule %s: %s".formatted(put.name(), words(put.rule()));
                  case NsgStep.DeleteRule delete -> "deletes rule " + delete.name();
                })
        .toList();
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
