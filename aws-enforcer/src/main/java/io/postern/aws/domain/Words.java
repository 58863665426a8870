package io.postern.aws.domain;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Rules and calls in words, for people. */
public final class Words {
  private Words() {}

  /** The rules of a rule set, each under a name of its own. */
  public static Map<String, String> describe(Observed observed) {
    Map<String, String> words = new HashMap<>();
    switch (observed) {
      case Observed.Group group ->
          group.ingress().forEach(r -> words.put(name(group.id(), r), words(r)));
      case Observed.Access access -> {
        for (Observed.AccessGroup group : access.groups()) {
          group.ingress().forEach(r -> words.put(name(group.id(), r), words(r)));
          if (!group.standing()) {
            group.egress().forEach(id -> words.put(group.id() + "/" + id, "lets traffic out"));
          }
          words.put(
              group.id(),
              "in "
                  + group.vpc()
                  + (group.ours() ? ", ours" : ", not ours")
                  + (group.strangers().isEmpty()
                      ? ""
                      : ", attached also to " + String.join(", ", group.strangers())));
        }
        access
            .interfaces()
            .forEach(
                i ->
                    words.put(
                        i.id(),
                        "groups " + String.join(", ", i.groups().stream().sorted().toList())));
      }
    }
    return words;
  }

  private static String name(String group, Rule rule) {
    return group + "/" + rule.permission();
  }

  private static String words(Rule rule) {
    String text = rule.description().map(d -> "\"" + d + "\"").orElse("without description");
    return rule.tags().isEmpty() ? text : text + ", tags " + new TreeMap<>(rule.tags());
  }

  /** Calls, in order, a sentence each without its full stop. */
  public static List<String> explain(Observed observed, List<Step> steps) {
    Map<String, Permission> rules = rules(observed);
    return steps.stream().map(s -> explain(rules, s)).toList();
  }

  private static Map<String, Permission> rules(Observed observed) {
    Map<String, Permission> byId = new HashMap<>();
    switch (observed) {
      case Observed.Group group -> group.ingress().forEach(r -> byId.put(r.id(), r.permission()));
      case Observed.Access access ->
          access.groups().stream()
              .flatMap(g -> g.ingress().stream())
              .forEach(r -> byId.put(r.id(), r.permission()));
    }
    return byId;
  }

  private static String explain(Map<String, Permission> rules, Step step) {
    return switch (step) {
      case Step.Authorize s ->
          "adds to %s: %s"
              .formatted(
                  s.group(),
                  joined(s.rules().stream().map(r -> r.permission().toString()).toList()));
      case Step.Revoke s ->
          "takes away from %s: %s"
              .formatted(
                  s.group(), joined(s.ruleIds().stream().map(id -> rule(rules, id)).toList()));
      case Step.Describe s ->
          "describes %s in %s as %s"
              .formatted(
                  s.rule().permission(),
                  s.group(),
                  s.description().map(d -> "\"" + d + "\"").orElse("nothing"));
      case Step.Tag s ->
          "tags %s with %s".formatted(rule(rules, s.resource()), new TreeMap<>(s.tags()));
      case Step.Untag s ->
          "takes off %s the tags %s"
              .formatted(rule(rules, s.resource()), joined(s.keys().stream().sorted().toList()));
      case Step.CreateGroup s -> "creates the access group %s in %s".formatted(s.name(), s.vpc());
      case Step.RevokeEgress s -> "takes away what %s lets out".formatted(s.group());
      case Step.SetGroups s ->
          "sets the groups of %s to %s".formatted(s.interfaceId(), joined(s.groups()));
      case Step.DeleteGroup s -> "deletes the access group %s".formatted(s.group());
    };
  }

  private static String rule(Map<String, Permission> rules, String id) {
    Permission permission = rules.get(id);
    return permission == null ? id : permission.toString();
  }

  private static String joined(List<String> values) {
    return String.join(", ", values);
  }
}
