package io.postern.aws.domain;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One call to EC2. */
public sealed interface Step {

  /** Whether it only serves to open something: when EC2 refuses it, nothing stays open. */
  boolean opens();

  /** Adds rules, all with the same tags. */
  record Authorize(String group, List<NewRule> rules, Map<String, String> tags, boolean opens)
      implements Step {
    public Authorize {
      rules = List.copyOf(rules);
      tags = Map.copyOf(tags);
    }
  }

  /** A rule to add. */
  record NewRule(Permission permission, Optional<String> description) {}

  /** Takes rules away by their ids. */
  record Revoke(String group, List<String> ruleIds) implements Step {
    public Revoke {
      ruleIds = List.copyOf(ruleIds);
    }

    @Override
    public boolean opens() {
      return false;
    }
  }

  /** Changes what a rule says of itself. */
  record Describe(String group, Rule rule, Optional<String> description) implements Step {
    @Override
    public boolean opens() {
      return false;
    }
  }

  /** Sets tags on a rule or a group. */
  record Tag(String resource, Map<String, String> tags) implements Step {
    public Tag {
      tags = Map.copyOf(tags);
    }

    @Override
    public boolean opens() {
      return false;
    }
  }

  /** Takes tags off a rule. */
  record Untag(String resource, Set<String> keys) implements Step {
    public Untag {
      keys = Set.copyOf(keys);
    }

    @Override
    public boolean opens() {
      return false;
    }
  }

  /** Makes a machine's access group; what follows is planned from what is read afterwards. */
  record CreateGroup(String name, String description, String vpc, Map<String, String> tags)
      implements Step {
    public CreateGroup {
      tags = Map.copyOf(tags);
    }

    @Override
    public boolean opens() {
      return true;
    }
  }

  /** Closes the way out that EC2 opens in every new group. */
  record RevokeEgress(String group, List<String> ruleIds) implements Step {
    public RevokeEgress {
      ruleIds = List.copyOf(ruleIds);
    }

    @Override
    public boolean opens() {
      return true;
    }
  }

  /** Sets the groups of a network interface, all of them. */
  record SetGroups(String interfaceId, List<String> groups, boolean opens) implements Step {
    public SetGroups {
      groups = List.copyOf(groups);
    }
  }

  /** Deletes an access group. */
  record DeleteGroup(String group) implements Step {
    @Override
    public boolean opens() {
      return false;
    }
  }
}
