package io.postern.simulator.ec2;

import java.util.Map;
import java.util.TreeMap;

/** The rules that tags go by: 50 for a resource, key up to 128, value up to 256 characters. */
final class Tags {
  private static final int PER_RESOURCE = 50;

  private Tags() {}

  static void put(Map<String, String> tags, String key, String value) {
    if (key.length() > 128 || value.length() > 256) {
      throw Ec2Error.invalid("Tag key or value is too long: " + key);
    }
    if (key.regionMatches(true, 0, "aws:", 0, 4)) {
      throw Ec2Error.invalid("Tag keys starting with 'aws:' are reserved for internal use");
    }
    if (tags.put(key, value) != null) {
      throw Ec2Error.invalid("Duplicate tag key '" + key + "' specified.");
    }
  }

  static Map<String, String> merged(Map<String, String> old, Map<String, String> added) {
    Map<String, String> tags = new TreeMap<>(old);
    tags.putAll(added);
    if (tags.size() > PER_RESOURCE) {
      throw Ec2Error.of("TagLimitExceeded", "More than " + PER_RESOURCE + " tags on a resource");
    }
    return tags;
  }

  /** The tags that TagSpecification.N gives for a resource type; other types are refused. */
  static Map<String, String> specified(Parameters in, String... types) {
    Map<String, String> tags = new TreeMap<>();
    for (Parameters specification : in.structures("TagSpecification")) {
      String type = specification.required("ResourceType");
      Map<String, String> given = specification.tags("Tag");
      if (!java.util.List.of(types).contains(type)) {
        throw Ec2Error.invalid("'" + type + "' is not a valid taggable resource type here.");
      }
      if (type.equals(types[0])) {
        tags = merged(tags, given);
      }
    }
    return tags;
  }

  static void write(Xml out, Map<String, String> tags) {
    if (!tags.isEmpty()) {
      out.list(
          "tagSet",
          tags.entrySet(),
          tag -> out.text("key", tag.getKey()).text("value", tag.getValue()));
    }
  }
}
