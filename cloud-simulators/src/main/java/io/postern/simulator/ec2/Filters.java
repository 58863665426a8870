package io.postern.simulator.ec2;

import java.util.List;

/** The filters of one call: all of them must match, each by any of its values. */
record Filters<T>(List<Filter<T>> all) {

  record Filter<T>(String name, FilterSet.Attribute<T> attribute, List<String> patterns) {

    boolean matches(Region region, T resource) {
      for (String value : attribute.of(region, resource)) {
        for (String pattern : patterns) {
          if (Wildcard.matches(pattern, value)) {
            return true;
          }
        }
      }
      return false;
    }
  }

  boolean matches(Region region, T resource) {
    for (Filter<T> filter : all) {
      if (!filter.matches(region, resource)) {
        return false;
      }
    }
    return true;
  }

  /** The values of a filter when they are plain ids, else an empty list. */
  List<String> exact(String name) {
    return all.stream()
        .filter(filter -> filter.name().equals(name))
        .findFirst()
        .map(Filter::patterns)
        .filter(patterns -> patterns.stream().noneMatch(p -> p.contains("*") || p.contains("?")))
        .orElse(List.of());
  }
}
