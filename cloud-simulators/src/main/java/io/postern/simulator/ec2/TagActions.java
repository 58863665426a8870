package io.postern.simulator.ec2;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** CreateTags and DeleteTags on anything that has tags; both may be repeated. */
final class TagActions {
  private TagActions() {}

  static void register(Map<String, Action> actions) {
    actions.put("CreateTags", TagActions::create);
    actions.put("DeleteTags", TagActions::delete);
    actions.put("DescribeTags", TagQueries::describe);
  }

  private static void create(Call call, Xml out) {
    List<String> ids = call.in.list("ResourceId");
    Map<String, String> tags = call.in.tags("Tag");
    if (tags.isEmpty()) {
      throw Ec2Error.missing("Tag");
    }
    change(call, ids, old -> Tags.merged(old, tags));
    out.text("return", true);
  }

  private static void delete(Call call, Xml out) {
    List<String> ids = call.in.list("ResourceId");
    Map<String, @Nullable String> gone = new HashMap<>();
    for (Parameters tag : call.in.structures("Tag")) {
      gone.put(tag.required("Key"), tag.text("Value"));
    }
    change(call, ids, old -> without(old, gone));
    out.text("return", true);
  }

  /** A tag goes when its value is given and equal, or not given; all go when none is named. */
  private static Map<String, String> without(
      Map<String, String> old, Map<String, @Nullable String> gone) {
    Map<String, String> left = new TreeMap<>(old);
    left.entrySet()
        .removeIf(
            tag ->
                gone.isEmpty()
                    || (gone.containsKey(tag.getKey())
                        && (gone.get(tag.getKey()) == null
                            || tag.getValue().equals(gone.get(tag.getKey())))));
    return left;
  }

  private static void change(
      Call call, List<String> ids, UnaryOperator<Map<String, String>> change) {
    if (ids.isEmpty()) {
      throw Ec2Error.missing("ResourceId");
    }
    Region region = call.write();
    Map<String, Map<String, String>> changed = new TreeMap<>();
    for (String id : ids) {
      changed.put(id, change.apply(find(call, region, id).tags()));
    }
    changed.forEach((id, tags) -> put(region, find(call, region, id), tags));
  }

  private static Resource find(Call call, Region region, String id) {
    String prefix = id.substring(0, Math.max(0, id.indexOf('-')));
    Resource found =
        switch (prefix) {
          case "sg" -> Finder.group(call, region, id);
          case "sgr" -> rule(region, id);
          case "i" -> Finder.instance(call, region, id);
          case "eni" -> Finder.networkInterface(call, region, id);
          case "vpc" -> Finder.vpc(call, region, id);
          case "subnet" -> Finder.subnet(call, region, id);
          case "pl" -> Finder.prefixList(call, region, id);
          default -> throw Ec2Error.of("InvalidID", "The ID '" + id + "' is not valid");
        };
    if (!found.owner().equals(call.account())) {
      throw Ec2Error.unauthorized(call.action);
    }
    return found;
  }

  private static Rule rule(Region region, String id) {
    return region.groups().values().stream()
        .flatMap(group -> group.rules().stream())
        .filter(rule -> rule.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                Ec2Error.of(
                    "InvalidSecurityGroupRuleId.NotFound",
                    "The security group rule ID '" + id + "' does not exist"));
  }

  private static void put(Region region, Resource resource, Map<String, String> tags) {
    switch (resource) {
      case SecurityGroup group -> region.groups().put(group.id(), group.withTags(tags));
      case Instance instance -> region.instances().put(instance.id(), instance.withTags(tags));
      case NetworkInterface eni -> region.interfaces().put(eni.id(), eni.withTags(tags));
      case Vpc vpc -> region.vpcs().put(vpc.id(), vpc.withTags(tags));
      case Subnet subnet -> region.subnets().put(subnet.id(), subnet.withTags(tags));
      case PrefixList list -> region.prefixLists().put(list.id(), list.withTags(tags));
      case Rule rule -> {
        SecurityGroup group = java.util.Objects.requireNonNull(region.groups().get(rule.groupId()));
        region
            .groups()
            .put(
                group.id(),
                group.withRules(
                    group.rules().stream()
                        .map(each -> each.id().equals(rule.id()) ? each.withTags(tags) : each)
                        .toList()));
      }
      default -> throw new IllegalStateException("no tags on " + resource);
    }
  }
}
