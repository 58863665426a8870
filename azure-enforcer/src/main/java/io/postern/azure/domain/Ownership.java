package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.MachineIntent;
import io.postern.enforcement.domain.Marks;
import io.postern.model.GrantId;
import io.postern.model.Ids;
import io.postern.model.MachineId;
import io.postern.model.PolicyId;
import io.postern.model.RuleSetId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which rules are ours, by name and description both: a rule that only looks like one of ours, or
 * that another installation wrote, is foreign.
 */
public final class Ownership {
  static final String ALLOW = "postern-allow-";
  static final String DENY = "postern-deny-";
  private static final String PACK = ALLOW + "packed-";

  private static final int MAX_DESCRIPTION = 140;
  private static final Pattern ALLOW_NAME =
      Pattern.compile("postern-allow-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?:tcp|udp)6?");

  private final Marks marks;
  private final RuleSetId ruleSet;

  public Ownership(Marks marks, RuleSetId ruleSet) {
    this.marks = marks;
    this.ruleSet = ruleSet;
  }

  /** Whether this installation wrote the rule, whatever somebody did to it since. */
  public boolean isOurs(NsgRule rule) {
    return (rule.key().startsWith(ALLOW) || rule.key().startsWith(DENY))
        && rule.description().startsWith("postern/1 " + marks.installation() + " ");
  }

  /** The mark of an allow rule; empty when it bears none of this installation. */
  public Optional<Marks.Mark> mark(NsgRule rule) {
    return marks
        .read(ruleSet, rule.content(), rule.description())
        .filter(m -> m.installation().equals(marks.installation()));
  }

  /** Whether it is named as a rule that several grants share; whose they are it does not say. */
  static boolean isPack(NsgRule rule) {
    return rule.key().startsWith(PACK);
  }

  /**
   * The grant that an allow rule of ours is for, by its mark or else by its name; empty for one
   * that several share.
   */
  public Optional<GrantId> grant(NsgRule rule) {
    if (isPack(rule)) {
      return Optional.empty();
    }
    Matcher name = ALLOW_NAME.matcher(rule.key());
    return mark(rule)
        .map(Marks.Mark::grant)
        .or(() -> name.matches() ? Optional.of(GrantId.parse(name.group(1))) : Optional.empty());
  }

  /**
   * The grants that an allow rule of ours is for.
   *
   * @param live grants of the machine to which it leads: of a rule that several share they tell
   *     whose it is
   */
  public List<GrantId> grants(NsgRule rule, MachineIntent live) {
    if (!isPack(rule)) {
      return grant(rule).stream().toList();
    }
    return live.grants().stream()
        .filter(
            g ->
                Wanted.allows(live, g, this).stream()
                    .anyMatch(w -> NsgRule.key(packName(Pack.Key.of(w))).equals(rule.key())))
        .map(Grant::id)
        .toList();
  }

  String allowName(GrantId grant, Flow flow) {
    return ALLOW + grant + "-" + flow.suffix;
  }

  String denyName(MachineId machine, Flow flow) {
    UUID id = Ids.derived("deny", marks.installation(), machine.value(), flow.suffix);
    return named(DENY, machine, 50, id);
  }

  /** The name of the rule that grants of these ports share. */
  String packName(Pack.Key key) {
    return named(PACK, key.machine(), 40, packId(key)) + "-" + key.flow().suffix;
  }

  private UUID packId(Pack.Key key) {
    return Ids.derived(
        "pack",
        marks.installation(),
        key.machine().value(),
        key.flow().suffix,
        key.ports().toString());
  }

  private static String named(String prefix, MachineId machine, int longest, UUID id) {
    String name = machine.localName();
    String hash = id.toString().replace("-", "").substring(0, 10);
    return prefix + name.substring(0, Math.min(longest, name.length())) + "-" + hash;
  }

  String allowDescription(NsgRule rule, GrantId grant, Instant until) {
    return marks.write(ruleSet, rule.content(), grant, until);
  }

  /** It says when the first of its grants ends: until then it may stand as it is, no longer. */
  String packDescription(NsgRule rule, Pack.Key key, Instant firstEnd) {
    return marks.write(ruleSet, rule.content(), new GrantId(packId(key)), firstEnd);
  }

  String denyDescription(Lock lock) {
    String policies = String.join(",", lock.policies().stream().map(PolicyId::value).toList());
    String text =
        "postern/1 %s deny %s %s"
            .formatted(marks.installation(), lock.override() ? "override" : "priority", policies);
    return text.length() <= MAX_DESCRIPTION ? text : text.substring(0, MAX_DESCRIPTION - 3) + "...";
  }

  /** Whether Defender's just-in-time access manages the rule. */
  public static boolean isDefenders(NsgRule rule) {
    String name = rule.name().toLowerCase(Locale.ROOT);
    return name.startsWith("securitycenter-jitrule")
        || name.startsWith("microsoftdefenderforcloud-jitrule");
  }
}
