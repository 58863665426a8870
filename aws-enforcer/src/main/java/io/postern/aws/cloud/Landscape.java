package io.postern.aws.cloud;

import io.postern.aws.domain.Observed;
import io.postern.aws.domain.Rule;
import io.postern.aws.exposure.Surroundings;
import io.postern.enforcement.cloud.LatestReads;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.model.MachineFacts;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a scan saw around the instances of a scope. Of a rule set that was read by itself since the
 * scan began, that reading counts.
 *
 * @param startedAt when the scan began, as {@link System#nanoTime} says it
 * @param rules inbound, by group
 * @param owners accounts by group
 * @param accessGroups instances by their access groups and standing groups
 * @param carriers groups by the names of such, ours or not, by instance
 * @param members addresses by group
 * @param interfaces by instance
 */
record Landscape(
    Scope scope,
    long startedAt,
    LatestReads<Observed> latest,
    List<MachineFacts> machines,
    Map<String, List<Rule>> rules,
    Map<String, String> owners,
    Map<String, String> accessGroups,
    Map<String, List<Observed.AccessGroup>> carriers,
    Map<String, AddressSet> prefixLists,
    Map<String, AddressSet> members,
    Map<String, List<Observed.Interface>> interfaces)
    implements Surroundings {

  static Landscape unknown(Scope scope, LatestReads<Observed> latest) {
    return new Landscape(
        scope,
        System.nanoTime(),
        latest,
        List.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }

  private Optional<Observed> read(String id) {
    return latest.since(new RuleSetId(scope + ":" + id), startedAt);
  }

  private Optional<Observed.Access> access(String instance) {
    return read(instance)
        .flatMap(o -> o instanceof Observed.Access a ? Optional.of(a) : Optional.empty());
  }

  /** What carries an instance's grants; empty for an instance that the scan did not see. */
  Optional<Observed.Access> accessOf(String instance) {
    return access(instance)
        .or(
            () ->
                Optional.ofNullable(interfaces.get(instance))
                    .map(
                        i ->
                            new Observed.Access(
                                instance, i, carriers.getOrDefault(instance, List.of()))));
  }

  /**
   * The groups of the interfaces of one instance, which an access group that was made since the
   * scan belongs to.
   */
  Surroundings around(String instance) {
    Optional<Observed.Access> access = access(instance);
    return access.isEmpty() ? this : new WithAccess(this, access.get());
  }

  @Override
  public List<Rule> rules(String group) {
    return read(group).orElse(null) instanceof Observed.Group g
        ? g.ingress()
        : rules.getOrDefault(group, List.of());
  }

  @Override
  public Optional<String> owner(String group) {
    return Optional.ofNullable(owners.get(group));
  }

  @Override
  public Optional<String> accessGroupOf(String group) {
    return Optional.ofNullable(accessGroups.get(group));
  }

  @Override
  public Optional<AddressSet> prefixList(String id) {
    return Optional.ofNullable(prefixLists.get(id));
  }

  @Override
  public AddressSet members(String group) {
    return members.getOrDefault(group, AddressSet.NONE);
  }

  /** The same, with access groups as they were read since. */
  private record WithAccess(Landscape scan, Observed.Access access) implements Surroundings {
    private Optional<Observed.AccessGroup> group(String id) {
      return access.groups().stream().filter(g -> g.id().equals(id)).findFirst();
    }

    @Override
    public List<Rule> rules(String id) {
      return group(id).map(Observed.AccessGroup::ingress).orElseGet(() -> scan.rules(id));
    }

    @Override
    public Optional<String> owner(String id) {
      return scan.owner(id);
    }

    @Override
    public Optional<String> accessGroupOf(String id) {
      Optional<Observed.AccessGroup> group = group(id);
      return group.isPresent()
          ? group.filter(Observed.AccessGroup::ours).map(g -> access.instance())
          : scan.accessGroupOf(id);
    }

    @Override
    public Optional<AddressSet> prefixList(String id) {
      return scan.prefixList(id);
    }

    @Override
    public AddressSet members(String id) {
      return scan.members(id);
    }
  }
}
