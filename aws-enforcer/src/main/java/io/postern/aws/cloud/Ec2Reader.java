package io.postern.aws.cloud;

import io.postern.aws.domain.AccessPlanner;
import io.postern.aws.domain.Observed;
import io.postern.aws.domain.OwnTags;
import io.postern.aws.domain.Peer;
import io.postern.aws.domain.Rule;
import io.postern.enforcement.cloud.CloudException;
import io.postern.model.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.ManagedPrefixList;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRule;

/** Reads one scope, by filter and page only: what is not there is an empty answer, no error. */
final class Ec2Reader {
  private static final int PAGE = 1000;
  private static final int FRESH_READS = 15;

  private final Ec2Client ec2;
  private final Scope scope;
  private final String installation;
  private final KnownGroups known;
  private final OwnWrites writes;

  Ec2Reader(Ec2Client ec2, Scope scope, String installation, KnownGroups known, OwnWrites writes) {
    this.writes = writes;
    this.known = known;
    this.ec2 = ec2;
    this.scope = scope;
    this.installation = installation;
  }

  static Filter filter(String name, String... values) {
    return Filter.builder().name(name).values(values).build();
  }

  static <T> T read(String action, Supplier<T> call) throws CloudException {
    try {
      return call.get();
    } catch (SdkException e) {
      throw Ec2Errors.exception(action, e);
    }
  }

  Observed.Group group(String id) throws CloudException {
    List<SecurityGroupRule> rules = rules(List.of(id));
    List<Observed.Member> members = members(id);
    List<Rule> ingress =
        rules.stream().filter(r -> !AccessGroups.isEgress(r)).map(Ec2Rules::rule).toList();
    boolean exists =
        !rules.isEmpty() || !members.isEmpty() || !groups(filter("group-id", id)).isEmpty();
    return new Observed.Group(
        id,
        exists,
        rules.stream().map(SecurityGroupRule::groupOwnerId).filter(o -> o != null).findFirst(),
        ingress,
        members,
        weights(ingress));
  }

  /**
   * The access groups of a machine. While every interface has one that was read by name a moment
   * ago, what the groups say of themselves is not asked for again: two reads instead of three.
   */
  Observed.Access access(String instance) throws CloudException {
    List<NetworkInterface> enis = interfaces(filter("attachment.instance-id", instance));
    Optional<List<SecurityGroup>> recent = known.attachedTo(instance, enis);
    List<SecurityGroup> groups =
        recent.isPresent()
            ? recent.get()
            : groups(
                filter(
                    "group-name",
                    AccessPlanner.groupName(instance),
                    AccessPlanner.standingName(instance)));
    if (recent.isEmpty()) {
      known.remember(instance, groups);
    }
    List<String> ids = groups.stream().map(SecurityGroup::groupId).toList();
    Map<String, List<SecurityGroupRule>> rules = new HashMap<>();
    if (!ids.isEmpty()) {
      rules(ids).forEach(r -> rules.computeIfAbsent(r.groupId(), g -> new ArrayList<>()).add(r));
    }
    List<Observed.AccessGroup> read = new ArrayList<>();
    for (SecurityGroup group : groups) {
      read.add(
          AccessGroups.read(
              instance,
              installation,
              group,
              rules.getOrDefault(group.groupId(), List.of()),
              strangers(instance, group, enis)));
    }
    return new Observed.Access(
        instance,
        enis.stream()
            .map(
                e ->
                    new Observed.Interface(
                        e.networkInterfaceId(),
                        e.vpcId(),
                        e.groups().stream().map(g -> g.groupId()).toList()))
            .toList(),
        read);
  }

  /** What else a standing group is attached to; asked only where it may come to grants in it. */
  private List<Observed.Member> strangers(
      String instance, SecurityGroup group, List<NetworkInterface> enis) throws CloudException {
    boolean matters =
        AccessPlanner.standingName(instance).equals(group.groupName())
            && enis.stream()
                .flatMap(e -> e.groups().stream())
                .anyMatch(g -> g.groupId().equals(group.groupId()));
    return matters ? members(group.groupId()) : List.of();
  }

