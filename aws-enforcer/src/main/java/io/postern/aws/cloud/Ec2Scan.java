package io.postern.aws.cloud;

import static io.postern.aws.cloud.Ec2Reader.filter;
import static io.postern.aws.cloud.Ec2Reader.read;

import io.postern.aws.domain.Observed;
import io.postern.aws.domain.OwnTags;
import io.postern.aws.domain.Peer;
import io.postern.aws.domain.Rule;
import io.postern.enforcement.cloud.CloudException;
import io.postern.enforcement.cloud.LatestReads;
import io.postern.enforcement.exposure.AddressSet;
import io.postern.enforcement.exposure.Span;
import io.postern.model.ErrorCode;
import io.postern.model.MachineFacts;
import io.postern.model.MachineId;
import io.postern.model.RuleSetId;
import io.postern.model.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.GroupIdentifier;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceNetworkInterface;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;
import software.amazon.awssdk.services.ec2.model.PrefixListEntry;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;
import software.amazon.awssdk.services.ec2.model.SecurityGroupRule;

/** One look at a whole scope, page by page: instances, groups, their rules, and who is in them. */
final class Ec2Scan {
  private static final Logger LOGGER = LoggerFactory.getLogger(Ec2Scan.class);
  private static final int PAGE = 1000;
  private static final int ENTRIES_PAGE = 100;

  private final Ec2Client ec2;
  private final Scope scope;
  private final String installation;
  private final ScanPace pace;

  private final Map<String, String> owners = new HashMap<>();
  private final Map<String, String> accessGroups = new HashMap<>();
  private final Map<String, SecurityGroup> carriers = new HashMap<>();
  private final Set<String> ours = new HashSet<>();
  private final Map<String, List<Rule>> rules = new HashMap<>();
  private final Map<String, List<SecurityGroupRule>> accessRules = new HashMap<>();
  private final Map<String, List<Observed.Member>> accessMembers = new HashMap<>();
  private final Map<String, List<Span>> members = new HashMap<>();
  private final Map<String, List<Observed.Interface>> interfaces = new HashMap<>();

  Ec2Scan(Ec2Client ec2, Scope scope, String installation, ScanPace pace) {
    this.ec2 = ec2;
    this.scope = scope;
    this.installation = installation;
    this.pace = pace;
  }

  Landscape run(LatestReads<Observed> latest) throws CloudException {
    long startedAt = System.nanoTime();
    List<Instance> instances = instances();
    groups();
    rules();
    members();
    List<MachineFacts> machines = instances.stream().map(this::facts).toList();
    Map<String, AddressSet> sets = new HashMap<>();
    members.forEach((group, spans) -> sets.put(group, AddressSet.of(spans)));
    return new Landscape(
        scope,
        startedAt,
        latest,
        machines,
        rules,
        owners,
        accessGroups,
        carriers(),
        prefixLists(),
        sets,
        interfaces);
  }

  /** Instances first: what they refer to was there before them. */
  private List<Instance> instances() throws CloudException {
    return read(
        "DescribeInstances",
        () -> {
          List<Instance> found = new ArrayList<>();
          for (var page :
              ec2.describeInstancesPaginator(
                  r ->
                      r.filters(
                              filter(
                                  "instance-state-name",
                                  "pending",
                                  "running",
                                  "stopping",
                                  "stopped"))
                          .maxResults(PAGE))) {
            pace.turn();
            page.reservations().forEach(r -> found.addAll(r.instances()));
          }
          return found;
        });
  }

  private void groups() throws CloudException {
    read(
        "DescribeSecurityGroups",
        () -> {
          for (var page : ec2.describeSecurityGroupsPaginator(r -> r.maxResults(PAGE))) {
            pace.turn();
            page.securityGroups().forEach(this::group);
          }
          return owners;
        });
  }

  private void group(SecurityGroup group) {
    if (group.ownerId() != null) {
      owners.put(group.groupId(), group.ownerId());
    }
    Map<String, String> tags = Ec2Rules.tags(group.tags());
    if (OwnTags.GROUP.equals(tags.get(OwnTags.MANAGED))) {
      ours.add(group.groupId());
      accessGroupOf(group);
    }
    Optional<String> named = AccessGroups.instance(group);
    if (named.isPresent()) {
      carriers.put(group.groupId(), group);
      Observed.AccessGroup read =
          AccessGroups.read(named.get(), installation, group, List.of(), List.of());
      if (read.standing() && read.ours()) {
        // Its rules are those of grants; a lock-down would take them for the owner's.
        ours.add(group.groupId());
        accessGroupOf(group);
      }
    }
  }

  private void accessGroupOf(SecurityGroup group) {
    Map<String, String> tags = Ec2Rules.tags(group.tags());
    if (installation.equals(tags.get(OwnTags.INSTALLATION)) && tags.containsKey(OwnTags.VM)) {
      accessGroups.put(group.groupId(), tags.getOrDefault(OwnTags.VM, ""));
    }
  }

  /** By instance; of a machine's groups, also those that bear its name and are not ours. */
  private Map<String, List<Observed.AccessGroup>> carriers() {
    Map<String, List<Observed.AccessGroup>> found = new HashMap<>();
    carriers.forEach(
        (id, group) -> {
          String instance = AccessGroups.instance(group).orElseThrow();
          found
              .computeIfAbsent(instance, i -> new ArrayList<>())
              .add(
                  AccessGroups.read(
                      instance,
                      installation,
                      group,
                      accessRules.getOrDefault(id, List.of()),
                      accessMembers.getOrDefault(id, List.of())));
        });
    return found;
  }

