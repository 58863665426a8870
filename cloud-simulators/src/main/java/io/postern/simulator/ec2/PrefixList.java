package io.postern.simulator.ec2;

import java.util.List;
import java.util.Map;

record PrefixList(
    String id,
    String owner,
    String name,
    boolean v6,
    int maxEntries,
    int version,
    List<Entry> entries,
    Map<String, String> tags)
    implements Resource {

  record Entry(String cidr, String description) {}

  boolean contains(Cidr address) {
    return entries.stream().anyMatch(entry -> Cidr.block(entry.cidr()).contains(address));
  }

  PrefixList withTags(Map<String, String> newTags) {
    return new PrefixList(id, owner, name, v6, maxEntries, version, entries, newTags);
  }
}
