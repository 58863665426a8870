package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The filters that an action knows, with how to get their values from a resource. */
final class FilterSet<T extends Resource> {

  /** The values of a resource under a filter's name. */
  interface Attribute<T> {
    Collection<String> of(Region region, T resource);
  }

  private final Map<String, Attribute<T>> attributes = new HashMap<>();

  FilterSet() {
    add("tag-key", (region, resource) -> resource.tags().keySet());
    add("owner-id", (region, resource) -> List.of(resource.owner()));
  }

  FilterSet<T> add(String name, Attribute<T> attribute) {
    attributes.put(name, attribute);
    return this;
  }

  /**
   * @throws Ec2Error for a filter that is not known: a filter that is ignored would answer too much
   */
  Filters<T> parse(Parameters in) {
    List<Filters.Filter<T>> filters = new ArrayList<>();
    for (Parameters filter : in.structures("Filter")) {
      String name = filter.required("Name");
      filters.add(new Filters.Filter<>(name, attribute(name), filter.list("Value")));
    }
    return new Filters<>(filters);
  }

  private Attribute<T> attribute(String name) {
    if (name.startsWith("tag:")) {
      String key = name.substring("tag:".length());
      return (region, resource) -> {
        String value = resource.tags().get(key);
        return value == null ? List.of() : List.of(value);
      };
    }
    Attribute<T> attribute = attributes.get(name);
    if (attribute == null) {
      throw Ec2Error.invalid("The filter '" + name + "' is invalid");
    }
    return attribute;
  }
}
