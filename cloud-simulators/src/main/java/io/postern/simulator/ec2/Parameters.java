package io.postern.simulator.ec2;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The flat parameters of an EC2 query ({@code IpPermissions.1.IpRanges.2.CidrIp}), read as
 * structures. It remembers what nobody has read, so that an unknown parameter is refused and never
 * ignored.
 */
final class Parameters {
  private final NavigableMap<String, String> values;
  private final Set<String> unread;
  private final String prefix;

  private Parameters(NavigableMap<String, String> values, Set<String> unread, String prefix) {
    this.values = values;
    this.unread = unread;
    this.prefix = prefix;
  }

  /** Takes over a decoded form without {@code Action} and {@code Version}. */
  static Parameters of(Map<String, String> form) {
    TreeMap<String, String> values = new TreeMap<>(form);
    values.remove("Action");
    values.remove("Version");
    return new Parameters(values, new HashSet<>(values.keySet()), "");
  }

  @Nullable String text(String name) {
    String key = prefix + name;
    unread.remove(key);
    return values.get(key);
  }

  String text(String name, String otherwise) {
    String value = text(name);
    return value == null ? otherwise : value;
  }

  String required(String name) {
    String value = text(name);
    if (value == null || value.isEmpty()) {
      throw Ec2Error.missing(prefix + name);
    }
    return value;
  }

  @Nullable Integer number(String name) {
    String value = text(name);
    if (value == null) {
      return null;
    }
    try {
      return Integer.valueOf(value);
    } catch (NumberFormatException e) {
      throw Ec2Error.invalid("Invalid value '" + value + "' for " + name + ": not an integer.");
    }
  }

  int number(String name, int otherwise) {
    Integer value = number(name);
    return value == null ? otherwise : value;
  }

  boolean flag(String name, boolean otherwise) {
    String value = text(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
      throw Ec2Error.invalid("Invalid value '" + value + "' for boolean " + name);
    }
    return value.equalsIgnoreCase("true");
  }

  /** {@code name.1}, {@code name.2} and so on. */
  List<String> list(String name) {
    List<String> found = new ArrayList<>();
    for (int i = 1; ; i++) {
      String value = text(name + "." + i);
      if (value == null) {
        return found;
      }
      found.add(value);
    }
  }

  /** {@code name.1.*}, {@code name.2.*} and so on. */
  List<Parameters> structures(String name) {
    List<Parameters> found = new ArrayList<>();
    for (int i = 1; has(name + "." + i); i++) {
      found.add(structure(name + "." + i));
    }
    return found;
  }

  Parameters structure(String name) {
    return new Parameters(values, unread, prefix + name + ".");
  }

  boolean has(String name) {
    String start = prefix + name + ".";
    String next = values.ceilingKey(start);
    return next != null && next.startsWith(start);
  }

  /** A list of Key and Value pairs, checked as EC2 checks tags. */
  Map<String, String> tags(String name) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (Parameters tag : structures(name)) {
      Tags.put(tags, tag.required("Key"), tag.text("Value", ""));
    }
    return tags;
  }

  /** Refuses the call when it carries a parameter that the action has not asked for. */
  void refuseUnread() {
    if (!unread.isEmpty()) {
      throw Ec2Error.of(
          "UnknownParameter",
          "The parameter " + new java.util.TreeSet<>(unread).first() + " is not recognized");
    }
  }
}