  private List<Observed.Member> members(String group) throws CloudException {
    return interfaces(filter("group-id", group)).stream().map(AccessGroups::member).toList();
  }

  /** All access groups and standing groups of this installation in the scope, by instance. */
  Map<String, List<Observed.AccessGroup>> accessGroups() throws CloudException {
    List<SecurityGroup> groups =
        groups(
            filter("tag:" + OwnTags.MANAGED, OwnTags.GROUP, OwnTags.STANDING),
            filter("tag:" + OwnTags.INSTALLATION, installation));
    Map<String, List<Observed.AccessGroup>> found = new HashMap<>();
    for (SecurityGroup group : groups) {
      String instance = Ec2Rules.tags(group.tags()).getOrDefault(OwnTags.VM, "");
      Observed.AccessGroup read =
          AccessGroups.read(
              instance, installation, group, rules(List.of(group.groupId())), List.of());
      found.computeIfAbsent(instance, i -> new ArrayList<>()).add(read);
    }
    return found;
  }

  /** The rules of groups, no older than what we wrote to them, as far as waiting helps. */
  private List<SecurityGroupRule> rules(List<String> groups) throws CloudException {
    for (int i = 0; i < FRESH_READS; i++) {
      List<SecurityGroupRule> rules = readRules(groups);
      if (writes.isShownBy(
          groups, rules.stream().map(SecurityGroupRule::securityGroupRuleId).toList())) {
        return rules;
      }
      pause();
    }
    writes.forget(groups);
    return readRules(groups);
  }

  private void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(writes.pause().toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<SecurityGroupRule> readRules(List<String> groups) throws CloudException {
    return read(
        "DescribeSecurityGroupRules",
        () ->
            ec2
                .describeSecurityGroupRulesPaginator(
                    r ->
                        r.filters(filter("group-id", groups.toArray(String[]::new)))
                            .maxResults(PAGE))
                .securityGroupRules()
                .stream()
                .toList());
  }

  private List<SecurityGroup> groups(Filter... by) throws CloudException {
    return read(
        "DescribeSecurityGroups",
        () ->
            ec2
                .describeSecurityGroupsPaginator(r -> r.filters(by).maxResults(PAGE))
                .securityGroups()
                .stream()
                .toList());
  }

  private List<NetworkInterface> interfaces(Filter by) throws CloudException {
    return read(
        "DescribeNetworkInterfaces",
        () ->
            ec2
                .describeNetworkInterfacesPaginator(r -> r.filters(by).maxResults(PAGE))
                .networkInterfaces()
                .stream()
                .toList());
  }

  /** What prefix lists count for; they are asked for only where a rule names one. */
  private Map<String, Observed.Weight> weights(List<Rule> rules) throws CloudException {
    Set<String> ids = new LinkedHashSet<>();
    for (Rule rule : rules) {
      if (rule.permission().peer().kind() == Peer.Kind.PREFIX_LIST) {
        ids.add(rule.permission().peer().value());
      }
    }
    Map<String, Observed.Weight> weights = new HashMap<>();
    if (!ids.isEmpty()) {
      List<ManagedPrefixList> lists =
          read(
              "DescribeManagedPrefixLists",
              () ->
                  ec2
                      .describeManagedPrefixListsPaginator(
                          r -> r.filters(filter("prefix-list-id", ids.toArray(String[]::new))))
                      .prefixLists()
                      .stream()
                      .toList());
      for (ManagedPrefixList list : lists) {
        int entries = list.maxEntries() == null ? 1 : list.maxEntries();
        boolean v6 = "IPv6".equals(list.addressFamily());
        weights.put(list.prefixListId(), new Observed.Weight(v6 ? 0 : entries, v6 ? entries : 0));
      }
    }
    return weights;
  }
}