  private void rules() throws CloudException {
    read(
        "DescribeSecurityGroupRules",
        () -> {
          for (var page : ec2.describeSecurityGroupRulesPaginator(r -> r.maxResults(PAGE))) {
            pace.turn();
            page.securityGroupRules().forEach(this::rule);
          }
          return rules;
        });
  }

  private void rule(SecurityGroupRule rule) {
    if (rule.groupOwnerId() != null) {
      owners.put(rule.groupId(), rule.groupOwnerId());
    }
    if (carriers.containsKey(rule.groupId())) {
      accessRules.computeIfAbsent(rule.groupId(), g -> new ArrayList<>()).add(rule);
    }
    if (!AccessGroups.isEgress(rule)) {
      rules.computeIfAbsent(rule.groupId(), g -> new ArrayList<>()).add(Ec2Rules.rule(rule));
    }
  }

  private void members() throws CloudException {
    read(
        "DescribeNetworkInterfaces",
        () -> {
          for (var page : ec2.describeNetworkInterfacesPaginator(r -> r.maxResults(PAGE))) {
            pace.turn();
            page.networkInterfaces().forEach(this::member);
          }
          return members;
        });
  }

  private void member(NetworkInterface eni) {
    List<Span> addresses = new ArrayList<>();
    eni.privateIpAddresses()
        .forEach(a -> Span.parse(String.valueOf(a.privateIpAddress())).ifPresent(addresses::add));
    eni.ipv6Addresses()
        .forEach(a -> Span.parse(String.valueOf(a.ipv6Address())).ifPresent(addresses::add));
    for (GroupIdentifier group : eni.groups()) {
      members.computeIfAbsent(group.groupId(), x -> new ArrayList<>()).addAll(addresses);
      if (carriers.containsKey(group.groupId())) {
        accessMembers
            .computeIfAbsent(group.groupId(), x -> new ArrayList<>())
            .add(AccessGroups.member(eni));
      }
    }
  }

  /** The entries of prefix lists, which are asked for only where a rule names one. */
  private Map<String, AddressSet> prefixLists() throws CloudException {
    Set<String> named = new TreeSet<>();
    rules.values().stream()
        .flatMap(List::stream)
        .map(r -> r.permission().peer())
        .filter(p -> p.kind() == Peer.Kind.PREFIX_LIST)
        .forEach(p -> named.add(p.value()));
    Map<String, AddressSet> lists = new HashMap<>();
    for (String id : named) {
      try {
        lists.put(id, entries(id));
      } catch (CloudException e) {
        if (e.code() == ErrorCode.THROTTLED || e.code() == ErrorCode.CLOUD_UNAVAILABLE) {
          throw e;
        }
        LOGGER
            .atWarn()
            .addKeyValue("prefixList", id)
            .addKeyValue("why", e.getMessage())
            .log("the entries of a prefix list are not known");
      }
    }
    return lists;
  }

  private AddressSet entries(String id) throws CloudException {
    return read(
        "GetManagedPrefixListEntries",
        () -> {
          List<Span> spans = new ArrayList<>();
          for (var page :
              ec2.getManagedPrefixListEntriesPaginator(
                  r -> r.prefixListId(id).maxResults(ENTRIES_PAGE))) {
            pace.turn();
            page.entries().stream()
                .map(PrefixListEntry::cidr)
                .flatMap(c -> Span.parse(c).stream())
                .forEach(spans::add);
          }
          return AddressSet.of(spans);
        });
  }

  private MachineFacts facts(Instance i) {
    Map<String, String> tags = Ec2Rules.tags(i.tags());
    Set<String> privates = new LinkedHashSet<>();
    Set<String> publics = new LinkedHashSet<>();
    Set<RuleSetId> ruleSets = new LinkedHashSet<>();
    List<Observed.Interface> all = new ArrayList<>();
    for (InstanceNetworkInterface eni : i.networkInterfaces()) {
      if (eni.privateIpAddress() != null) {
        privates.add(eni.privateIpAddress());
      }
      if (eni.association() != null && eni.association().publicIp() != null) {
        publics.add(eni.association().publicIp());
      }
      List<String> groups = eni.groups().stream().map(GroupIdentifier::groupId).toList();
      groups.stream()
          .filter(g -> !ours.contains(g))
          .forEach(g -> ruleSets.add(new RuleSetId(scope + ":" + g)));
      all.add(
          new Observed.Interface(eni.networkInterfaceId(), String.valueOf(eni.vpcId()), groups));
    }
    if (!i.networkInterfaces().isEmpty()) {
      ruleSets.add(new RuleSetId(scope + ":" + i.instanceId()));
    }
    interfaces.put(i.instanceId(), List.copyOf(all));
    return new MachineFacts(
        machineId(i.instanceId()),
        tags.getOrDefault("Name", i.instanceId()),
        tags,
        List.copyOf(privates),
        List.copyOf(publics),
        i.state() != null && i.state().name() == InstanceStateName.RUNNING,
        List.copyOf(ruleSets));
  }

  private MachineId machineId(String instance) {
    String region = scope.region();
    String partition =
        region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
    return new MachineId(
        "arn:%s:ec2:%s:%s:instance/%s".formatted(partition, region, scope.account(), instance));
  }
}
