package io.postern.azure.domain;

import io.postern.enforcement.domain.Grant;
import io.postern.enforcement.domain.Lock;
import io.postern.enforcement.domain.Marks;
import io.postern.model.GrantId;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which rules of a firewall are ours: by name and description both, in whichever collection they
 * are.
 */
public final class FirewallOwnership {
  /** NAT rules that lead grants' sources to machines. */
  static final String DNAT = "postern-dnat";

  /** Network rules of grants. */
  static final String ALLOW = "postern-allow";

  /** Lock-downs, behind what was there. */
  static final String DENY = "postern-deny";

  /** Lock-downs that go before what was there. */
  static final String DENY_OVERRIDE = "postern-deny-override";

  private static final Pattern ALLOW_NAME =
      Pattern.compile(
          "postern-allow-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?:tcp|udp)(?:-[0-9]{1,5})?");

  private final Marks marks;
  private final RuleSetId firewall;
  private final Ownership names;

  public FirewallOwnership(Marks marks, RuleSetId firewall) {
    this.marks = marks;
    this.firewall = firewall;
    this.names = new Ownership(marks, firewall);
  }

  /** Whether this installation wrote the rule, whatever somebody did to it since. */
  public boolean isOurs(FirewallRule rule) {
    return names.isOurs(rule.asNsgRule(true));
  }

  boolean isAllow(FirewallRule rule) {
    return rule.key().startsWith(Ownership.ALLOW) && isOurs(rule);
  }

  /** The mark of an allow rule; empty when it bears none of this installation. */
  Optional<Marks.Mark> mark(FirewallRule rule) {
    return marks
        .read(firewall, rule.content(), rule.description())
        .filter(m -> m.installation().equals(marks.installation()));
  }

  /** The grant that an allow rule of ours is for, by its mark or else by its name. */
  public Optional<GrantId> grant(FirewallRule rule) {
    Matcher name = ALLOW_NAME.matcher(rule.key());
    return mark(rule)
        .map(Marks.Mark::grant)
        .or(() -> name.matches() ? Optional.of(GrantId.parse(name.group(1))) : Optional.empty());
  }

  String allowName(GrantId grant, Flow flow) {
    return names.allowName(grant, flow);
  }

  String denyName(MachineId machine, Flow flow) {
    return names.denyName(machine, flow);
  }

  FirewallRule marked(FirewallRule rule, Grant grant) {
    return rule.described(marks.write(firewall, rule.content(), grant.id(), grant.expiresAt()));
  }

  String denyDescription(Lock lock) {
    return names.denyDescription(lock);
  }
}
