package io.postern.simulator.arm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An ARM resource id or the path of a collection: names keep their case, {@link #key} is what two
 * ids are compared by.
 *
 * @param scope what comes before {@code /providers/}, or before the last type of a group or a
 *     subscription
 * @param types the type segments in Microsoft's spelling
 * @param names one per type; one fewer for a collection
 */
record ResourceId(String scope, String namespace, List<String> types, List<String> names) {

  /** Parses a path of any case; empty segments are skipped. Null when it is not a resource path. */
  static @Nullable ResourceId parse(String path) {
    List<String> segments = Arrays.stream(path.split("/", -1)).filter(s -> !s.isEmpty()).toList();
    return parse(segments);
  }

  /** Parses the id of one resource. */
  static ResourceId of(String id) {
    ResourceId parsed = parse(id);
    if (parsed == null || parsed.isCollection()) {
      throw ArmException.badRequest("LinkedInvalidPropertyId", "'" + id + "' is no resource id.");
    }
    return parsed;
  }

  private static @Nullable ResourceId parse(List<String> segments) {
    int providers = lastProviders(segments);
    if (providers < 0) {
      return parseContainer(segments);
    }
    if (segments.size() < providers + 3) {
      return null;
    }
    String scope = "";
    if (providers > 0) {
      ResourceId parent = parse(segments.subList(0, providers));
      if (parent == null || parent.isCollection()) {
        return null;
      }
      scope = parent.path();
    }
    List<String> types = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = providers + 2; i < segments.size(); i++) {
      if ((i - providers) % 2 == 0) {
        types.add(ResourceTypes.spelled(segments.get(i)));
      } else {
        names.add(segments.get(i));
      }
    }
    return new ResourceId(scope, ResourceTypes.spelled(segments.get(providers + 1)), types, names);
  }

  private static @Nullable ResourceId parseContainer(List<String> segments) {
    if (segments.isEmpty()
        || segments.size() > 4
        || !segments.get(0).equalsIgnoreCase("subscriptions")) {
      return null;
    }
    if (segments.size() <= 2) {
      List<String> names = segments.size() == 2 ? List.of(segments.get(1)) : List.of();
      return new ResourceId("", "Microsoft.Resources", List.of("subscriptions"), names);
    }
    if (!segments.get(2).equalsIgnoreCase("resourceGroups")) {
      return null;
    }
    List<String> names = segments.size() == 4 ? List.of(segments.get(3)) : List.of();
    return new ResourceId(
        "/subscriptions/" + segments.get(1),
        "Microsoft.Resources",
        List.of("resourceGroups"),
        names);
  }

  private static int lastProviders(List<String> segments) {
    for (int i = segments.size() - 1; i >= 0; i--) {
      if (segments.get(i).equalsIgnoreCase("providers")) {
        return i;
      }
    }
    return -1;
  }

  boolean isCollection() {
    return names.size() < types.size();
  }

  /** For example {@code Microsoft.Network/networkSecurityGroups/securityRules}. */
  String type() {
    return namespace + "/" + shortType();
  }

  /** The type without the namespace. */
  String shortType() {
    return String.join("/", types);
  }

  String name() {
    return names.get(names.size() - 1);
  }

  String path() {
    StringBuilder path = new StringBuilder(scope);
    if (!isContainer()) {
      path.append("/providers/").append(namespace);
    }
    for (int i = 0; i < types.size(); i++) {
      path.append('/').append(types.get(i));
      if (i < names.size()) {
        path.append('/').append(names.get(i));
      }
    }
    return path.toString();
  }

  String key() {
    return path().toLowerCase(Locale.ROOT);
  }

  boolean isContainer() {
    return namespace.equals("Microsoft.Resources");
  }

  boolean isChild() {
    return types.size() > 1;
  }

  /** The parent of a child resource, or of the children in a child collection. */
  ResourceId parent() {
    int depth = types.size() - 1;
    return new ResourceId(scope, namespace, types.subList(0, depth), names.subList(0, depth));
  }

  /** The top-level resource: what carries the ETag and what one write at a time may change. */
  ResourceId root() {
    return new ResourceId(scope, namespace, types.subList(0, 1), names.subList(0, 1));
  }

  /** The collection of this resource's children of a type. */
  ResourceId children(String type) {
    List<String> moreTypes = new ArrayList<>(types);
    moreTypes.add(type);
    return new ResourceId(scope, namespace, moreTypes, names);
  }

  ResourceId child(String type, String name) {
    List<String> moreTypes = new ArrayList<>(types);
    moreTypes.add(type);
    List<String> moreNames = new ArrayList<>(names);
    moreNames.add(name);
    return new ResourceId(scope, namespace, moreTypes, moreNames);
  }

  /** The subscription's id, or an empty text outside of any. */
  String subscription() {
    return segmentAfter("subscriptions");
  }

  /** The resource group's name, or an empty text outside of any. */
  String resourceGroup() {
    return segmentAfter("resourcegroups");
  }

  private String segmentAfter(String word) {
    String[] segments = path().split("/", -1);
    for (int i = 1; i + 1 < segments.length; i++) {
      if (segments[i].equalsIgnoreCase(word)) {
        return segments[i + 1];
      }
      if (segments[i].equalsIgnoreCase("providers")) {
        break;
      }
    }
    return "";
  }

  @Override
  public String toString() {
    return path();
  }
}
